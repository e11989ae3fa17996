"""Second stage: passages -> evidence, the sentences and the words in them that answer, before any model reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.answer.citations import overlap
from app.answer.page_layout import with_columns, without_furniture
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.rules.base import first_ruling, rulings
from app.answer.rules.cases import DocumentsCase, EvidenceCase, QuestionCase, RankingCase, SentenceCase, WordsCase
from app.answer.rules.rulebook import RULES, Rulebook
from app.answer.services import Services
from core.errors import ModelError
from core.protocols import Embedder
from core.types import AnswerWords, Citation, Passage
from index.bundled import BUNDLED_NAME
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences

if TYPE_CHECKING:
    from index.reader.span_reader import SpanReader

EVIDENCE = 3
"""Sentences shown and given to a small model: the best three held the answer for 88 of 100 questions, one for 80."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the documents say to a question.

    ``sentences`` are best first, without overlaps; ``words`` those in the first one that answer, None where the span
    reader points at none. ``answerable`` is its probability in 0..1 that the documents answer, None where it did not
    read. ``score`` in 0..1 is the best sentence's without the span reader's share. ``tells`` is False where a rule
    objects to the best sentence. ``whole`` is True where the first quote is a section of steps, of which no part
    answers by itself. ``answers``: whether all that is enough for an answer, as ``app.answer.answerability`` decides.
    ``notes`` are lines for the person.
    """

    sentences: tuple[Citation, ...]
    words: AnswerWords | None = None
    answerable: float | None = None
    score: float = 0.0
    tells: bool = True
    whole: bool = False
    answers: bool = False
    notes: tuple[str, ...] = ()


def gather_evidence(question: Question, retrieved: RetrievedPassages, services: Services) -> Evidence:
    """The evidence of the retrieved passages, without running headers, and rows of figures below their columns.

    Where the span reader cannot be loaded a note says so, and the ranking goes without it.
    """
    span_reader, notes = _span_reader(services)
    quotable = without_furniture(retrieved.readable, retrieved.documents)
    found = find_evidence(
        question.searched,
        quotable,
        services.embedder,
        span_reader,
        texts=retrieved.texts,
        rules=services.rules,
    )
    return replace(found, sentences=with_columns(found.sentences, retrieved.documents), notes=notes)


def find_evidence(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder,
    span_reader: SpanReader | None = None,
    limit: int = EVIDENCE,
    *,
    texts: Mapping[str, str] | None = None,
    rules: Rulebook = RULES,
) -> Evidence:
    """The ``limit`` sentences that answer best, each with the neighbour that it needs, and the words in them that do.

    ``span_reader`` None ranks without it. ``texts`` are the whole documents by id, where they are at hand: rows of
    figures in documents about somebody else than the question names are no answer.
    """
    about_others = rulings(rules.foreign, DocumentsCase(question, texts or {}))
    foreign = frozenset[str]().union(*(ruling.outcome for ruling in about_others))
    ranked = rank_sentences(question, passages, embedder, MOST_SENTENCES)
    plain = _ordered(RankingCase(question, ranked, tuple(passages), foreign), rules)
    case = plain
    read = None
    if span_reader is not None:
        from index.reader.span_evidence import read_span_evidence

        read = read_span_evidence(question, passages, plain.ranked, span_reader, cosines=embedder.name == BUNDLED_NAME)
        case = _ordered(replace(plain, ranked=read.sentences), rules)
    promoted = first_ruling(rules.promotion, case)
    if not case.ranked:
        return Evidence((), answerable=read.answerable if read else None)
    score = plain.ranked[0].score
    if promoted and promoted.outcome != case.ranked:
        case = replace(case, ranked=promoted.outcome)
        score = min(score, _score_of(case.ranked[0], plain.ranked))
    ranked = case.ranked
    section = first_ruling(rules.section, case)
    sentences = _without_overlaps((section.outcome, *ranked) if section else ranked, passages, limit, rules)
    words = next((words for words in read.words if holds_words(sentences[0], words)), None) if read else None
    was_read = read is not None and read.answerable is not None
    objections = EvidenceCase(question, ranked[0], sentences[0], case.passages, foreign, words, was_read)
    return Evidence(
        sentences,
        None if words and first_ruling(rules.words, WordsCase(question, sentences[0], words)) else words,
        read.answerable if read else None,
        score,
        tells=first_ruling(rules.evidence, objections) is None,
        whole=section is not None,
    )


def holds_words(sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words stand inside the quote."""
    return sentence.document_id == words.document_id and sentence.start <= words.start and words.end <= sentence.end


def companions(question: str, evidence: Evidence, rules: Rulebook) -> tuple[Citation, ...]:
    """The sentences of the evidence that belong beside the best one."""
    found = first_ruling(rules.companions, QuestionCase(question, evidence.sentences))
    return found.outcome if found else ()


def _ordered(case: RankingCase, rules: Rulebook) -> RankingCase:
    """The ranking as each rule of order in turn would have it."""
    for rule in rules.order:
        if ruling := first_ruling((rule,), case):
            case = replace(case, ranked=ruling.outcome)
    return case


def _score_of(sentence: Citation, plain: Sequence[Citation]) -> float:
    """A sentence's score without the span reader's share in it: as ranked in ``plain``; 0 where it is not there."""
    return next((one.score for one in plain if overlap(one, sentence)), 0.0)


def _without_overlaps(
    ranked: Sequence[Citation], passages: Sequence[Passage], limit: int, rules: Rulebook
) -> tuple[Citation, ...]:
    """The first ``limit`` sentences with the neighbours they need, none of which shares a character with another."""
    chosen: list[Citation] = []
    for citation in ranked:
        if len(chosen) == limit:
            break
        ruling = first_ruling(rules.context, SentenceCase(citation, tuple(passages)))
        wider = ruling.outcome if ruling else citation
        if not any(overlap(wider, other) for other in chosen):
            chosen.append(wider)
    return tuple(chosen)


def _span_reader(services: Services) -> tuple[SpanReader | None, tuple[str, ...]]:
    """The span reader, or None with the line that says why there is none."""
    try:
        return (services.load_span_reader() if services.load_span_reader else None), ()
    except ModelError as error:
        return None, (str(error),)
