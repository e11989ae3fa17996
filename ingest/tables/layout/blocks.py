"""Lines of a page -> blocks of rows that share their columns, each with the lines above it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.tables.layout.columns import Grid, grid_of, label, matches
from ingest.tables.layout.lines import Line, Segment

FARTHEST = 6.0
"""Of the letters' height: the most between two lines of one table."""

LONGEST_HEADING = 70
"""Characters of a heading within a table that runs on over its columns; a longer line is prose."""

FEWEST_ROWS = 2
"""A line with a figure at its end is no table; two below each other are."""


@dataclass
class Block:
    """Rows that share their columns, with the headings between them, and the lines ``above`` the first."""

    above: list[Line]
    body: list[Line] = field(default_factory=list)

    @property
    def rows(self) -> list[Line]:
        return [line for line in self.body if line.figures]

    @property
    def grid(self) -> Grid:
        found = grid_of(self.rows)
        assert found is not None, "a block has figures"
        return found


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """The blocks of a page's lines, given from top to bottom. ``above`` of each goes back to the block before it."""
    blocks: list[Block] = []
    pending: list[Line] = []
    for line in lines:
        current = blocks[-1] if blocks else None
        if current and _goes_on(current, pending, line):
            current.body += [*pending, line]
        elif _is_row(line):
            blocks.append(Block(pending, [line]))
        else:
            pending.append(line)
            continue
        pending = []
    afterwards = [*(block.above for block in blocks), pending][1:]
    for block, after in zip(blocks, afterwards, strict=False):
        _take_wrapped(block, after)
    return [block for block in blocks if is_table(block)]


def is_table(block: Block) -> bool:
    """Whether a block is more than a line that ends in a figure."""
    grid = grid_of(block.rows)
    if grid is None:
        return False
    return len(block.rows) >= FEWEST_ROWS or sum(band.figures for band in grid.bands) >= FEWEST_ROWS


def names_years(line: Line) -> bool:
    """Whether a line without a label holds years alone, or one with a label years that follow each other."""
    years = [segment for segment in line.segments if segment.is_year]
    others = [segment for segment in line.segments if not segment.is_year]
    if not years or any(segment.kind == "figure" for segment in others):
        return False
    numbers = [int("".join(filter(str.isdigit, segment.text))[:4]) for segment in years]
    return not others or (len(years) > 1 and all(abs(one - other) == 1 for one, other in pairwise(numbers)))


def _is_row(line: Line) -> bool:
    return len(line.segments) > 1 and bool(line.figures) and not _names_columns(line)


def _names_columns(line: Line) -> bool:
    return names_years(line) or (len(line.figures) == 1 and line.figures[0].is_year)


def _goes_on(block: Block, pending: Sequence[Line], line: Line) -> bool:
    """Whether a line is a row of the block above it, with what stands between."""
    if not line.figures or (names_years(line) and not _is_years_column(block)):
        return False
    every = [block.body[-1], *pending, line]
    if any(before.base - after.base > FARTHEST * after.height for before, after in pairwise(every)):
        return False
    grid = block.grid
    single = len(line.segments) == 1
    if single and (grid.column_of(line.segments[0]) is None or not grid.bands[0].figures):
        return False
    return matches(line, grid) and all(_is_inside(one, grid) for one in pending)


def _is_years_column(block: Block) -> bool:
    return all(segment.is_year for row in block.rows for segment in row.figures[-1:])


def _is_inside(line: Line, grid: Grid) -> bool:
    """Whether a line without figures can stand within a table: a heading, a part of a label, a row of words."""
    names = label(line, grid)
    others = [segment for segment in line.segments if segment not in names]
    if not names:
        return False
    if others:
        return all(_is_aligned(segment, grid) for segment in others)
    last = names[-1]
    return last.right <= grid.left or (len(last.text) <= LONGEST_HEADING and not last.text.endswith((".", ",", ";")))


def _is_aligned(segment: Segment, grid: Grid) -> bool:
    """Whether a text stands in a column as its figures do: at its right end, or at the left end of words."""
    column = grid.column_of(segment)
    if column is None:
        return False
    band = grid.bands[column]
    return abs(segment.right - band.right) < 0.4 * (segment.words[0].height) or (
        not band.figures and abs(segment.left - band.left) < segment.words[0].height
    )


def _take_wrapped(block: Block, after: list[Line]) -> None:
    """Move the rest of the last label, which stands close below it, from the lines ``after`` the block into it."""
    if not after or len(after[0].segments) != 1:
        return
    first, last = after[0], block.body[-1]
    close = last.base - first.base < 1.25 * last.height
    small = first.text[:1].islower() and first.right <= block.grid.left
    if close and small and label(first, block.grid):
        block.body.append(after.pop(0))
