"""The reading order of lines on a page: columns one after the other, cut where white space runs through.

Recursive X-Y cut (Nagy and Seth, 1984): a block is cut along the widest white band that crosses it, first from side to
side, then from top to bottom; what has no such band is read row by row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from ingest.recognition.lines import Line, mean_certainty

_GUTTER = 1.2
"""Of a line's height: narrowest white space between columns."""

_BAND = 1.0
"""Of a line's height: lowest white space between blocks that stand one above the other."""

_ROW = 0.5
"""Of a line's height: how far the middles of two pieces of one row are apart at most."""


def straightened(lines: Sequence[Line], slopes: Sequence[float]) -> list[Line]:
    """The lines as they would lie on a page that is not skewed; ``slopes`` are their angles in radians."""
    if not lines:
        return []
    skew = sorted(slopes)[len(slopes) // 2]
    sine, cosine = math.sin(-skew), math.cos(-skew)

    def turned(line: Line) -> Line:
        x, y = (line.left + line.right) / 2, (line.top + line.bottom) / 2
        width, height = line.right - line.left, line.bottom - line.top
        flat = max(height - abs(math.tan(skew)) * width, height / 4)  # of the box around a slanted line
        x, y = x * cosine - y * sine, x * sine + y * cosine
        return replace(line, left=x - width / 2, right=x + width / 2, top=y - flat / 2, bottom=y + flat / 2)

    return [turned(line) for line in lines]


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines in reading order; pieces of one row are joined, with two spaces between them."""
    if not lines:
        return []
    heights = sorted(line.bottom - line.top for line in lines)
    return _ordered(list(lines), heights[len(heights) // 2])


def _ordered(lines: list[Line], height: float) -> list[Line]:
    for start, end, least in (
        (lambda line: line.left, lambda line: line.right, _GUTTER),
        (lambda line: line.top, lambda line: line.bottom, _BAND),
    ):
        parts = _cut(lines, start, end, least * height)
        if len(parts) > 1 and (least == _BAND or _are_columns(parts)):
            return [line for part in parts for line in _ordered(part, height)]
    return _rows(lines, height)


def _cut(
    lines: list[Line], start: Callable[[Line], float], end: Callable[[Line], float], least: float
) -> list[list[Line]]:
    """The lines in two parts, along the widest band of at least ``least`` that none of them reaches into."""
    ordered = sorted(lines, key=start)
    reached, widest, at = end(ordered[0]), 0.0, 0
    for number, line in enumerate(ordered[1:], 1):
        if start(line) - reached > widest:
            widest, at = start(line) - reached, number
        reached = max(reached, end(line))
    return [ordered[:at], ordered[at:]] if at and widest >= least else [ordered]


def _are_columns(parts: list[list[Line]]) -> bool:
    """Whether two parts beside each other are columns of text and no columns of a table, whose rows belong together."""
    return all(len(part) >= 2 and sum(len(line.text) for line in part) / len(part) >= 20 for part in parts)


def _rows(lines: list[Line], height: float) -> list[Line]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.top + line.bottom) / 2):
        middle = (line.top + line.bottom) / 2
        if rows and abs(middle - sum((one.top + one.bottom) / 2 for one in rows[-1]) / len(rows[-1])) < _ROW * height:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_joined(sorted(row, key=lambda line: line.left)) for row in rows]


def _joined(row: list[Line]) -> Line:
    return Line(
        "  ".join(line.text for line in row),
        mean_certainty((line.text, line.certainty) for line in row),
        row[0].left,
        min(line.top for line in row),
        max(line.right for line in row),
        max(line.bottom for line in row),
    )
