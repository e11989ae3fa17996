"""Sixth stage: a draft and its sources -> the quotes that support each of its sentences.

A model that reads is asked itself (`app.answer.support`). The draft of one that only phrases is compared by the scores
of `app.answer.source_sentences`: a sentence is supported if

- its best score reaches ``THRESHOLD``,
- the one or two quotes hold its numbers and names, and most of the words that it adds to the question,
- the first quote holds all of its codes ("P3-E11"), and
- no rule objects.

docs/answers.md says how the constants were chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.answer.draft import Draft
from app.answer.draft_sentences import sentences_of, without_marks
from app.answer.question import Question
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import ClaimCase, SupportCase
from app.answer.rules.rulebook import RULES, Rulebook
from app.answer.rules.text_features import codes, content_words, names, numbers, source_tokens
from app.answer.services import Services
from app.answer.source_sentences import SourceSentence, nearest_first, scores
from app.answer.support import Judge, supported_sentences
from core.protocols import Embedder
from core.types import AnswerSentence, Citation

THRESHOLD = 0.55
"""Score in 0..1 from which a sentence is supported."""

NEW_WORDS_COVERAGE = 0.6
"""Least share of a sentence's new words, those that are not in the question, that the quotes must hold."""

SECOND_QUOTE_THRESHOLD = 0.35
"""Score in 0..1 from which a second sentence may be quoted, for numbers and names that the first one lacks."""


@dataclass(frozen=True, slots=True)
class AlignedDraft:
    """The text of a draft, and its sentences with the quotes that support them.

    ``declined`` is True if the model says that it has no answer; a model that only phrases then has no sentences.
    """

    text: str
    sentences: tuple[AnswerSentence, ...]
    declined: bool = False
    cancelled: bool = False


def align_draft(draft: Draft, question: Question, services: Services) -> AlignedDraft:
    """The draft with the quotes that support each of its sentences."""
    text = without_marks(draft.text)
    declined = not draft.cancelled and first_ruling(services.rules.draft_declines, text) is not None
    if declined and services.phrases_only:
        return AlignedDraft(text, (), declined=True)
    return AlignedDraft(text, _supported(text, draft, question, services), declined, draft.cancelled)


def _supported(text: str, draft: Draft, question: Question, services: Services) -> tuple[AnswerSentence, ...]:
    engine = services.engine
    if engine is None or services.phrases_only:
        return align(text, draft.sources, services.embedder, question.search_text, services.rules)
    judge = None if draft.cancelled else Judge(engine, question.search_text, question.cancel)
    return supported_sentences(text, draft.sources, question.search_text, services.embedder, judge)


def align(
    text: str, sources: Sequence[Citation], embedder: Embedder, question: str = "", rules: Rulebook = RULES
) -> tuple[AnswerSentence, ...]:
    """Each sentence of ``text`` with the quotes from ``sources`` that support it: at most two, best first.

    ``sources`` are what the model read. Words of the ``question`` count as repeated, not as claimed: "the rent" in an
    answer to "How much is the rent?". A quote has exact character positions and the page of its source.
    """
    sentences = sentences_of(text)
    candidates = nearest_first(sentences, sources)
    if not sentences or not candidates:
        return tuple(AnswerSentence(sentence, ()) for sentence in sentences)
    known = frozenset[str]().union(
        *(source_tokens(f"{source.heading} {source.columns} {source.quote} {source.file}") for source in sources)
    )
    aligned = []
    for sentence, near in zip(sentences, scores(sentences, candidates, embedder), strict=True):
        quotes: tuple[Citation, ...] = ()
        if not first_ruling(rules.claim_objections, ClaimCase(sentence, question, known)):
            quotes = _support(sentence, question, candidates, near, rules)
        aligned.append(AnswerSentence(sentence, quotes))
    return tuple(aligned)


def _support(
    sentence: str, question: str, candidates: Sequence[SourceSentence], scores: NDArray[np.float64], rules: Rulebook
) -> tuple[Citation, ...]:
    """The one or two quotes that support ``sentence``, () if none do. ``scores`` has shape (len(candidates),)."""
    words = content_words(sentence)
    if not words:
        return ()
    ranked = sorted(range(len(candidates)), key=lambda at: -scores[at])
    near = [at for at in ranked if scores[at] >= SECOND_QUOTE_THRESHOLD]
    quoted = _covering(sentence, near, candidates)
    if not quoted or scores[quoted[0]] < THRESHOLD:
        return ()
    claim = (words - content_words(question)) or words
    if len(claim & set().union(*(candidates[at].words for at in quoted))) < NEW_WORDS_COVERAGE * len(claim):
        return ()
    quotes = tuple(replace(candidates[at].citation, score=round(float(scores[at]), 4)) for at in quoted)
    case = SupportCase(sentence, question, quotes, tuple(candidate.citation for candidate in candidates))
    return () if first_ruling(rules.support_objections, case) else quotes


def _covering(sentence: str, ranked: Sequence[int], candidates: Sequence[SourceSentence]) -> list[int]:
    """The indices of the one or two candidates that together hold all figures and names of a sentence; [] if none do.

    ``ranked`` are indices of ``candidates``, best first. The first quote is the best one that holds all codes of the
    sentence and one of its figures, if it has any: without a figure it may be about another one. The second quote is
    only added for what the first one lacks. It must hold no other codes: else "P3-E07 means leak" would be supported
    by a row of P3-E07 and the row of another code that means leak.
    """
    figures, named, coded = numbers(sentence), names(sentence), codes(sentence)

    def holds_codes(candidate: SourceSentence) -> bool:
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
