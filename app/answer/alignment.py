"""Sixth stage: a draft and its sources -> what supports each sentence of it. Computed, never asked of the model.

A sentence is aligned with the sentence of the sources that shares most with it: half the share of its content words
found there, half the cosine of the two. It is supported where that score reaches ``THRESHOLD``, where its numbers,
names and most of what it adds to the question stand in what is quoted, its codes ("P3-E11") all in the first quote,
and where no rule objects. docs/answers.md says how the constants were chosen.
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
from app.answer.rules.text_features import codes, content_words, names, numbers, told
from app.answer.services import Services
from core.protocols import Embedder
from core.types import AnswerSentence, Citation

THRESHOLD = 0.55
"""Score in 0..1 from which a sentence is supported."""

WORDS_WEIGHT = 0.5
"""Share of the words in the score; the rest is the cosine."""

CLAIM = 0.6
"""Share of the words that a sentence adds to the question which must stand in what is quoted."""

SECOND_QUOTE = 0.35
"""Score in 0..1 from which a second sentence may be quoted for the numbers and names that the best one lacks."""

MOST_UNITS = 24
"""Sentences of the sources that are embedded, those with most words in common first: 0.1 s on two cores."""

_MARK = re.compile(r"\s*(?:\[\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\]|\((?:see )?sources? \d[\d, and]*\))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AlignedDraft:
    """A draft without the marks that the model wrote, sentence by sentence with what supports it.

    ``declined``: the model says that it has no answer, so that its sentences were not aligned.
    """

    text: str
    sentences: tuple[AnswerSentence, ...]
    declined: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence of a source, and what of it can be compared: stems, figures and names as written, codes."""

    citation: Citation
    words: frozenset[str]
    exact: frozenset[str]
    codes: frozenset[str]


def align_draft(draft: Draft, question: Question, services: Services) -> AlignedDraft:
    """The draft's sentences, each with the quotes that support it."""
    text = without_marks(draft.text)
    if not draft.cancelled and first_ruling(services.rules.decline, text):
        return AlignedDraft(text, (), declined=True)
    sentences = align(text, draft.sources, services.embedder, question.searched, services.rules)
    return AlignedDraft(text, sentences, cancelled=draft.cancelled)


def align(
    text: str, sources: Sequence[Citation], embedder: Embedder, question: str = "", rules: Rulebook = RULES
) -> tuple[AnswerSentence, ...]:
    """Each sentence of ``text`` with the exact spans of the sources that support it, best first; at most two.

    ``sources`` are what the model read. A quote's place is its source's place. ``question``, where there is one, tells
    what a sentence claims from what it only repeats.
    """
    from ingest.sentences import sentence_spans

    plain = without_marks(text)
    sentences = [plain[start:end] for start, end in sentence_spans(plain)]
    stems = [content_words(sentence) for sentence in sentences]
    units = [unit for source in sources for unit in _units(source)]
    units = sorted(units, key=lambda unit: -max((len(words & unit.words) for words in stems), default=0))
    units = units[:MOST_UNITS]
    if not sentences:
        return ()
    if not units:
        return tuple(AnswerSentence(sentence, ()) for sentence in sentences)
    vectors = embedder.embed_passages(sentences + [unit.citation.quote for unit in units])
    of_sentences, of_units = vectors[: len(sentences)], vectors[len(sentences) :]
    known = frozenset[str]().union(*(told(f"{source.quote} {source.columns} {source.file}") for source in sources))
    aligned = []
    for sentence, vector in zip(sentences, of_sentences, strict=True):
        made_up = first_ruling(rules.claim, ClaimCase(sentence, question, known))
        quotes = () if made_up else _support(sentence, question, units, of_units @ vector, rules)
        aligned.append(AnswerSentence(sentence, quotes))
    return tuple(aligned)


def without_marks(text: str) -> str:
    """The text without marks such as "[2]" or "(Source 1)" that a model wrote by itself: they prove nothing."""
    return _MARK.sub("", text).strip()


def _units(source: Citation) -> list[_Unit]:
    from ingest.sentences import LONGEST, sentence_spans

    # A quoted sentence that was wrapped has lost the lines around it that told so; rows of a table are no such lines.
    wrapped = len(source.quote) <= LONGEST and "|" not in source.quote and "\t" not in source.quote
    whole = source.quote.replace("\n", " ") if wrapped else source.quote
    units = []
    for start, end in sentence_spans(whole):
        quote = source.quote[start:end]
        cited = replace(source, quote=quote, start=source.start + start, end=source.start + end)
        known = f"{quote} {source.file}"
        units.append(
            _Unit(
                cited,
                frozenset(content_words(quote)),
                frozenset(content_words(known) | numbers(known)),
                frozenset(codes(quote)),
            )
        )
    return units


def _support(
    sentence: str, question: str, units: Sequence[_Unit], cosines: NDArray[np.float32], rules: Rulebook
) -> tuple[Citation, ...]:
    """The one or two units that support ``sentence``; () where none does. ``cosines`` has shape (len(units),)."""
    words = content_words(sentence)
    if not words:
        return ()
    scores = [_score(words, unit, float(cosine)) for unit, cosine in zip(units, cosines, strict=True)]
    ranked = sorted(range(len(units)), key=lambda at: -scores[at])
    near = [at for at in ranked if scores[at] >= SECOND_QUOTE]
    quoted = _quoted(sentence, near, units)
    if not quoted or scores[quoted[0]] < THRESHOLD:
        return ()
    claim = (words - content_words(question)) or words
    if len(claim & set().union(*(units[at].words for at in quoted))) < CLAIM * len(claim):
        return ()
    quotes = tuple(replace(units[at].citation, score=round(scores[at], 4)) for at in quoted)
    case = SupportCase(sentence, question, quotes, tuple(unit.citation for unit in units))
    return () if first_ruling(rules.support, case) else quotes


def _quoted(sentence: str, ranked: Sequence[int], units: Sequence[_Unit]) -> list[int]:
    """The best one or two units that hold all figures and names of a sentence; none where they are not to be had.

    The first must hold a figure, if there are any: else it says the same of another figure. It must hold all codes,
    and the second no other ones: two rows of a table joined into one sentence say what neither says.
    """
    figures, named, coded = numbers(sentence), names(sentence), codes(sentence)

    def holds_codes(unit: _Unit) -> bool:
        return coded - codes(unit.citation.file) <= unit.codes

    able = (at for at in ranked if holds_codes(units[at]) and (not figures or figures & units[at].exact))
    first = next(able, None)
    if first is None:
        return []
    missing = (figures | named) - units[first].exact
    if not missing:
        return [first]
    others = (at for at in ranked if at != first and (not coded or units[at].codes <= coded))
    second = next((at for at in others if missing <= units[at].exact), None)
    return [] if second is None else [first, second]


def _score(words: set[str], unit: _Unit, cosine: float) -> float:
    """How well a unit supports a sentence of ``words``, 0..1."""
    covered = len(words & unit.words) / len(words)
    return WORDS_WEIGHT * covered + (1 - WORDS_WEIGHT) * min(1.0, max(0.0, cosine))
