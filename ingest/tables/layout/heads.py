"""The heads of columns: words above them, by overlap, from the widest to the narrowest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.tables.layout.blocks import Block, names_years
from ingest.tables.layout.columns import Grid
from ingest.tables.layout.head_columns import LEAST_OVERLAP, TIGHT, paths_of
from ingest.tables.layout.lines import Line, Rule, Segment, is_aligned
from ingest.tables.periods import period_of
from ingest.tables.units import scale_in

FARTHEST = 3.2
"""Of the letters' height: the most between a head and what stands below it."""

MOST_LINES = 8

LONGEST = 90
"""Characters of a head."""

LARGER = 1.25
"""Times the height of the rows' letters: a line alone in letters as large is a title."""


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
        if not lines and _is_flush(line, above[:-1], grid, block):
            kind = "heading"
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
    corners = [one for line in found.lines for one in line.segments if grid.is_corner(one)]
    corners = [corner for corner in corners if corner.text not in headings]
    found.notes = [*(one.text for one in corners), *found.notes]
    found.paths = paths_of(found.lines, grid, rules)
    _name_by_corner(found, corners)
    return found


def _kind(line: Line, grid: Grid, block: Block) -> str:
    """What a line above a block is: "head", "heading" of the rows, "note" on units, or "title" for anything else."""
    first = line.segments[0]
    columns = [segment for segment in line.segments if not grid.is_corner(segment)]
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
    corner = [segment for segment in line.segments if grid.is_corner(segment)]
    units = [segment for segment in line.segments if segment not in corner]
    is_heading = corner and not _is_note(corner[0].text) and all(_is_note(segment.text) for segment in units)
    return replace(line, segments=tuple(corner)) if is_heading else None


def _is_flush(line: Line, above: Sequence[Line], grid: Grid, block: Block) -> bool:
    """Whether a line between the heads of columns and the first row is the rows' first heading although it stands over
    a column: it begins where the rows do, and the line above it names several columns."""
    first = line.segments[0]
    if len(line.segments) > 1 or len(first.text) > LONGEST or not above or first.kind == "figure":
        return False
    begins = abs(first.left - min(row.left for row in block.rows)) < line.height
    names = above[-1]
    close = names.base - line.base < FARTHEST * max(names.height, line.height)
    return begins and close and len(names.segments) > 2 and not names.figures and _kind(names, grid, block) == "head"


def _is_beginning(line: Line, below: Line, grid: Grid) -> bool:
    """Whether a line is the upper part of a head of which the line ``below`` holds the rest."""
    close = line.base - below.base < TIGHT * below.height
    beside = [segment for segment in below.segments if not grid.is_corner(segment)]
    return len(line.segments) == 1 and close and any(is_aligned(line.segments[0], one) for one in beside)


def _is_note(text: str) -> bool:
    return text.startswith(("(", "[")) and (scale_in(text) is not None or text.endswith((")", "]")))


def _is_of_one_column(segment: Segment, grid: Grid) -> bool:
    """Whether a note stands above one of several columns, at its right end."""
    return len(grid.bands) > 1 and any(abs(segment.right - band.right) < LEAST_OVERLAP for band in grid.bands)


def _is_prose(segment: Segment) -> bool:
    return segment.text.endswith((".", ";")) and len(segment.words) > 4


def _name_by_corner(heads: Heads, corners: Sequence[Segment]) -> None:
    """Put what stands above the labels before heads that name a period only with it ("Year ended June 30," 2022)."""
    for corner in corners:
        for column, path in enumerate(heads.paths):
            if not path:
                continue
            alone, together = period_of(path), period_of((corner.text, *path))
            if together and together != alone and (alone is None or path[-1].strip().isdigit()):
                heads.paths[column] = (corner.text, *path)
