"""Second stage: passages -> evidence: the best sentences, and the words in them that answer. No chat model is asked.

``find_evidence`` ranks all sentences (``_rank``), then chooses those that are shown (``_choose``).
"""

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
from app.answer.statements import Differing
from core.errors import ModelError
from core.protocols import Embedder
from core.types import AnswerWords, Citation, Passage
from index.bundled import BUNDLED_NAME
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences

if TYPE_CHECKING:
    from index.reader.span_evidence import SpanEvidence
    from index.reader.span_reader import ReadsSpans

EVIDENCE = 3
"""Sentences shown, and read by a model that only phrases: three hold the answer to 88 of 100 questions, one to 80."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the documents say about a question.

    - ``sentences``: best first; none of them overlap.
    - ``words``: the words in the first sentence that answer; None if the span reader found none.
    - ``answerable``: the span reader's probability in 0..1 that the documents answer; None if it did not read.
    - ``score``: the best sentence's score in 0..1, without the span reader's share.
    - ``uncontested``: False if a rule objects to the best sentence as an answer.
    - ``is_whole_section``: True if the first quote is a whole section of steps, which must be shown complete.
    - ``is_enough``: whether this is enough for an answer, as ``app.answer.answerability`` decides.
    - ``notes``: lines for the person.
    - ``ranked``: all sentences that were ranked, best first, without their neighbours.
    - ``differing``: what documents say differently of what was asked; None where they do not.
    """

    sentences: tuple[Citation, ...]
    words: AnswerWords | None = None
    answerable: float | None = None
    score: float = 0.0
    uncontested: bool = True
    is_whole_section: bool = False
    is_enough: bool = False
    notes: tuple[str, ...] = ()
    ranked: tuple[Citation, ...] = ()
    differing: Differing | None = None


def gather_evidence(question: Question, retrieved: RetrievedPassages, services: Services) -> Evidence:
    """The evidence in the retrieved passages: running headers are ignored, rows of figures get their column names.

    If the span reader cannot be loaded, a note says so and the sentences are ranked without it.
    """
    span_reader, notes = _span_reader(services)
    quotable = without_furniture(retrieved.readable, retrieved.documents)
    found = find_evidence(
        question.search_text,
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
    span_reader: ReadsSpans | None = None,
    limit: int = EVIDENCE,
    *,
    texts: Mapping[str, str] | None = None,
    rules: Rulebook = RULES,
) -> Evidence:
    """The ``limit`` sentences that answer best, each with the neighbour it needs, and the words that answer.

    Without a ``span_reader`` no words are found. ``texts`` are the whole texts of the documents by id, as far as the
    caller has them: they show which documents are about another company or person than the question names.
    """
    others = rulings(rules.wrong_entity, DocumentsCase(question, texts or {}))
    wrong_entity = frozenset[str]().union(*(ruling.outcome for ruling in others))
    by_words = rank_sentences(question, passages, embedder, MOST_SENTENCES)
    case = _ordered(RankingCase(question, by_words, tuple(passages), wrong_entity), rules)
    ranking = _rank(case, embedder, span_reader, rules)
    return _choose(ranking, limit, rules)


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The sentences of a question in their final order, as ``case.ranked``.

    ``score`` in 0..1 is the best sentence's score without the span reader's share. ``read`` is what the span reader
    found; None without a span reader.
    """

    case: RankingCase
    score: float = 0.0
    read: SpanEvidence | None = None


def _rank(case: RankingCase, embedder: Embedder, span_reader: ReadsSpans | None, rules: Rulebook) -> _Ranking:
    """Rank the sentences of ``case`` anew: by the span reader, then by the rules of order and promotion."""
    read, reranked = None, case
    if span_reader is not None:
        from index.reader.span_evidence import read_span_evidence

        cosines = embedder.name == BUNDLED_NAME
        read = read_span_evidence(case.question, case.passages, case.ranked, span_reader, cosines=cosines)
        reranked = _ordered(replace(case, ranked=read.sentences), rules)
    if not reranked.ranked:
        return _Ranking(reranked, read=read)
    score = case.ranked[0].score
    promoted = first_ruling(rules.promotion, reranked)
    if promoted and promoted.outcome != reranked.ranked:
        reranked = replace(reranked, ranked=promoted.outcome)
        score = min(score, _score_of(reranked.ranked[0], case.ranked))
    return _Ranking(reranked, score, read)


def _choose(ranking: _Ranking, limit: int, rules: Rulebook) -> Evidence:
    """The evidence of a ranking: its first ``limit`` sentences, the words in the first, and what rules object to."""
    case, read = ranking.case, ranking.read
    if not case.ranked:
        return Evidence((), answerable=read.answerable if read else None)
    section = first_ruling(rules.section, case)
    ranked = (section.outcome, *case.ranked) if section else case.ranked
    sentences = _without_overlaps(ranked, case.passages, limit, rules)
    words = _words_in(case.question, sentences[0], read.words if read else (), rules)
    was_read = read is not None and read.answerable is not None
    best = EvidenceCase(case.question, case.ranked[0], sentences[0], case.passages, case.wrong_entity, words, was_read)
    if words and first_ruling(rules.words_objections, WordsCase(case.question, sentences[0], words)):
        words = None
    return Evidence(
        sentences,
        words,
        read.answerable if read else None,
        ranking.score,
        uncontested=first_ruling(rules.evidence_objections, best) is None,
        is_whole_section=section is not None,
        ranked=tuple(ranked),
    )


def _words_in(question: str, sentence: Citation, found: Sequence[AnswerWords], rules: Rulebook) -> AnswerWords | None:
    """The best words that stand in the sentence and are of the kind that was asked for; None if none are."""
    inside = (words for words in found if holds_words(sentence, words))
    cases = (WordsCase(question, sentence, words) for words in inside)
    return next((case.words for case in cases if not first_ruling(rules.words_of_another_kind, case)), None)


def holds_words(sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words are inside the quote."""
    return sentence.document_id == words.document_id and sentence.start <= words.start and words.end <= sentence.end


def shown_alongside(question: str, evidence: Evidence, rules: Rulebook) -> tuple[Citation, ...]:
    """The sentences of the evidence that must be shown together with the best one."""
    found = first_ruling(rules.show_alongside, QuestionCase(question, evidence.sentences))
    return found.outcome if found else ()


def _ordered(case: RankingCase, rules: Rulebook) -> RankingCase:
    """The case after each rule of order, one after the other, has ranked its sentences."""
    for rule in rules.order:
        if ruling := first_ruling((rule,), case):
            case = replace(case, ranked=ruling.outcome)
    return case


def _score_of(sentence: Citation, plain: Sequence[Citation]) -> float:
    """A sentence's score in ``plain``, the ranking without the span reader; 0 if it is not there."""
    return next((one.score for one in plain if overlap(one, sentence)), 0.0)


def _without_overlaps(
    ranked: Sequence[Citation], passages: Sequence[Passage], limit: int, rules: Rulebook
) -> tuple[Citation, ...]:
    """The first ``limit`` sentences with the neighbours they need; those that overlap a better one are skipped."""
    chosen: list[Citation] = []
    for citation in ranked:
        if len(chosen) == limit:
            break
        ruling = first_ruling(rules.context, SentenceCase(citation, tuple(passages)))
        wider = ruling.outcome if ruling else citation
        if not any(overlap(wider, other) for other in chosen):
            chosen.append(wider)
    return tuple(chosen)


def _span_reader(services: Services) -> tuple[ReadsSpans | None, tuple[str, ...]]:
    """The span reader and no notes, or None and the note that says why it could not be loaded."""
    try:
        return (services.load_span_reader() if services.load_span_reader else None), ()
    except ModelError as error:
        return None, (str(error),)
