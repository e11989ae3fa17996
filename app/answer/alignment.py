"""Sixth stage: a draft and its sources -> the quotes that support each of its sentences. No model is asked.

Score of a sentence and a sentence of the sources = 0.5 * the share of its content words found there + 0.5 * the cosine
of the two. A sentence is supported if

- its best score reaches ``THRESHOLD``,
- the one or two quotes hold its numbers and names, and most of the words that it adds to the question,
- the first quote holds all of its codes ("P3-E11"), and
- no rule objects.

docs/answers.md says how the constants were chosen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.answer.draft import Draft
from app.answer.question import Question
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import ClaimCase, SupportCase
from app.answer.rules.rulebook import RULES, Rulebook
from app.answer.rules.text_features import codes, content_words, names, numbers, source_tokens
from app.answer.services import Services
from core.protocols import Embedder
from core.types import AnswerSentence, Citation
from index.relatedness import relatedness

THRESHOLD = 0.55
"""Score in 0..1 from which a sentence is supported."""

WORDS_WEIGHT = 0.5
"""Share of the words in the score; the rest is the cosine."""

NEW_WORDS_COVERAGE = 0.6
"""Least share of a sentence's new words, those that are not in the question, that the quotes must hold."""

SECOND_QUOTE_THRESHOLD = 0.35
"""Score in 0..1 from which a second sentence may be quoted, for numbers and names that the first one lacks."""

MOST_SOURCE_SENTENCES = 24
"""Most sentences of the sources that are embedded, those with most words in common first: 0.1 s on two cores."""

_MARK = re.compile(r"\s*(?:\[\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\]|\((?:see )?sources? \d[\d, and]*\))", re.IGNORECASE)

_MARKER = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.):]|\(?[a-z][.)])\s*")
"""What begins an item of a list."""


@dataclass(frozen=True, slots=True)
class AlignedDraft:
    """The text of a draft, and its sentences with the quotes that support them.

    ``declined`` is True if the model says that it has no answer; a model that only phrases then has no sentences.
    """

    text: str
    sentences: tuple[AnswerSentence, ...]
    declined: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _SourceSentence:
    """A sentence of a source, with its features.

    ``words`` are the stems of its content words; ``exact`` are these and its numbers, together with
    the stems and numbers of the file's name and of what it stands under; ``codes`` are its codes ("p3-e11").
    """

    citation: Citation
    words: frozenset[str]
    exact: frozenset[str]
    codes: frozenset[str]


def align_draft(draft: Draft, question: Question, services: Services) -> AlignedDraft:
    """The draft with the quotes that support each of its sentences."""
    text = without_marks(draft.text)
    declined = not draft.cancelled and first_ruling(services.rules.draft_declines, text) is not None
    if declined and services.phrases_only:
        return AlignedDraft(text, (), declined=True)
    sentences = align(text, draft.sources, services.embedder, question.search_text, services.rules)
    return AlignedDraft(text, sentences, declined=declined, cancelled=draft.cancelled)


def align(
    text: str, sources: Sequence[Citation], embedder: Embedder, question: str = "", rules: Rulebook = RULES
) -> tuple[AnswerSentence, ...]:
    """Each sentence of ``text`` with the quotes from ``sources`` that support it: at most two, best first.

    ``sources`` are what the model read. Words of the ``question`` count as repeated, not as claimed: "the rent" in an
    answer to "How much is the rent?". A quote has exact character positions and the page of its source.
    """
    from ingest.sentences import sentence_spans

    plain = without_marks(text)
    sentences = [plain[start:end] for start, end in with_markers(plain, sentence_spans(plain))]
    stems = [content_words(sentence) for sentence in sentences]
    candidates = [candidate for source in sources for candidate in _source_sentences(source)]
    candidates = sorted(
        candidates, key=lambda candidate: -max((len(words & candidate.words) for words in stems), default=0)
    )
    candidates = candidates[:MOST_SOURCE_SENTENCES]
    if not sentences:
        return ()
    if not candidates:
        return tuple(AnswerSentence(sentence, ()) for sentence in sentences)
    vectors = embedder.embed_passages(sentences + [candidate.citation.quote for candidate in candidates])
    of_sentences, of_candidates = vectors[: len(sentences)], vectors[len(sentences) :]
    known = frozenset[str]().union(
        *(source_tokens(f"{source.heading} {source.columns} {source.quote} {source.file}") for source in sources)
    )
    aligned = []
    for sentence, vector in zip(sentences, of_sentences, strict=True):
        quotes: tuple[Citation, ...] = ()
        if not first_ruling(rules.claim_objections, ClaimCase(sentence, question, known)):
            near = relatedness(of_candidates @ vector, embedder, "passages")
            quotes = _support(sentence, question, candidates, near, rules)
        aligned.append(AnswerSentence(sentence, quotes))
    return tuple(aligned)


def with_markers(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences of ``text``, where an item's number or dot ("2.", "-") belongs to the sentence after it."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and _MARKER.fullmatch(text[slice(*found[-1])]):
            start = found.pop()[0]
        found.append((start, end))
    return found


def without_marks(text: str) -> str:
    """The text without marks such as "[2]" or "(Source 1)": the citations are computed, not taken from the model."""
    return _MARK.sub("", text).strip()


def _source_sentences(source: Citation) -> list[_SourceSentence]:
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
            _SourceSentence(
                cited,
                frozenset(content_words(quote)),
                frozenset(content_words(known) | numbers(known)),
                frozenset(codes(quote)),
            )
        )
    return candidates


def _support(
    sentence: str, question: str, candidates: Sequence[_SourceSentence], cosines: NDArray[np.float32], rules: Rulebook
) -> tuple[Citation, ...]:
    """The one or two quotes that support ``sentence``, () if none do. ``cosines`` has shape (len(candidates),)."""
    words = content_words(sentence)
    if not words:
        return ()
    scores = [_score(words, candidate, float(cosine)) for candidate, cosine in zip(candidates, cosines, strict=True)]
    ranked = sorted(range(len(candidates)), key=lambda at: -scores[at])
    near = [at for at in ranked if scores[at] >= SECOND_QUOTE_THRESHOLD]
    quoted = _covering(sentence, near, candidates)
    if not quoted or scores[quoted[0]] < THRESHOLD:
        return ()
    claim = (words - content_words(question)) or words
    if len(claim & set().union(*(candidates[at].words for at in quoted))) < NEW_WORDS_COVERAGE * len(claim):
        return ()
    quotes = tuple(replace(candidates[at].citation, score=round(scores[at], 4)) for at in quoted)
    case = SupportCase(sentence, question, quotes, tuple(candidate.citation for candidate in candidates))
    return () if first_ruling(rules.support_objections, case) else quotes


def _covering(sentence: str, ranked: Sequence[int], candidates: Sequence[_SourceSentence]) -> list[int]:
    """The indices of the one or two candidates that together hold all figures and names of a sentence; [] if none do.

    ``ranked`` are indices of ``candidates``, best first. The first quote is the best one that holds all codes of the
    sentence and one of its figures, if it has any: without a figure it may be about another one. The second quote is
    only added for what the first one lacks. It must hold no other codes: else "P3-E07 means leak" would be supported
    by a row of P3-E07 and the row of another code that means leak.
    """
    figures, named, coded = numbers(sentence), names(sentence), codes(sentence)

    def holds_codes(candidate: _SourceSentence) -> bool:
        return coded - codes(candidate.citation.file) <= candidate.codes

    able = (at for at in ranked if holds_codes(candidates[at]) and (not figures or figures & candidates[at].exact))
    first = next(able, None)
    if first is None:
        return []
    missing = (figures | named) - candidates[first].exact
    if not missing:
        return [first]
    others = (at for at in ranked if at != first and (not coded or candidates[at].codes <= coded))
    second = next((at for at in others if missing <= candidates[at].exact), None)
    return [] if second is None else [first, second]


def _score(words: set[str], candidate: _SourceSentence, cosine: float) -> float:
    """How well a candidate supports a sentence with these content words, 0..1."""
    covered = len(words & candidate.words) / len(words)
    return WORDS_WEIGHT * covered + (1 - WORDS_WEIGHT) * min(1.0, max(0.0, cosine))
