"""Tables of HTML: which hold data and which lay out a page, and the grid of those that hold data."""

from collections.abc import Callable, Iterator
from typing import Any

from ingest.tables.grid import Grid, Span, grid_of
from ingest.tables.heads import banners, guessed_heads, plain_heads

CELL_CHARACTERS = 400
"""A table with a longer cell than this, or with a table or heading in a cell, lays out a page; its cells are prose."""

MOST_SPAN = 200
"""Columns or rows that one cell covers at most."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CELLS = ("td", "th")


def data_rows(table: Any) -> list[Any]:
    """The rows of a table that holds data: in more than one column, no cell long or nested. [] for other tables."""
    rows = list(_rows(table))
    cells = [sum(cell.tag in _CELLS for cell in row) for row in rows]
    if not rows or max(cells) < 2 or sum(count > 1 for count in cells) < 2:
        return []
    return rows if all(is_data(row) or count < 2 for row, count in zip(rows, cells, strict=True)) else []


def is_data(row: Any) -> bool:
    """Whether a row holds data and does not lay out a page: several cells, none of them long or nested."""
    cells = [cell for cell in row if cell.tag in _CELLS]
    return len(cells) > 1 and not any(
        next(cell.iter("table", *_HEADINGS), None) is not None or len("".join(cell.itertext())) > CELL_CHARACTERS
        for cell in cells
    )


def grid_of_rows(rows: list[Any], words: Callable[[Any], str]) -> Grid:
    """The grid of a table's rows; ``words`` gives the text that a cell shows."""
    texts: list[list[str]] = []
    spans: list[Span] = []
    covered: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        line: list[str] = []
        for cell in (cell for cell in row if cell.tag in _CELLS):
            while (number, len(line)) in covered:
                line.append("")
            column, width = len(line), _span(cell, "colspan")
            height = min(_span(cell, "rowspan"), len(rows) - number)
            if width > 1 or height > 1:
                spans.append(Span(number, column, height, width))
                covered |= {(number + below, column + at) for below in range(1, height) for at in range(width)}
            line += [words(cell), *[""] * (width - 1)]
        texts.append(line)
    heads = next((at for at, row in enumerate(rows) if not _is_head(row)), 0)
    if heads := min(heads, len(rows) - 1):
        return grid_of(texts, heads, spans)
    heads = plain_heads(texts) or guessed_heads(texts)
    return grid_of(texts, heads, spans or banners(texts, heads))


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table itself, the head's first, not those of tables within it."""
    parts = [part for part in table if part.tag in ("thead", "tbody", "tfoot", "tr")]
    for part in sorted(parts, key=lambda part: (part.tag != "thead", part.tag == "tfoot")):
        yield from [part] if part.tag == "tr" else part.iterfind("tr")


def _is_head(row: Any) -> bool:
    """Whether a row names columns: it stands in the table's head, or all of its cells are heads."""
    cells = [cell for cell in row if cell.tag in _CELLS]
    return row.getparent().tag == "thead" or (len(cells) > 1 and all(cell.tag == "th" for cell in cells))


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return max(1, min(int(value), MOST_SPAN)) if value.isdigit() else 1
