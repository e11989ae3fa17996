"""What is taken away of a conversation: its turns as lines of sentences, and the sources that they cite."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.answer.answer_table import AnswerTable, table_of
from app.answer.citations import SourceNumbers, claims, lines_of, place_of
from app.answer.point_table import point_table
from app.commands.common import one_line, plain
from app.phrases import second_reading, stop_note
from core.messages import _
from core.types import Answer, Citation

LineKind = Literal["text", "heading", "remark", "quote"]
"""What a line is: of the answer, the head of a part, a remark of the program, a quote where nothing was answered."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the numbers of its sources, from 1; ``is_unsupported``: it claims what no source says."""

    text: str
    sources: tuple[int, ...] = ()
    is_unsupported: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Sentences of one paragraph."""

    kind: LineKind
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """What several documents say on each point: ``rows`` are headings, each with a sentence for each document."""

    documents: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Sentence, ...]], ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question ("" for a summary that was asked for by a command) and the lines of its answer, with its table.

    ``points`` stand in place of the lines of an answer that compares documents point by point.
    """

    question: str
    lines: tuple[Line, ...]
    table: AnswerTable | None = None
    points: Points | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A place, "lease.pdf, p. 4", and the words that stand there; ``columns`` are those of a table's row."""

    number: int
    place: str
    excerpt: str
    columns: str = ""

    @property
    def where(self) -> str:
        """The place, and the columns where it is a row: "fares.csv, row 3 (Boat, Fare)"."""
        return f"{self.place} ({self.columns})" if self.columns else self.place


@dataclass(frozen=True, slots=True)
class Export:
    """A conversation to take away."""

    title: str
    turns: tuple[Turn, ...]
    sources: tuple[Source, ...]


def export_of(title: str, turns: Iterable[tuple[str, Answer | None]]) -> Export:
    """The export of questions with their answers; a source keeps its number in all of them."""
    numbers = SourceNumbers()
    shown = tuple(_turn(question, answer, numbers) for question, answer in turns)
    return Export(one_line(title), shown, tuple(itertools.starmap(_source, enumerate(numbers.sources, 1))))


def _source(number: int, one: Citation) -> Source:
    return Source(number, one_line(place_of(one)), one_line(one.quote), one_line(one.columns))


def _cited(citations: Sequence[Citation], numbers: SourceNumbers) -> tuple[int, ...]:
    return tuple(dict.fromkeys(map(numbers.of, citations)))


def _turn(question: str, answer: Answer | None, numbers: SourceNumbers) -> Turn:
    if answer is None:
        return Turn(plain(question.strip()), (_remark(_("This was not answered.")),))
    lines = [_remark(answer.doubt)] if answer.doubt else []
    points = _points(answer, numbers)
    lines += [] if points else _answer_lines(answer, numbers)
    if not answer.found and not answer.cancelled:
        lines += [Line("quote", (Sentence(one_line(one.quote), (numbers.of(one),)),)) for one in answer.evidence]
    remarks = (second_reading(answer), stop_note(answer), *answer.notes)
    lines += [_remark(one) for one in remarks if one]
    return Turn(plain(question.strip()), tuple(lines), table_of(answer), points)


def _points(answer: Answer, numbers: SourceNumbers) -> Points | None:
    table = point_table(answer)
    if table is None:
        return None
    rows = []
    for heading, cells in table.rows:
        cited = (_cited(answer.sentences[cell.sentence].citations, numbers) for cell in cells)
        told = (Sentence(one_line(cell.text), sources) for cell, sources in zip(cells, cited, strict=True))
        rows.append((one_line(heading), tuple(told)))
    return Points(tuple(map(one_line, table.documents)), tuple(rows))


def _answer_lines(answer: Answer, numbers: SourceNumbers) -> list[Line]:
    """The lines of the answer's text; one that was stopped, or has no sentences, is as it was written."""
    if answer.cancelled or not answer.sentences:
        written = (part.strip() for part in plain(answer.text).split("\n"))
        return [Line("text", (Sentence(part),)) for part in written if part]
    heads = {**dict(answer.headings), **{part.start: part.question for part in answer.parts}}
    doubts = {part.start: part.doubt for part in answer.parts if part.doubt}
    claimed = claims(answer)
    lines = []
    for line in lines_of(answer):
        if line and line[0] in heads:
            lines.append(Line("heading", (Sentence(one_line(heads[line[0]])),)))
        if line and line[0] in doubts:
            lines.append(_remark(doubts[line[0]]))
        shown = tuple(
            Sentence(
                plain(answer.sentences[at].text.strip()),
                _cited(answer.sentences[at].citations, numbers),
                claimed[at] and not answer.sentences[at].supported,
            )
            for at in line
        )
        lines.append(Line("text", shown))
    return lines


def _remark(text: str) -> Line:
    return Line("remark", (Sentence(plain(text)),))
