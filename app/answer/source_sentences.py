"""The sentences of what a model read, with their features, and how near each is to a sentence of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.answer.rules.text_features import codes, content_words, numbers
from core.protocols import Embedder
from core.types import Citation
from index.relatedness import relatedness

WORDS_WEIGHT = 0.5
"""Share of the words in the score; the rest is the cosine."""

MOST = 24
"""Most sentences of the sources that are embedded, those with most words in common first: 0.1 s on two cores."""


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of a source, with its features.

    ``words`` are the stems of its content words; ``exact`` are these and its numbers, together with the stems and
    numbers of the file's name and of what it stands under; ``codes`` are its codes ("p3-e11"). ``heading`` is what it
    stands under.
    """

    citation: Citation
    words: frozenset[str]
    exact: frozenset[str]
    codes: frozenset[str]
    heading: str = ""


def nearest_first(sentences: Sequence[str], sources: Sequence[Citation]) -> list[SourceSentence]:
    """The sentences of ``sources`` with most words of any of ``sentences``, at most ``MOST`` of them, each once.

    Of equals the earlier come first: where whole documents were read, what was repeated of them.
    """
    stems = [content_words(sentence) for sentence in sentences]
    by_place: dict[tuple[str, int, int], SourceSentence] = {}
    for candidate in (candidate for source in sources for candidate in source_sentences(source)):
        cited = candidate.citation
        by_place.setdefault((cited.document_id, cited.start, cited.end), candidate)
    candidates = list(by_place.values())
    candidates.sort(key=lambda candidate: -max((len(words & candidate.words) for words in stems), default=0))
    return candidates[:MOST]


def source_sentences(source: Citation) -> list[SourceSentence]:
    """The sentences of one source, in its order; their citations have exact character positions."""
    from ingest.sentences import LONGEST, sentence_spans

    # The splitter sees by the lines around a sentence that it is wrapped, and a short quote has lost them: its line
    # breaks become spaces here. Not in tables, whose lines are rows, and not in long passages.
    wrapped = len(source.quote) <= LONGEST and "|" not in source.quote and "\t" not in source.quote
    whole = source.quote.replace("\n", " ") if wrapped else source.quote
    candidates = []
    for start, end in sentence_spans(whole):
        quote = source.quote[start:end]
        cited = replace(source, quote=quote, start=source.start + start, end=source.start + end, heading="")
        known = f"{quote} {source.heading} {source.file}"
        candidates.append(
            SourceSentence(
                cited,
                frozenset(content_words(quote)),
                frozenset(content_words(known) | numbers(known)),
                frozenset(codes(quote)),
                source.heading,
            )
        )
    return candidates


def scores(sentences: Sequence[str], candidates: Sequence[SourceSentence], embedder: Embedder) -> NDArray[np.float64]:
    """How well each candidate supports each sentence, 0..1, of shape (len(sentences), len(candidates)).

    0.5 * the share of the sentence's content words that the candidate holds + 0.5 * the cosine of the two.
    """
    vectors = embedder.embed_passages([*sentences, *(candidate.citation.quote for candidate in candidates)])
    cosines = vectors[: len(sentences)] @ vectors[len(sentences) :].T
    near = np.clip(relatedness(cosines, embedder, "passages"), 0.0, 1.0)
    covered = np.zeros(near.shape)
    for row, sentence in enumerate(sentences):
        if words := content_words(sentence):
            covered[row] = [len(words & candidate.words) / len(words) for candidate in candidates]
    return WORDS_WEIGHT * covered + (1 - WORDS_WEIGHT) * near
