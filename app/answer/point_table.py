"""An answer that tells what several documents say on each point, as a table: a row a point, a column a document."""

from __future__ import annotations

from dataclasses import dataclass

from core.types import Answer, AnswerSentence

NOTHING = "–"
"""In the cell of a document that says nothing on a point."""


@dataclass(frozen=True, slots=True)
class PointCell:
    """What a document says on a point, and the number of the answer's sentence that it is of, from 0."""

    text: str
    sentence: int


@dataclass(frozen=True, slots=True)
class PointTable:
    """``rows`` are the points by their headings, each with a cell for each of the ``documents``."""

    documents: tuple[str, ...]
    rows: tuple[tuple[str, tuple[PointCell, ...]], ...]


def point_table(answer: Answer) -> PointTable | None:
    """The table of an answer that compares documents point by point; None for any other, or one that was stopped."""
    documents, sentences = answer.compared, answer.sentences
    if not documents or not sentences or len(sentences) % len(documents):
        return None
    heads = dict(answer.headings)
    rows, head = [], ""
    for first in range(0, len(sentences), len(documents)):
        head = heads.get(first, head)
        cells = (_cell(name, sentences[first + at], first + at) for at, name in enumerate(documents))
        rows.append((head, tuple(cells)))
    return PointTable(documents, tuple(rows))


def _cell(document: str, sentence: AnswerSentence, at: int) -> PointCell:
    """Its document is the column's head, so that the cell begins with what it says."""
    own = f"{document}: "
    return PointCell(sentence.text.removeprefix(own) if sentence.text.startswith(own) else NOTHING, at)
