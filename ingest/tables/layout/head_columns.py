"""Heads above columns -> the columns that each holds for, and so the path of each column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from ingest.tables.layout.columns import Band, Grid
from ingest.tables.layout.lines import WORD_GAP, Line, Rule, Segment, is_aligned, runs, segment_of

TIGHT = 1.2
"""Of the letters' height: lines of one head stand closer."""

LEAST_OVERLAP = 1.0
"""Points."""


@dataclass(frozen=True, slots=True)
class _Head:
    """A head in one or more lines, of which ``level`` is the number of the last, and the ``columns`` it holds for."""

    text: str
    left: float
    right: float
    center: float
    height: float
    level: int
    columns: frozenset[int] = frozenset()


def paths_of(lines: Sequence[Line], grid: Grid, rules: Sequence[Rule]) -> list[tuple[str, ...]]:
    """The path of each column, the widest head first."""
    heads = _stacked(lines, grid, rules)
    levels = [_held([head for head in heads if head.level == level], grid) for level in range(len(lines))]
    _widen(levels, grid)
    if len(levels) > 1:
        _share_equally(levels[-1], len(grid.bands))
    return [
        tuple(head.text for level in levels for head in level if column in head.columns)
        for column in range(len(grid.bands))
    ]


def _stacked(lines: Sequence[Line], grid: Grid, rules: Sequence[Rule]) -> list[_Head]:
    """The heads of these lines; words close below each other, with no line drawn between, are one."""
    done: list[_Head] = []
    open_heads: list[tuple[Segment, _Head, Line, bool]] = []
    for level, line in enumerate(lines):
        words = [word for segment in line.segments if not grid.is_corner(segment) for word in segment.words]
        segments = [segment_of(run) for run in runs(words, WORD_GAP * line.height)]
        following: list[tuple[Segment, _Head, Line, bool]] = []
        for segment in segments:
            left, right, ruled = _span(segment, line, segments, rules)
            head = _Head(segment.text, left, right, segment.center, line.height, level)
            above = [one for one in open_heads if _overlap(one[0], segment) > 0]
            if len(above) == 1 and _goes_on(above[0], segment, line, segments):
                open_heads.remove(above[0])
                before = above[0][1]
                head = replace(
                    head, text=f"{before.text} {head.text}", left=min(left, before.left), right=max(right, before.right)
                )
            following.append((segment, head, line, ruled))
        done += [head for _, head, _, _ in open_heads]
        open_heads = following
    return done + [head for _, head, _, _ in open_heads]


def _goes_on(above: tuple[Segment, _Head, Line, bool], segment: Segment, line: Line, beside: Sequence[Segment]) -> bool:
    """Whether a segment goes on with the head above it, which stands over no other segment of the line."""
    upper, _, upper_line, ruled = above
    close = upper_line.base - line.base < TIGHT * max(line.height, upper_line.height)
    alone = sum(_overlap(upper, other) > 0 for other in beside) == 1
    return not ruled and close and alone and is_aligned(upper, segment)


def _overlap(one: Segment, other: Segment) -> float:
    return min(one.right, other.right) - max(one.left, other.left)


def _span(segment: Segment, line: Line, beside: Sequence[Segment], rules: Sequence[Rule]) -> tuple[float, float, bool]:
    """The stretch that a head holds for, and whether a line is drawn below it: that line's, where it is drawn below no
    other head, else its own."""
    for rule in rules:
        below = line.base - rule.at
        if 0 < below < 0.8 * line.height and rule.left <= segment.left + 1 and segment.right - 1 <= rule.right:
            shared = sum(rule.left < one.center < rule.right for one in beside) > 1
            return (segment.left, segment.right, True) if shared else (rule.left, rule.right, True)
    return segment.left, segment.right, False


def _held(heads: Sequence[_Head], grid: Grid) -> list[_Head]:
    """The heads of a level with the columns that each overlaps; of two that overlap a column the one that does more."""
    taken: dict[int, tuple[float, int]] = {}
    for number, head in enumerate(heads):
        for column, band in enumerate(grid.bands):
            overlap = band.overlap(head.left, head.right)
            if overlap > LEAST_OVERLAP and overlap > taken.get(column, (0.0, 0))[0]:
                taken[column] = (overlap, number)
    found = []
    for number, head in enumerate(heads):
        columns = frozenset(column for column, (_, best) in taken.items() if best == number)
        if not columns:  # beside every column's figures: the nearest
            nearest = max(range(len(grid.bands)), key=lambda one: grid.bands[one].overlap(head.left, head.right))
            if nearest not in taken and grid.bands[nearest].overlap(head.left, head.right) > -2 * head.height:
                taken[nearest] = (0.0, number)
                columns = frozenset({nearest})
        if columns:
            found.append(replace(head, columns=columns))
    return found


def _widen(levels: list[list[_Head]], grid: Grid) -> None:
    """Give heads the neighbours that they hold for without overlapping them.

    A head that stands over the middle of several columns holds for all that it is the middle of; and a column whose
    own head has the form of its neighbour's ("2022" beside "2021") shares what stands above that.
    """
    for number, level in enumerate(levels[:-1]):
        below = levels[number + 1 :]
        named = {column for one in below for head in one for column in head.columns}
        held = {column for head in level for column in head.columns}
        for at, head in enumerate(level):
            free = _free_neighbours(head, held | (set(range(len(grid.bands))) - named), len(grid.bands))
            wider = _centered(head, free, grid.bands) or _alike(head, free, below)
            if wider:
                level[at] = replace(head, columns=head.columns | wider)
                held |= wider


def _share_equally(level: list[_Head], count: int) -> None:
    """Give heads that stand above, or below, one column of each group of as many the whole group."""
    size = count // len(level) if level else 0
    if size < 2 or size * len(level) != count or any(len(head.columns) != 1 for head in level):
        return
    groups = [min(head.columns) // size for head in level]
    if groups == list(range(len(level))) and len({min(head.columns) % size for head in level}) == 1:
        for at, head in enumerate(level):
            level[at] = replace(head, columns=frozenset(range(at * size, (at + 1) * size)))


def _free_neighbours(head: _Head, held: set[int], count: int) -> list[list[int]]:
    """The columns left of a head that no head of its line holds, nearest first, and those right of it."""
    left, right = [], []
    column = min(head.columns) - 1
    while column >= 0 and column not in held:
        left.append(column)
        column -= 1
    column = max(head.columns) + 1
    while column < count and column not in held:
        right.append(column)
        column += 1
    return [left, right]


def _centered(head: _Head, free: list[list[int]], bands: Sequence[Band]) -> frozenset[int]:
    """As many free neighbours on either side as put the head in the middle better than it is."""

    def off(columns: frozenset[int]) -> float:
        return abs((bands[min(columns)].left + bands[max(columns)].right) / 2 - head.center)

    best = head.columns
    for left in range(len(free[0]) + 1):
        for right in range(len(free[1]) + 1):
            wider = head.columns | frozenset(free[0][:left]) | frozenset(free[1][:right])
            if off(wider) < off(best) - LEAST_OVERLAP:
                best = wider
    return best - head.columns if off(best) < head.height else frozenset()


def _alike(head: _Head, free: list[list[int]], below: Sequence[Sequence[_Head]]) -> frozenset[int]:
    """Free neighbours whose own head below has the form of one that the head holds for, with figures in it."""
    for level in below:
        own = {_form(one.text): one for one in level if one.columns <= head.columns}
        forms = {form for form in own if "0" in form}
        if not forms:
            continue
        named = {column: _form(one.text) for one in level for column in one.columns}
        found = []
        for side in free:
            for column in side:
                if named.get(column) not in forms:
                    break
                found.append(column)
        return frozenset(found)
    return frozenset()


def _form(text: str) -> str:
    return str(regex.sub(r"\p{L}+", "a", regex.sub(r"\d", "0", text)))
