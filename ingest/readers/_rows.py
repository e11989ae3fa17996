"""Rows of a sheet -> one line each, in pages on which every row's number can be counted, and its tables."""

from collections.abc import Iterable, Iterator, Sequence

from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.tables.grid import CELL_SIGN, Span, grid_of
from ingest.tables.heads import regions
from ingest.tables.side_by_side import side_by_side

BLANK_ROWS = 20
"""More blank rows than this begin a new page instead of standing in the text: one row far below costs nothing."""

MOST_ROWS = 2**20
"""Of a sheet, as many as Excel and LibreOffice have; a file may say that more are blank or repeated."""

Row = Sequence[str]


def line(cells: Iterable[str]) -> str:
    """Cells on one line, without the empty ones at its end."""
    return CELL_SIGN.join(map(one_line, cells)).rstrip(" |")


def write_rows(builder: DocumentBuilder, label: str, rows: Iterable[Row], spans: Sequence[Span] = ()) -> None:
    """Write a sheet of which ``rows`` are all rows from the first, with its merged cells (rows from 0)."""
    for first, block in _blocks(rows):
        margin = min(
            next(at for at, cell in enumerate(row) if cell.strip()) for row in block if any(map(str.strip, row))
        )
        shown = [row[margin:] for row in block]
        own = [
            Span(span.row - first + 1, span.column - margin, span.rows, span.columns)
            for span in spans
            if first - 1 <= span.row < first - 1 + len(block)
            and 0 <= span.column - margin < len(block[span.row - first + 1]) - margin
        ]
        _write_block(builder, label, shown, first, own)


def _write_block(builder: DocumentBuilder, label: str, rows: Sequence[Row], first: int, spans: Sequence[Span]) -> None:
    """Write a page of rows, and record the tables among them."""
    whole = grid_of(rows, 0, spans)
    grids = []
    lines: list[str] = []
    uncovered = [
        ["" if (at, place) in whole.across else cell for place, cell in enumerate(row)]
        for at, row in enumerate(whole.rows)
    ]
    for region in regions(uncovered):
        own = [row for row in whole.rows[region.first : region.last] if any(row)]
        width = max((at + 1 for row in own for at, cell in enumerate(row) if cell), default=0)
        inner = [
            Span(span.row - region.first, span.column, span.rows, span.columns)
            for span in spans
            if region.first <= span.row < region.last and span.column < width
        ]
        grid = grid_of([row[:width] for row in rows[region.first : region.last]], region.heads, inner)
        lines += [""] * (region.first - len(lines))
        grids.append((grid, len(lines)))
        lines += grid.lines
    start = builder.page("sheet", "\n".join(lines), label=label, first=first)
    builder.heading(1, label, start)
    starts = [start]
    for text in lines:
        starts.append(starts[-1] + len(text) + 1)
    for grid, at in grids:
        above = next((lines[number] for number in range(at - 1, -1, -1) if lines[number]), "")
        title = above if CELL_SIGN not in above else ""
        places = grid.places(starts[at : at + len(grid.lines)])
        beside = side_by_side(grid, places)
        for part, own_places, own_title in beside or [(grid, places, "")]:
            heading = " › ".join(filter(None, (title or label, own_title)))
            part.record_at(builder, own_places, heading, [title] if title else [])


def _blocks(rows: Iterable[Row]) -> Iterator[tuple[int, list[Row]]]:
    """(number of the first row, rows) of each stretch without a long run of blank rows; none begins or ends blank."""
    block: list[Row] = []
    first = blank = 0
    for number, row in enumerate(rows, 1):
        if not any(map(str.strip, row)):
            blank += 1
            continue
        if block and blank <= BLANK_ROWS:
            block.extend([()] * blank)
        else:
            if block:
                yield first, block
            block, first = [], number
        block.append(row)
        blank = 0
    if block:
        yield first, block
