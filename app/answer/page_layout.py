"""The layout of pages: passages without running headers and footers, rows of figures with their column names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import UnknownDocument
from core.tables import Row, Table
from core.types import Citation, Document, Passage
from index.page_spans import without
from index.search.figure_rows import figure_columns, row_label
from index.table_names import column_line, group_of, rows_within
from ingest.document_builder import PATH_SIGN
from ingest.furniture import furniture

if TYPE_CHECKING:
    from index.store.library import Library


def documents_of(places: Sequence[Passage | Citation], library: "Library") -> dict[str, Document]:
    """The whole documents of passages or quotes, by id; those that were removed in the meantime are left out.

    Raises LibraryError.
    """
    found = {}
    for document_id in dict.fromkeys(passage.document_id for passage in places):
        try:
            found[document_id] = library.document(document_id)
        except UnknownDocument:
            continue  # removed meanwhile: its passages still have their own places
    return found


def without_furniture(passages: Sequence[Passage], documents: Mapping[str, Document]) -> tuple[Passage, ...]:
    """The passages without the running headers and footers of their pages, which answer nothing.

    A passage with a header in its middle becomes two, each with its exact character positions.
    """
    spans = {key: furniture(document.text, document.pages) for key, document in documents.items()}
    found: list[Passage] = []
    for passage in passages:
        inside = [
            (max(0, start - passage.start), min(end, passage.end) - passage.start)
            for start, end in spans.get(passage.document_id, ())
            if start < passage.end and passage.start < end
        ]
        found += without(passage, inside)
    return tuple(found)


def with_columns(
    quotes: Sequence[Citation], documents: Mapping[str, Document], *, headings: bool = False
) -> tuple[Citation, ...]:
    """The quotes, where rows of tables get as ``columns`` the names of their columns and the unit.

    With ``headings`` they also get what they stand under, the table's title and their group, for a model to read.
    """
    return tuple(_with_columns(quote, documents.get(quote.document_id), headings) for quote in quotes)


def _with_columns(quote: Citation, document: Document | None, headings: bool) -> Citation:
    if document is None:
        return quote
    if found := rows_within(document.tables, quote.start, quote.end):
        table, rows = found
        named = replace(quote, columns=quote.columns or column_line(table))
        return replace(named, heading=_heading(quote, table, rows)) if headings else named
    if quote.columns or row_label(quote.quote) is None:
        return quote
    first = next((page.start for page in document.pages if page.start <= quote.start < page.end), 0)
    return replace(quote, columns=figure_columns(document.text, quote.start, first))


def _heading(quote: Citation, table: Table, rows: Sequence[Row]) -> str:
    """What rows stand under, without what the quote says itself."""
    names = (table.title, *group_of(rows))
    own = [name for name in names if name and name not in quote.quote and name not in quote.heading]
    return PATH_SIGN.join(filter(None, (quote.heading, *own)))
