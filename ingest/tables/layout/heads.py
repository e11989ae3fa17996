"""The heads of columns: words above them, by overlap, from the widest to the narrowest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import regex

from ingest.tables.layout.blocks import Block, names_years
from ingest.tables.layout.columns import Band, Grid
from ingest.tables.layout.lines import WORD_GAP, Line, Rule, Segment, is_aligned, runs, segment_of
from ingest.tables.periods import period_of
from ingest.tables.units import scale_in

TIGHT = 1.2
"""Of the letters' height: lines of one head stand closer."""

FARTHEST = 3.2
"""Of the letters' height: the most between a head and what stands below it."""

MOST_LINES = 8

LONGEST = 90
"""Characters of a head."""

LARGER = 1.25
"""Times the height of the rows' letters: a line alone in letters as large is a title."""

LEAST_OVERLAP = 1.0
"""Points."""


@dataclass
class Heads:
    """What stands above a block: its columns' paths, notes about units, the lines that are heads, the ``rest`` above.

    ``inner`` are lines between heads and rows that belong to the rows: their first heading.
    """

    paths: list[tuple[str, ...]]
    notes: list[str] = field(default_factory=list)
    inner: list[Line] = field(default_factory=list)
    rest: list[Line] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def heads_of(block: Block, grid: Grid, rules: Sequence[Rule]) -> Heads:
    """The heads of a block's columns, from the lines above it."""
    found = Heads([()] * len(grid.bands))
    lines: list[Line] = []
    inner: list[Line] = []
    above = list(block.above)
    below = block.body[0]
    while above and len(lines) < MOST_LINES:
        line = above[-1]
        if line.base - below.base > FARTHEST * max(line.height, below.height):
            break
        kind = "head" if lines and _is_beginning(line, lines[-1], grid) else _kind(line, grid, block)
        if kind == "title" or (kind == "heading" and lines):
            break
        above.pop()
        below = line
        if kind == "note":
            found.notes.append(line.text)
        elif kind == "head" and not lines and (own := _first_heading(line, grid)):
            inner.append(own)
            lines.append(line)
        elif kind == "heading":
            inner.append(line)
        else:
            lines.append(line)
    if not lines:  # nothing above names the columns: what was taken for a first heading is the title
        above += reversed(inner)
        inner = []
    found.inner, found.rest, found.lines = inner[::-1], above, lines[::-1]
    headings = {segment.text for line in inner for segment in line.segments}
    corners = [one for line in found.lines for one in line.segments if _is_corner(one, grid)]
    corners = [corner for corner in corners if corner.text not in headings]
    found.notes = [*(one.text for one in corners), *found.notes]
    found.paths = _paths(found.lines, grid, rules)
    _name_by_corner(found, corners)
    return found


def _kind(line: Line, grid: Grid, block: Block) -> str:
    """What a line above a block is: "head", "heading" of the rows, "note" on units, or "title" for anything else."""
    first = line.segments[0]
    columns = [segment for segment in line.segments if not _is_corner(segment, grid)]
    if any(len(segment.text) > LONGEST for segment in line.segments):
        return "title"
    if len(line.segments) == 1 and _is_note(first.text) and not _is_of_one_column(first, grid):
        return "note"
    if not columns:
        return "heading" if len(line.segments) == 1 and not _is_prose(first) else "title"
    if len(line.segments) > 1 or names_years(line):
        return "head"
    if first.left < grid.labels[1] - first.words[0].height and first.right > grid.left:
        return "title"
    if line.height > LARGER * block.body[0].height:
        return "title"
    left = min(row.left for row in block.rows)
    over_all, over_columns = (left + grid.right) / 2, (grid.left + grid.right) / 2
    centered = abs(first.center - over_all) < abs(first.center - over_columns)
    return "title" if centered and first.left < grid.left else "head"


def _first_heading(line: Line, grid: Grid) -> Line | None:
    """What stands above the labels in a line that else tells the units of columns: the rows' first heading."""
    corner = [segment for segment in line.segments if _is_corner(segment, grid)]
    units = [segment for segment in line.segments if segment not in corner]
    is_heading = corner and not _is_note(corner[0].text) and all(_is_note(segment.text) for segment in units)
    return replace(line, segments=tuple(corner)) if is_heading else None


def _is_beginning(line: Line, below: Line, grid: Grid) -> bool:
    """Whether a line is the upper part of a head of which the line ``below`` holds the rest."""
    close = line.base - below.base < TIGHT * below.height
    beside = [segment for segment in below.segments if not _is_corner(segment, grid)]
    return len(line.segments) == 1 and close and any(is_aligned(line.segments[0], one) for one in beside)


def _is_note(text: str) -> bool:
    return text.startswith(("(", "[")) and (scale_in(text) is not None or text.endswith((")", "]")))


def _is_of_one_column(segment: Segment, grid: Grid) -> bool:
    """Whether a note stands above one of several columns, at its right end."""
    return len(grid.bands) > 1 and any(abs(segment.right - band.right) < LEAST_OVERLAP for band in grid.bands)


def _is_prose(segment: Segment) -> bool:
    return segment.text.endswith((".", ";")) and len(segment.words) > 4


def _is_corner(segment: Segment, grid: Grid) -> bool:
    """Whether a segment stands above the labels, and above no column left of them."""
    before = [band for band in grid.bands if band.right <= grid.labels[0]]
    height = segment.words[0].height
    return (
        segment.left < grid.labels_right
        and segment.right <= grid.left + LEAST_OVERLAP
        and not any(band.overlap(segment.left, segment.right) > -height for band in before)
    )


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


def _paths(lines: Sequence[Line], grid: Grid, rules: Sequence[Rule]) -> list[tuple[str, ...]]:
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
        words = [word for segment in line.segments if not _is_corner(segment, grid) for word in segment.words]
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


def _name_by_corner(heads: Heads, corners: Sequence[Segment]) -> None:
    """Put what stands above the labels before heads that name a period only with it ("Year ended June 30," 2022)."""
    for corner in corners:
        for column, path in enumerate(heads.paths):
            if not path:
                continue
            alone, together = period_of(path), period_of((corner.text, *path))
            if together and together != alone and (alone is None or path[-1].strip().isdigit()):
                heads.paths[column] = (corner.text, *path)
