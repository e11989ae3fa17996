"""Where a difference stands in either document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.compare.alignment import Pair
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


def unmoved(sides: Sides, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs in the order of both documents: without those that moved, and running headers and footers, which stand
    last among the units."""
    return [pair for pair in pairs if not pair.moved and sides.old_units[pair.old[0]].kind != "margin"]


def side_of(document: Document, units: Sequence[Unit]) -> Side:
    """Whole units, which stand one after the other, with the number of the first."""
    words = [word for unit in units for word in unit.words]
    label = units[0].label
    number = f"{label.text} " if label else ""
    said, _, _ = flat(document.text, words, 0, len(words))
    begin, end = begin_of(document, units[0]), units[-1].end
    place = locate(document.pages, document.text, begin)
    return Side(begin, end, begin, end, number + said, 0, len(number) + len(said), _place(units[0]), place)


def where(document: Document, units: Sequence[Unit], words: Sequence[Word], first: int, last: int) -> Side:
    """The words number ``first``..``last`` of ``words``, which are those of ``units``; none where first == last."""
    if first < last:
        start, end = words[first].start, words[last - 1].end
    else:
        start = end = words[first - 1].end if first else (words[0].start if words else units[0].start)
    place = locate(document.pages, document.text, start)
    said, at, to = flat(document.text, words, first, last)
    return Side(start, end, units[0].start, units[-1].end, said, at, to, _place(units[0]), place)


def flat(text: str, words: Sequence[Word], first: int, last: int) -> tuple[str, int, int]:
    """What ``words`` say on one line, and where words number ``first``..``last`` stand in that.

    Between two words stands what does in ``text``, but a space for a new line and what a page's end puts there.
    """
    pieces, at, to, length = [], 0, 0, 0
    for number, word in enumerate(words):
        if number:
            between = text[words[number - 1].end : word.start]
            gap = (" " if not between.isascii() or "\n" in between else between) if between else ""
            gap = re.sub(r"\s+", " ", gap)
            pieces.append(gap)
            length += len(gap)
        if number == first:
            at = length
        pieces.append(text[word.start : word.end])
        length += word.end - word.start
        if number == last - 1:
            to = length
    if first == last:
        at = to = length if first == len(words) else at
    return "".join(pieces), at, to


def begin_of(document: Document, unit: Unit) -> int:
    """Where a unit begins with its label."""
    if unit.label is None:
        return unit.start
    return max(0, document.text.rfind("\n", 0, unit.start) + 1)


def _place(unit: Unit) -> str:
    """The number and heading of a clause: "4 Fees", "2.1"."""
    if unit.label and unit.kind != "heading":
        return f"{unit.place} › {unit.label.text}" if unit.place else unit.label.text
    return unit.place
