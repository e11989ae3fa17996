"""Where a difference stands in either document."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.compare.result import Side
from app.compare.units import Unit
from app.compare.words import Word
from core.types import Document
from ingest.locate import locate


@dataclass(frozen=True, slots=True)
class Sides:
    """Both documents and their units."""

    old: Document
    new: Document
    old_units: Sequence[Unit]
    new_units: Sequence[Unit]


def side_of(document: Document, units: Sequence[Unit]) -> Side:
    """Whole units, which stand one after the other."""
    start, end = _begin(document, units[0]), units[-1].end
    return Side(start, end, start, end, _flat(document, start, end), _place(units[0]), locate(document.pages, document.text, start))


def where(document: Document, units: Sequence[Unit], words: Sequence[Word], first: int, last: int) -> Side:
    """The words number ``first``..``last`` of ``words``, which are those of ``units``; none of them where first == last."""
    if first < last:
        start, end = words[first].start, words[last - 1].end
    else:
        start = end = words[first - 1].end if first else (words[0].start if words else units[0].start)
    whole = (units[0].start, units[-1].end)
    text = _flat(document, start, end)
    return Side(start, end, *whole, text, _place(units[0]), locate(document.pages, document.text, start))


def _begin(document: Document, unit: Unit) -> int:
    """Where a unit begins with its label."""
    if unit.label is None:
        return unit.start
    return max(0, document.text.rfind("\n", 0, unit.start) + 1)


def _place(unit: Unit) -> str:
    """The number and heading of a clause: "4 Fees", "2.1"."""
    if unit.label and unit.kind != "heading":
        return f"{unit.place} › {unit.label.text}" if unit.place else unit.label.text
    return unit.place


def _flat(document: Document, start: int, end: int) -> str:
    return " ".join(document.text[start:end].split())
