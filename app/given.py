"""The sentences that answer, as a person and a small model read them; passages for a larger model."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.alone import tells_alone
from app.asked import asks_level, asks_meaning, begins_with_code, names_nobody
from app.figures import can_answer, states_figure
from app.rows import is_row_alone, of_other_quarter, periods
from app.steps import steps_for
from app.words import codes, numbers
from core.protocols import ChatEngine, Embedder
from core.types import AnswerWords, Citation, Passage, Reads
from generate.catalogue import skills
from index.bundled import BUNDLED_NAME
from index.columns import column_names
from index.evidence import MOST_SENTENCES, rank_sentences
from index.figure_rows import row_label
from index.words import FUNCTION_WORDS
from index.words import words as stems
from ingest.locate import locate
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.span_reader import SpanReader

HEADING_WORDS = 8
"""A stretch of at most so many words without a full stop, a figure or a cell is a heading."""

TITLE_WORDS = 20
"""A document's first line of at most so many words without a full stop is its title."""

ABOUT = 0.7
"""Share of the best sentence's score from which one that can tell takes its place."""

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
    plain = _in_order(rank_sentences(question, passages, embedder, MOST_SENTENCES), question, passages)
    ranked, read = plain, None
    if reader is not None:
        from index.span_evidence import read_words

        read = read_words(question, passages, plain, reader, cosines=embedder.name == BUNDLED_NAME)
        ranked = _in_order(read.sentences, question, passages)
    told, first_tells = _telling_first(ranked, question, passages, strangers)
    score = plain[0].score if plain else 0.0
    if told != ranked:
        score = min(score, _plain_score(told, plain))
    steps = steps_for(question, passages, _is_heading, told[0]) if told else None
    sentences = _chosen([steps, *told] if steps else told, passages, limit)
    found = Evidence(sentences, None, None, score, first_tells, whole=steps is not None)
    if sentences and _of_another_code(question, sentences[0], passages):
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


def _in_order(ranked: Sequence[Citation], question: str, passages: Sequence[Passage]) -> list[Citation]:
    """Headings last, for they share the question's words and answer nothing. Before them what holds a code that was
    asked for ("P3-E11") comes before what does not, for neighbouring rows look the same; a code of the title or the
    headings is all their sentences'. Where a code's meaning was asked for, what begins with it comes first: a list
    explains it, a report mentions it."""
    headings = {_plain(heading) for passage in passages for heading in (passage.title, *passage.headings)}
    wanted = codes(question)
    explained = asks_meaning(question)

    def place(citation: Citation) -> tuple[bool, bool, bool]:
        heading = _plain(citation.quote) in headings or _is_heading(citation.quote) or _is_title(citation)
        if not wanted:
            return heading, False, False
        home = _home(citation, passages)
        around = codes("\n".join((home.title, *home.headings))) if home and not explained else set()
        held = wanted & (codes(citation.quote) | around)
        return heading, not held, not (explained and begins_with_code(citation.quote, wanted))

    return sorted(ranked, key=place)


def _of_another_code(question: str, best: Citation, passages: Sequence[Passage]) -> bool:
    """Whether a code was asked for ("F5") and the best sentence, with its title and headings, holds only others that
    look like it ("F4")."""
    wanted, held = codes(question), codes(best.quote)
    if not wanted or wanted & (held | codes(_around(best, passages))):
        return False
    return bool({_shape(code) for code in wanted} & {_shape(code) for code in held})


def _shape(code: str) -> str:
    return "".join("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in code)


def _telling_first(
    ranked: Sequence[Citation], question: str, passages: Sequence[Passage], strangers: Container[str]
) -> tuple[list[Citation], bool]:
    """The ranking, and whether its first sentence can tell what was asked for. Where it cannot, one with a figure that
    can and is about as good takes its place; a row of what was asked for also that of a sentence without figures, and
    a row of just that any sentence's: prose holds the same words about a part of it. Of several such rows that of the
    quarter and year that were asked for comes first, by its file and what it stands under."""
    if not ranked or not asks_level(question):
        return list(ranked), True

    def place(citation: Citation) -> str:
        return f"{citation.file} {_around(citation, passages)}"

    def can_tell(citation: Citation) -> bool:
        row = row_label(citation.quote) is not None
        strange = citation.document_id in strangers or of_other_quarter(question, place(citation))
        return not (row and strange) and can_answer(question, citation.quote, _around(citation, passages))

    def first(at: int) -> list[Citation]:
        return [ranked[at], *ranked[:at], *ranked[at + 1 :]]

    tells = [can_tell(citation) for citation in ranked]
    asked = [at for at, c in enumerate(ranked) if tells[at] and is_row_alone(question, c.quote, _columns(c, passages))]
    if asked:
        return first(max(asked, key=lambda at: len(periods(question) & periods(place(ranked[at]))))), True
    if tells[0] and numbers(ranked[0].quote):
        return list(ranked), True
    for at, citation in enumerate(ranked):
        row = row_label(citation.quote) is not None
        good = citation.score >= ABOUT * ranked[0].score
        if good and tells[at] and (row or (not tells[0] and states_figure(question, citation.quote))):
            return first(at), True
    return list(ranked), tells[0]


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
    return bool(set(stems(text)) - set(stems(question)) - FUNCTION_WORDS)


def holds_words(sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words stand inside the quote."""
    return sentence.document_id == words.document_id and sentence.start <= words.start and words.end <= sentence.end


def sources_for(
    engine: ChatEngine, reads: Reads, evidence: Sequence[Citation], passages: Sequence[Passage]
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
    home = _home(citation, passages)
    if home is None:
        return citation
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    at = next((i for i, span in enumerate(spans) if span == (citation.start, citation.end)), None)
    if at is None:
        return citation
    texts = [home.text[start - home.start : end - home.start] for start, end in spans[max(0, at - 1) : at + 2]]
    before = at > 0 and _leans_back(citation.quote) and not _is_heading(texts[0])
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


def _plain(heading: str) -> str:
    return " ".join(heading.split()).lstrip("#§ 0123456789.)").casefold()


def _is_title(citation: Citation) -> bool:
    """Whether it is the line that a document begins with: "Pump P3: operating manual"."""
    line = citation.quote.strip()
    ends = line.endswith((".", "!", "?", "。", "।", "؟", "…"))
    return (
        not (citation.start or ends or "\n" in line or "|" in line or "\t" in line) and len(line.split()) <= TITLE_WORDS
    )


def _is_heading(text: str) -> bool:
    plain = _plain(text)
    return (
        len(plain.split()) <= HEADING_WORDS
        and not plain.endswith((".", "!", "?", "。", "।", "؟", "…"))
        and not any(sign.isdigit() or sign in "|:\t" for sign in plain)
    )


def _columns(row: Citation, passages: Sequence[Passage]) -> str:
    home = _home(row, passages)
    return column_names(home, row.start - home.start) if home else ""


def _around(row: Citation, passages: Sequence[Passage]) -> str:
    """What a row stands under: the names of its columns, its headings and its title."""
    home = _home(row, passages)
    return "\n".join((_columns(row, passages), home.title, *home.headings)) if home else ""


def _home(citation: Citation, passages: Sequence[Passage]) -> Passage | None:
    """The first passage that holds a quote whole."""
    same = (passage for passage in passages if passage.document_id == citation.document_id)
    return next((home for home in same if home.start <= citation.start and citation.end <= home.end), None)
