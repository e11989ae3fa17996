"""Rows of a sheet -> one line each, in pages on which every row's number can be counted."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder

CELL_SIGN = " | "

BLANK_ROWS = 20
"""More blank rows than this begin a new page instead of standing in the text: one row far below costs nothing."""

HEADER_CHARACTERS = 240
"""Most of the column names that travel with each chunk: about 60 tokens, room for which 190 leave in MiniLM's 256."""

TITLE_ROWS = 6
"""Column names are looked for in so many rows: titles and notes above them seldom take more."""

_NUMBER = re.compile(r"^[^\w]*\d[\d\s.,:/%-]*[^\w]*$")

Row = Sequence[str]


def line(cells: Iterable[str]) -> str:
    """Cells on one line, without the empty ones at its end."""
    return CELL_SIGN.join(map(one_line, cells)).rstrip(" |")


def write_rows(builder: DocumentBuilder, label: str, rows: Iterable[Row]) -> None:
    """Write a sheet of which ``rows`` are all rows from the first. Column names become a heading of the rows below."""
    for first, block in _blocks(rows):
        margin = min(
            next(at for at, cell in enumerate(row) if cell.strip()) for row in block if any(map(str.strip, row))
        )
        lines = [line(row[margin:]) for row in block]
        start = builder.page("sheet", "\n".join(lines), label=label, first=first)
        builder.heading(1, label, start)
        header = _header(block)
        if header is not None:
            after = sum(len(text) + 1 for text in lines[: header + 1])
            builder.heading(2, lines[header], start + after, HEADER_CHARACTERS)


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


def _header(block: Sequence[Row]) -> int | None:
    """Where the column names stand: the first row of several cells, below a title at most, if none is a number."""
    for at, row in enumerate(block[:TITLE_ROWS]):
        cells = [cell for cell in row if cell.strip()]
        if len(cells) > 1:
            return at if at + 1 < len(block) and not any(map(_NUMBER.match, cells)) else None
    return None
