"""A page of a document as it was read, with the quote marked: its text or, where it holds one there, its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.tables import Cell, Table
from core.types import Document, Page, PageKind
from index.table_names import rows_within
from ingest.locate import locate, page_at

MOST_CHARACTERS = 6_000
"""Of a page that are shown: formats without pages may have all of their text in one."""

ROWS_AROUND = 25
"""Rows of a table shown before and after the quoted ones, each."""

HEADERS = "headers"
"""The label of the part of a mail that holds its head (``ingest.readers.eml``)."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell as it is shown; ``quoted`` where the quote holds it."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row as it is shown; ``quoted`` where the quote holds some of it."""

    label: str
    cells: tuple[TableCell, ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """The rows of a table around a quote. ``left_out`` counts the others; ``quotes_heads`` where it holds the heads."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[TableLine, ...]
    left_out: int
    quotes_heads: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page: ``before`` + ``quote`` + ``after``, with "…" where it goes on.

    ``at`` is its index among the document's ``count`` pages, from 0; ``place`` how its readers would name it; ``head``
    what stands above it and belongs to it (a mail's sender and day), "" for nothing.
    """

    at: int
    count: int
    kind: PageKind
    place: str
    before: str
    quote: str
    after: str
    note: str = ""
    head: str = ""
    table: TableView | None = None


def page_of(document: Document, start: int) -> int:
    """The index of the page that holds the character ``start``; 0 where none does."""
    return max(0, page_at(document.pages, start))


def page_text(document: Document, at: int, start: int, end: int) -> PageText:
    """Page ``at`` of the document with what ``start``..``end``, the quote, has on it; no quote where it lies elsewhere.

    ``at`` is cut to the pages that there are.
    """
    pages = document.pages or (Page("lines", 1, "", 0, len(document.text)),)
    at = min(max(at, 0), len(pages) - 1)
    page = pages[at]
    first, last = max(start, page.start), min(end, page.end)
    if first >= last:
        first = last = page.start
    before, after = document.text[page.start : first], document.text[last : page.end]
    if len(before) > MOST_CHARACTERS // 2:
        before = "… " + before[-MOST_CHARACTERS // 2 :].partition(" ")[2]
    if len(after) > MOST_CHARACTERS:
        after = after[:MOST_CHARACTERS].rpartition(" ")[0] + " …"
    place = locate(document.pages, document.text, first if first < last else page.start).label
    return PageText(
        at=at,
        count=len(pages),
        kind=page.kind,
        place=_page_name(page) or place,
        before=before,
        quote=document.text[first:last],
        after=after,
        note=page.note,
        head=_head(document, pages, at),
        table=table_view(document, page, first, last) if page.kind == "sheet" else None,
    )


def before_quote(document: Document, at: int, start: int) -> str:
    """All of the page's text before the character ``start``."""
    return document.text[document.pages[at].start : start] if document.pages else ""


def table_view(document: Document, page: Page, start: int, end: int) -> TableView | None:
    """The table of the page that holds the quote, else the page's first; None for a page without one."""
    tables = [table for table in document.tables if page.start <= table.start < page.end]
    holding = rows_within(tables, start, end)
    near = [table for table in tables if table.start < end and start < table.end] if start < end else tables
    table = holding[0] if holding else next(iter(near), None)
    if table is None:
        return None
    quoted = [number for number, row in enumerate(table.rows) if row.start < end and start < row.end]
    first = max(0, (quoted[0] if quoted else 0) - ROWS_AROUND)
    last = min(len(table.rows), (quoted[-1] if quoted else 0) + ROWS_AROUND + 1)
    cells: dict[int, dict[int, Cell]] = {number: {} for number in range(first, last)}
    for cell in table.cells:
        if cell.row in cells:
            cells[cell.row][cell.column] = cell
    lines = tuple(_line(table, number, cells[number], start, end) for number in cells)
    columns = tuple(" · ".join(column.path) for column in table.columns)
    heads = start < end and start < min((row.start for row in table.rows), default=0)
    return TableView(table.title, columns, lines, len(table.rows) - len(lines), heads)


def _line(table: Table, number: int, cells: Mapping[int, Cell], start: int, end: int) -> TableLine:
    row = table.rows[number]
    shown = []
    for column in range(len(table.columns)):
        cell = cells.get(column)
        inside = cell is not None and start <= cell.start and cell.end <= end
        shown.append(TableCell(cell.text if cell else "", inside))
    return TableLine(" › ".join(row.path), tuple(shown), row.start < end and start < row.end)


def _page_name(page: Page) -> str:
    """How a part without a number is called; "" for one that ``locate`` names."""
    return page.label if page.kind in ("sheet", "section") else ""


def _head(document: Document, pages: Sequence[Page], at: int) -> str:
    """The head of the mail that the page is of."""
    if not document.media_type.startswith("message/") or pages[at].label == HEADERS:
        return ""
    heads = [page for page in pages[:at] if page.label.endswith(HEADERS)]
    return document.text[heads[-1].start : heads[-1].end].strip() if heads else ""
