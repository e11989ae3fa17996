"""Tables that stand beside each other in one grid of cells, parted by blank columns."""

from collections.abc import Sequence
from itertools import groupby

from ingest.tables.grid import Grid, RowPlace
from ingest.tables.heads import head_rows

FEWEST_COLUMNS = 2
"""Of a table: a column by itself beside one is a remark."""


def side_by_side(grid: Grid, places: Sequence[RowPlace]) -> list[tuple[Grid, list[RowPlace], str]]:
    """The tables of a grid, each with its rows' places and the line above its names; [] where it is one table.

    It is several where at least two of the parts between blank columns name their own columns.
    """
    parts = _parts(grid)
    if len(parts) < 2:
        return []
    found = []
    for columns in parts:
        rows = [tuple(row[column] for column in columns) for row in grid.rows]
        above = 1 if sum(map(bool, rows[0])) == 1 else 0
        heads = head_rows(rows[above:])
        if not heads:
            return []
        title = next(filter(None, rows[0])) if above else ""
        own = [_within(place, columns) for place in places]
        found.append((Grid(tuple(rows[above:]), heads), own[above:], title))
    return found


def _parts(grid: Grid) -> list[list[int]]:
    """The columns of each part between blank ones, of those that are wide enough."""
    width = len(grid.rows[0]) if grid.rows else 0
    blank = [not any(row[column] for row in grid.rows) for column in range(width)]
    groups = groupby(range(width), key=lambda column: blank[column])
    parts = [list(columns) for is_blank, columns in groups if not is_blank]
    return [columns for columns in parts if len(columns) >= FEWEST_COLUMNS]


def _within(place: RowPlace, columns: Sequence[int]) -> RowPlace:
    cells = {at: place.cells[column] for at, column in enumerate(columns) if column in place.cells}
    if not cells:
        return RowPlace(place.start, place.start, {})
    return RowPlace(min(start for start, _ in cells.values()), max(end for _, end in cells.values()), cells)
