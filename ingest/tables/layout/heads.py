"""The heads of columns: words above them, by overlap, from the widest to the narrowest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import regex

from ingest.tables.layout.blocks import Block, names_years
from ingest.tables.layout.columns import Band, Grid
from ingest.tables.layout.lines import WORD_GAP, Line, Rule, Segment, runs, segment_of
from ingest.tables.periods import period_of
from ingest.tables.units import scale_in

FARTHEST = 3.2
"""Of the letters' height: the most between a head and what stands below it."""

MOST_LINES = 8

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
        kind = _kind(line, grid, block)
        if kind == "title" or (kind == "heading" and lines):
            break
        above.pop()
        below = line
        if kind == "note":
            found.notes.append(line.text)
        elif kind == "heading":
            inner.append(line)
        else:
            lines.append(line)
    if not lines:  # nothing above names the columns: what was taken for a first heading is the title
        above += reversed(inner)
        inner = []
    found.inner, found.rest, found.lines = inner[::-1], above, lines[::-1]
    corners = [segment for line in found.lines for segment in line.segments if _is_corner(segment, grid)]
    found.notes = [*(one.text for one in corners), *found.notes]
    found.paths = _paths(found.lines, grid, rules)
    _name_by_corner(found, corners)
    return found


def _kind(line: Line, grid: Grid, block: Block) -> str:
    """What a line above a block is: "head", "heading" of the rows, "note" on units, or "title" for anything else."""
    first = line.segments[0]
    if len(line.segments) == 1 and _is_note(first.text):
        return "note"
    columns = [segment for segment in line.segments if not _is_corner(segment, grid)]
    if not columns:
        return "heading" if len(line.segments) == 1 and not _is_prose(first) else "title"
    if len(line.segments) > 1 or names_years(line):
        return "head"
    if first.left < grid.labels[1] - first.words[0].height and first.right > grid.left:
        return "title"
    left = min(row.left for row in block.rows)
    over_all, over_columns = (left + grid.right) / 2, (grid.left + grid.right) / 2
    centered = abs(first.center - over_all) < abs(first.center - over_columns)
    return "title" if centered and first.left < grid.left else "head"


def _is_note(text: str) -> bool:
    return text.startswith(("(", "[")) and (scale_in(text) is not None or text.endswith((")", "]")))


def _is_prose(segment: Segment) -> bool:
    return segment.text.endswith((".", ";")) and len(segment.words) > 4


def _is_corner(segment: Segment, grid: Grid) -> bool:
    """Whether a segment stands above the labels."""
    return segment.left < grid.labels[1] and segment.right <= grid.left + LEAST_OVERLAP


@dataclass(frozen=True, slots=True)
class _Head:
    segment: Segment
    columns: frozenset[int]


def _paths(lines: Sequence[Line], grid: Grid, rules: Sequence[Rule]) -> list[tuple[str, ...]]:
    """The path of each column, the widest head first; heads of the same columns below each other are one."""
    levels = [list(_level(line, grid, rules)) for line in lines]
    _widen(levels, grid)
    paths: list[list[tuple[frozenset[int], str]]] = [[] for _ in grid.bands]
    for level in levels:
        for head in level:
            for column in head.columns:
                path = paths[column]
                if path and path[-1][0] == head.columns:
                    path[-1] = (head.columns, f"{path[-1][1]} {head.segment.text}")
                else:
                    path.append((head.columns, head.segment.text))
    return [tuple(text for _, text in path) for path in paths]


def _level(line: Line, grid: Grid, rules: Sequence[Rule]) -> Iterator[_Head]:
    """The heads of a line with the columns that each overlaps; of two that overlap a column the one that does more."""
    words = [word for segment in line.segments if not _is_corner(segment, grid) for word in segment.words]
    segments = [segment_of(run) for run in runs(words, WORD_GAP * line.height)]
    spans = [_span(segment, line, rules) for segment in segments]
    taken: dict[int, tuple[float, int]] = {}
    for number, (left, right) in enumerate(spans):
        for column, band in enumerate(grid.bands):
            overlap = band.overlap(left, right)
            if overlap > LEAST_OVERLAP and overlap > taken.get(column, (0.0, 0))[0]:
                taken[column] = (overlap, number)
    for number, segment in enumerate(segments):
        columns = frozenset(column for column, (_, best) in taken.items() if best == number)
        if not columns:  # beside every column's figures: the nearest
            nearest = max(range(len(grid.bands)), key=lambda one: grid.bands[one].overlap(segment.left, segment.right))
            if nearest not in taken and grid.bands[nearest].overlap(segment.left, segment.right) > -line.height:
                columns = frozenset({nearest})
        if columns:
            yield _Head(segment, columns)


def _span(segment: Segment, line: Line, rules: Sequence[Rule]) -> tuple[float, float]:
    """The stretch that a head holds for: of the line drawn below it where there is one, else its own."""
    for rule in rules:
        below = line.base - rule.at
        if 0 < below < 0.8 * line.height and rule.left <= segment.left + 1 and segment.right - 1 <= rule.right:
            return min(rule.left, segment.left), max(rule.right, segment.right)
    return segment.left, segment.right


def _widen(levels: list[list[_Head]], grid: Grid) -> None:
    """Give heads the neighbours that they hold for without overlapping them.

    A head that stands over the middle of several columns holds for all that it is the middle of; and a column whose
    own head has the form of its neighbour's ("2022" beside "2021") shares what stands above that.
    """
    for number, level in enumerate(levels[:-1]):
        below = levels[number + 1 :]
        held = {column for head in level for column in head.columns}
        for at, head in enumerate(level):
            free = _free_neighbours(head, held, len(grid.bands))
            wider = _centered(head, free, grid.bands) or _alike(head, free, below)
            if wider:
                level[at] = _Head(head.segment, head.columns | wider)
                held |= wider


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
        return abs((bands[min(columns)].left + bands[max(columns)].right) / 2 - head.segment.center)

    best = head.columns
    for left in range(len(free[0]) + 1):
        for right in range(len(free[1]) + 1):
            wider = head.columns | frozenset(free[0][:left]) | frozenset(free[1][:right])
            if off(wider) < off(best) - LEAST_OVERLAP:
                best = wider
    height = head.segment.words[0].height
    return best - head.columns if off(best) < height else frozenset()


def _alike(head: _Head, free: list[list[int]], below: Sequence[Sequence[_Head]]) -> frozenset[int]:
    """Free neighbours whose own head below has the form of one that the head holds for, with figures in it."""
    for level in below:
        own = {_form(one.segment.text): one for one in level if one.columns <= head.columns}
        forms = {form for form in own if "0" in form}
        if not forms:
            continue
        named = {column: _form(one.segment.text) for one in level for column in one.columns}
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
