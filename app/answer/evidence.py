"""The sentences that answer, as a person and a small model read them; passages for a larger model."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.answer.rules.conditions import tells_alone
from app.answer.rules.procedures import steps_for
from app.answer.rules.question_kinds import names_nobody
from app.answer.rules.sentence_order import home_of, in_order, is_heading, of_another_code, telling_first
from core.protocols import ChatEngine, Embedder
from core.types import AnswerWords, Citation, Passage, ReadsChoice
from generate.catalogue import skills
from index.analyzer import FUNCTION_WORDS, analyze
from index.bundled import BUNDLED_NAME
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences
from index.search.table_columns import column_names
from ingest.locate import locate
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.reader.span_reader import SpanReader

_PRONOUNS = "it its they their them he his him she her this that these those such both"
_LEANS_BACK = frozenset(_PRONOUNS.split())


def is_small(engine: ChatEngine) -> bool:
    """Whether the model phrases an answer from sentences, and is overruled by them."""
    return skills(engine.name, engine.size).reads == "sentences"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the documents say to a question, before any model has read it.

    ``sentences`` are best first, without overlaps; ``words`` those in the first one that answer, None where nobody
    pointed at any. ``answerable`` is the reader's probability that the documents answer, None
    where it did not read. ``score`` in 0..1 is the best sentence's without the reader's word in it. ``tells`` is False
    where the best sentences are about something else: figures of another row, or of a change where none was asked for.
    ``whole`` is True where the first quote is a section of steps, of which no part answers by itself.
    """

    sentences: tuple[Citation, ...]
    words: AnswerWords | None = None
    answerable: float | None = None
    score: float = 0.0
    tells: bool = True
    whole: bool = False


def find_evidence(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder,
    reader: SpanReader | None = None,
    limit: int = 3,
    strangers: Container[str] = (),
) -> Evidence:
    """The ``limit`` sentences that answer best, each with the neighbour that it needs, and the words in them that do.

    Headings come last: they share the question's words, but answer nothing. ``reader`` None ranks without it.
    ``strangers`` are documents whose rows of figures are about others than the question names.
    """
    plain = in_order(rank_sentences(question, passages, embedder, MOST_SENTENCES), question, passages)
    ranked, read = plain, None
    if reader is not None:
        from index.reader.span_evidence import read_span_evidence

        read = read_span_evidence(question, passages, plain, reader, cosines=embedder.name == BUNDLED_NAME)
        ranked = in_order(read.sentences, question, passages)
    told, first_tells = telling_first(ranked, question, passages, strangers)
    score = plain[0].score if plain else 0.0
    if told != ranked:
        score = min(score, _plain_score(told, plain))
    steps = steps_for(question, passages, told[0]) if told else None
    sentences = _chosen([steps, *told] if steps else told, passages, limit)
    found = Evidence(sentences, None, None, score, first_tells, whole=steps is not None)
    if sentences and of_another_code(question, sentences[0], passages):
        found = replace(found, tells=False)
    if read is None:
        return found
    words = next((words for words in read.words if sentences and holds_words(sentences[0], words)), None)
    if read.answerable is not None and sentences and names_nobody(question, sentences[0].quote, words):
        found = replace(found, tells=False)
    # A reader whose first choice says nothing is lost; and some words do not stand without their sentence.
    if words is not None and not (says_more(words.text, question) and tells_alone(question, sentences[0], words)):
        words = None
    return replace(found, words=words, answerable=read.answerable)


def best_sentences(
    question: str, passages: Sequence[Passage], embedder: Embedder, limit: int = 3
) -> tuple[Citation, ...]:
    """The sentences of ``find_evidence``, without a reader."""
    return find_evidence(question, passages, embedder, None, limit).sentences


def _plain_score(told: Sequence[Citation], plain: Sequence[Citation]) -> float:
    """The first sentence's score without the reader's word in it; 0 where there is none."""
    same = (one.score for one in plain for first in told[:1] if overlap(one, first))
    return next(same, 0.0)


def _chosen(ranked: Sequence[Citation], passages: Sequence[Passage], limit: int) -> tuple[Citation, ...]:
    chosen: list[Citation] = []
    for citation in ranked:
        if len(chosen) == limit:
            break
        wider = with_neighbours(citation, passages)
        if not any(overlap(wider, other) for other in chosen):
            chosen.append(wider)
    return tuple(chosen)


def says_more(text: str, question: str) -> bool:
    """Whether words say anything that is neither in the question nor a function word ("when")."""
    return bool(set(analyze(text)) - set(analyze(question)) - FUNCTION_WORDS)


def holds_words(sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words stand inside the quote."""
    return sentence.document_id == words.document_id and sentence.start <= words.start and words.end <= sentence.end


def sources_for(
    engine: ChatEngine, reads: ReadsChoice, evidence: Sequence[Citation], passages: Sequence[Passage]
) -> tuple[Citation, ...]:
    """The model's sources, strongest first: the sentences or the passages, as the person or the catalogue says."""
    sentences = is_small(engine) if reads == "auto" else reads == "sentences"
    return tuple(evidence) if sentences else tuple(as_citation(passage) for passage in passages)


def as_citation(passage: Passage) -> Citation:
    """A passage as a source that is quoted whole."""
    return Citation(
        passage.document_id,
        passage.file,
        passage.locator,
        passage.text,
        passage.start,
        passage.end,
        min(1.0, max(0.0, passage.score)),
    )


def with_neighbours(citation: Citation, passages: Sequence[Passage]) -> Citation:
    """A sentence with the one before it, where it leans on that ("It was sold."), and the one after it, where that
    leans on it."""
    home = home_of(citation, passages)
    if home is None:
        return citation
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    at = next((i for i, span in enumerate(spans) if span == (citation.start, citation.end)), None)
    if at is None:
        return citation
    texts = [home.text[start - home.start : end - home.start] for start, end in spans[max(0, at - 1) : at + 2]]
    before = at > 0 and _leans_back(citation.quote) and not is_heading(texts[0])
    after = at + 1 < len(spans) and _leans_back(texts[-1])
    start, end = spans[at - before][0], spans[at + after][1]
    place = locate(home.pages, home.text, start - home.start) if home.pages else citation.locator
    quote = home.text[start - home.start : end - home.start]
    columns = column_names(home, citation.start - home.start)
    return replace(citation, quote=quote, start=start, end=end, locator=place, columns=columns)


def overlap(one: Citation, other: Citation) -> bool:
    """Whether two quotes share a character."""
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _leans_back(sentence: str) -> bool:
    words = sentence.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'“(,").lower() in _LEANS_BACK
