"""Second stage: passages -> evidence: the best sentences, and the words in them that answer. No chat model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.answer.citations import overlap
from app.answer.page_layout import with_columns
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.rules.base import RankingCase
from app.answer.rules.passage_features import columns_of
from app.answer.rules.rulebook import RULES, Rulebook
from app.answer.services import Services
from app.answer.statements import Differing
from core.errors import ModelError
from core.protocols import Embedder
from core.types import AnswerForm, AnswerWords, Citation, Passage
from index.bundled import BUNDLED_NAME
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences

if TYPE_CHECKING:
    from index.reader.span_reader import ReadsSpans

EVIDENCE = 3
"""Sentences shown, and read by a model that only phrases: three hold the answer to 88 of 100 questions, one to 80."""


LOOKED_AT = 3
"""Sentences that are looked at for each that is shown: one may overlap another."""

POINTED_AT: frozenset[AnswerForm | None] = frozenset(("plain", "list", None))
"""Forms of questions that words of a text can answer; a reason, a manner or yes and no cannot be pointed at."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the documents say about a question.

    - ``sentences``: best first; none of them overlap.
    - ``words``: the words in the first sentence that answer; None if the span reader found none.
    - ``answerable``: the span reader's probability in 0..1 that the documents answer; None if it did not read.
    - ``score``: the best sentence's score in 0..1, without the span reader's share.
    - ``is_enough``: whether this is enough for an answer, as ``app.answer.answerability`` decides.
    - ``notes``: lines for the person.
    - ``ranked``: all sentences that were ranked, best first.
    - ``differing``: what documents say differently of what was asked; None where they do not.
    """

    sentences: tuple[Citation, ...]
    words: AnswerWords | None = None
    answerable: float | None = None
    score: float = 0.0
    is_enough: bool = False
    notes: tuple[str, ...] = ()
    ranked: tuple[Citation, ...] = ()
    differing: Differing | None = None


def gather_evidence(question: Question, retrieved: RetrievedPassages, services: Services) -> Evidence:
    """The evidence in the readable passages; rows of figures get their column names.

    If the span reader cannot be loaded, a note says so and the sentences are ranked without it.
    """
    span_reader, notes = _span_reader(services)
    found = find_evidence(
        question.search_text,
        retrieved.readable,
        services.embedder,
        span_reader,
        rules=services.rules,
    )
    sentences = with_columns(found.sentences, retrieved.documents)
    return replace(found, sentences=sentences, words=found.words if question.form in POINTED_AT else None, notes=notes)


def find_evidence(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder,
    span_reader: ReadsSpans | None = None,
    limit: int = EVIDENCE,
    *,
    rules: Rulebook = RULES,
) -> Evidence:
    """The ``limit`` sentences that answer best, and the words in the first that do; rows with their columns' names.

    Without a ``span_reader`` no words are found.
    """
    by_words = rank_sentences(question, passages, embedder, MOST_SENTENCES)
    ranked = rules.ordered(RankingCase(question, by_words, tuple(passages)))
    if not ranked:
        return Evidence(())
    score, read = ranked[0].score, None
    if span_reader is not None:
        from index.reader.span_evidence import read_span_evidence

        cosines = embedder.name == BUNDLED_NAME
        read = read_span_evidence(question, passages, ranked, span_reader, cosines=cosines)
        ranked = rules.ordered(RankingCase(question, read.sentences, tuple(passages)))
    rows = tuple(replace(one, columns=columns_of(one, passages)) for one in ranked[: LOOKED_AT * limit])
    sentences = _without_overlaps(rules.in_context(RankingCase(question, rows, tuple(passages))), limit)
    words = next((words for words in read.words if holds_words(sentences[0], words)), None) if read else None
    return Evidence(sentences, words, read.answerable if read else None, score, ranked=ranked)


def holds_words(sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words are inside the quote."""
    return sentence.document_id == words.document_id and sentence.start <= words.start and words.end <= sentence.end


def _without_overlaps(ranked: Sequence[Citation], limit: int) -> tuple[Citation, ...]:
    """The first ``limit`` sentences; those that overlap a better one are skipped."""
    chosen: list[Citation] = []
    for citation in ranked:
        if len(chosen) < limit and not any(overlap(citation, other) for other in chosen):
            chosen.append(citation)
    return tuple(chosen)


def _span_reader(services: Services) -> tuple[ReadsSpans | None, tuple[str, ...]]:
    """The span reader and no notes, or None and the note that says why it could not be loaded."""
    try:
        return (services.load_span_reader() if services.load_span_reader else None), ()
    except ModelError as error:
        return None, (str(error),)
