"""Columns of prose that a PDF draws line by line across the page, read one after the other.

Most files write a column to its end before the next, and their own order stands. Where lines of two columns alternate,
the text pieces left and right of one gutter go on in small letters; those of a table do not, and stay as they are.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Range = tuple[int, int]
"""Characters of a page, by their numbers, end exclusive."""

FEWEST_LINES = 6
"""That two columns share."""

GUTTER = 6.0
"""Points between columns at least."""

SAME_LINE = 0.5
"""Share of the lower of two pieces that both have in common vertically."""

OUTLIERS = 0.15
"""Share of the lines that may reach into the gutter: a heading over both columns."""

GOING_ON = 0.4
"""Share of a column's lines that begin with a small letter, as the middle of a sentence does."""

FEWEST_LETTERS = 10
"""Of a line of prose in a narrow column, on average."""


@dataclass(frozen=True, slots=True)
class _Piece:
    left: float
    bottom: float
    right: float
    top: float


def reading_order(text_page: Any) -> list[Range]:
    """The ranges of a page's characters in the order of its columns; [] where its own order is right."""
    pieces = _pieces(text_page)
    pairs = [(one, other) for one, other in pairwise(pieces) if _beside(one, other)]
    if len(pairs) < FEWEST_LINES:
        return []
    gutter = _gutter(pairs)
    if gutter is None:
        return []
    columns = [pair for pair in pairs if pair[0].right <= gutter <= pair[1].left]
    if len(columns) < FEWEST_LINES or not all(_is_prose(text_page, side) for side in zip(*columns, strict=True)):
        return []
    return _ordered(text_page, gutter)


def _pieces(text_page: Any) -> list[_Piece]:
    """The pieces of text as the page draws them, a line of a column each or less."""
    from pypdfium2 import raw

    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    found = []
    for at in range(raw.FPDFText_CountRects(text_page.raw, 0, -1)):
        raw.FPDFText_GetRect(text_page.raw, at, left, top, right, bottom)
        found.append(_Piece(left.value, bottom.value, right.value, top.value))
    return found


def _beside(one: _Piece, other: _Piece) -> bool:
    """Whether the second piece stands right of the first, on its line and apart from it."""
    common = min(one.top, other.top) - max(one.bottom, other.bottom)
    lower = min(one.top - one.bottom, other.top - other.bottom)
    return other.left - one.right >= GUTTER and common >= SAME_LINE * lower > 0


def _gutter(pairs: Sequence[tuple[_Piece, _Piece]]) -> float | None:
    """Where a line down the page passes between nearly all pairs; None where there is none."""
    ends = sorted(one.right for one, _ in pairs)
    begins = sorted(other.left for _, other in pairs)
    passed = int(len(pairs) * (1 - OUTLIERS)) - 1
    first, last = ends[passed], begins[len(pairs) - 1 - passed]
    return (first + last) / 2 if last - first >= GUTTER else None


def _is_prose(text_page: Any, pieces: Sequence[_Piece]) -> bool:
    lines = [text_page.get_text_bounded(one.left, one.bottom, one.right, one.top).strip() for one in pieces]
    lines = [line for line in lines if line]
    letters = sum(sum(map(str.isalpha, line)) for line in lines)
    going_on = sum(line[0].islower() for line in lines)
    return len(lines) >= FEWEST_LINES and letters >= FEWEST_LETTERS * len(lines) and going_on >= GOING_ON * len(lines)


def _ordered(text_page: Any, gutter: float) -> list[Range]:
    """The lines that the gutter cuts, their left parts before their right ones; a line across it ends both columns."""
    ranges: list[Range] = []
    left: list[Range] = []
    right: list[Range] = []
    for first, cut, last in _lines(text_page, gutter):
        if cut is None:
            ranges += [*left, *right, (first, last)]
            left, right = [], []
            continue
        left += [(first, cut)] if cut > first else []
        right += [(cut, last)] if last > cut else []
    return [*ranges, *left, *right]


def _lines(text_page: Any, gutter: float) -> list[tuple[int, int | None, int]]:
    """(first, cut, last) of each line: its first character right of the gutter, None where the gutter is crossed."""
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    found: list[tuple[int, int | None, int]] = []
    count, first = text_page.count_chars(), 0
    cut: int | None = None
    crossed = False
    for at in range(count + 1):
        code = raw.FPDFText_GetUnicode(text_page.raw, at) if at < count else 10
        if code == 10:
            found.append((first, None if crossed else at if cut is None else cut, min(at + 1, count)))
            first, cut, crossed = at + 1, None, False
        elif code > 32:
            raw.FPDFText_GetLooseCharBox(text_page.raw, at, box)
            crossed = crossed or (box.left < gutter < box.right) or (cut is not None and box.right <= gutter)
            if cut is None and box.left >= gutter:
                cut = at
    return [(one, None if middle is None else min(middle, last), last) for one, middle, last in found]
