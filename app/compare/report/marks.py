"""Stretches of a text with the differences that they are part of."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from app.compare.result import Comparison, Kind


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``start``..``end`` of a document that difference ``number`` is about."""

    start: int
    end: int
    number: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text with the marks on it: all of it has the same ones."""

    text: str
    marks: tuple[Mark, ...]


class Marks:
    """The marks of one document, by place."""

    def __init__(self, comparison: Comparison, which: Literal["old", "new"]) -> None:
        self._text = getattr(comparison, which).text
        marks = [
            Mark(side.start, side.end, number, one.kind)
            for number, one in enumerate(comparison.differences, 1)
            if (side := getattr(one, which)).there
        ]
        self._marks = sorted(marks, key=lambda mark: (mark.start, mark.end))
        self._starts = [mark.start for mark in self._marks]
        self._longest = max((mark.end - mark.start for mark in self._marks), default=0)

    def within(self, start: int, end: int) -> list[Mark]:
        """The marks on characters ``start``..``end``, also empty ones, which tell where something is missing."""
        first = bisect_right(self._starts, start - self._longest - 1)
        return [
            mark
            for mark in self._marks[first : bisect_right(self._starts, end)]
            if (mark.start < end and mark.end > start) or (mark.start == mark.end and start <= mark.start <= end)
        ]

    def stretches(self, start: int, end: int) -> list[Stretch]:
        """``text[start:end]``, cut where marks begin and end."""
        marks = self.within(start, end)
        cuts = sorted({start, end, *(min(max(at, start), end) for mark in marks for at in (mark.start, mark.end))})
        found: list[Stretch] = []
        for one, other in pairwise(cuts):
            on = tuple(mark for mark in marks if mark.start <= one and other <= mark.end)
            found.append(Stretch(self._text[one:other], on))
        return found


def of_kinds(stretch: Stretch, kinds: Sequence[Kind]) -> Mark | None:
    """The first mark of one of some kinds."""
    return next((mark for mark in stretch.marks if mark.kind in kinds), None)
