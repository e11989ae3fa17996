"""Documents and chunks as rows, and back."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.messages import _
from core.tables import Table
from core.types import Chunk, Document, Heading, Page

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST_CELLS = 100_000
"""Cells of a document's tables that are kept as cells: 130 bytes each, .25 s to read; a report has some thousands."""

TAG_CHARACTERS = 64
"""Of a tag: enough for a phrase, and a table of documents stays readable."""

_PAGE = ("kind", "number", "label", "start", "end", "first", "note", "flag")
NOTE_COLUMN = _PAGE.index("note")
"""Where a page's note stands in its stored row."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document as the list of documents shows it. ``sources`` are paths, or 'upload:NAME' for uploaded files.

    ``pages`` counts pages, slides, sheets or sections; ``added_at`` is UTC, ISO 8601; ``size`` in bytes. ``day`` is the
    document's own date, ISO 8601 (``document_day``). ``unread`` says why pages have no text, and of how many.
    """

    id: str
    name: str
    sources: tuple[str, ...]
    title: str
    media_type: str
    pages: int
    characters: int
    chunks: int
    size: int
    added_at: str
    warnings: tuple[str, ...]
    day: str
    tags: tuple[str, ...] = ()
    unread: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a library holds; ``vectors`` also counts those kept for an ingest that was interrupted."""

    documents: int
    pages: int
    characters: int
    chunks: int
    vectors: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way into the library, with one vector hash per chunk and the source it came from.

    ``changed`` is the ISO day on which its file was last changed, "" where that is not known.
    """

    document: Document
    source: str
    size: int
    chunks: tuple[Chunk, ...]
    hashes: tuple[bytes, ...]
    changed: str = ""


def check_tag(tag: str) -> str:
    """The tag without white space around it. Raises UsageError where it cannot be one."""
    tag = tag.strip()
    if not tag or len(tag) > TAG_CHARACTERS or not tag.isprintable():
        raise UsageError(
            _("'{tag}' cannot be a tag.", tag=tag[:TAG_CHARACTERS]),
            _("Take 1 to {most} characters.", most=TAG_CHARACTERS),
        )
    return tag


def utc_time(*, ago: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) - ago).isoformat(timespec="microseconds")


def document_row(entry: Entry) -> dict[str, object]:
    """The values of a row of ``documents`` by column, without its number and what is as its column's default."""
    document = entry.document
    headings = [[heading.start, heading.level, heading.text] for heading in document.headings]
    row: dict[str, object] = {
        "id": document.id,
        "name": document.name,
        "media_type": document.media_type,
        "title": document.title,
        "text": document.text,
        "pages": pages_json(document.pages),
        "headings": json.dumps(headings, ensure_ascii=False),
        "metadata": json.dumps(dict(document.metadata), ensure_ascii=False),
        "warnings": json.dumps(document.warnings, ensure_ascii=False),
        "size": entry.size,
        "page_count": len(document.pages),
        "characters": len(document.text),
        "added_at": utc_time(),
    }
    tables = _kept(document.tables)
    return row | {"tables": tables_json(tables)} if tables else row


def _kept(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The first tables that have MOST_CELLS cells together at most; the rows of the others are text alone."""
    ends = accumulate(len(table.cells) for table in tables)
    return tuple(table for table, end in zip(tables, ends, strict=True) if end <= MOST_CELLS)


def to_document(row: sqlite3.Row) -> Document:
    return Document(
        id=row["id"],
        name=row["name"],
        media_type=row["media_type"],
        title=row["title"],
        text=row["text"],
        pages=to_pages(row["pages"]),
        headings=tuple(Heading(start, level, text) for start, level, text in json.loads(row["headings"])),
        metadata=json.loads(row["metadata"]),
        warnings=tuple(json.loads(row["warnings"])),
        tables=to_tables(row["tables"]),
    )


def tables_json(tables: tuple[Table, ...]) -> str:
    return _tables().dump_json(tables).decode()


@lru_cache(maxsize=32)
def to_tables(text: str) -> tuple[Table, ...]:
    """Read once for the documents that were asked last. Raises ValueError for JSON of something else."""
    return _tables().validate_json(text) if text != "[]" else ()


def tables_fit(stored: str, text: str) -> bool:
    """Whether stored tables can be read, and they, their rows and cells stand in the text and in each other."""
    try:
        tables = to_tables(stored)
    except ValueError:
        return False
    return all(_fits(table, text) for table in tables)


def _fits(table: Table, text: str) -> bool:
    spans = [(0, table.start, table.end, len(text))]
    spans += [(table.start, row.start, row.end, table.end) for row in table.rows]
    return all(first <= start <= end <= last for first, start, end, last in spans) and all(
        0 <= cell.row < len(table.rows)
        and 0 <= cell.column < len(table.columns)
        and cell.start >= 0
        and text[cell.start : cell.end] == cell.text
        for cell in table.cells
    )


@cache
def _tables() -> "TypeAdapter[tuple[Table, ...]]":
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Table, ...])


def pages_json(pages: tuple[Page, ...]) -> str:
    rows = ([*(getattr(page, key) for key in _PAGE), *([page.how] if page.how else [])] for page in pages)
    return json.dumps(list(rows), ensure_ascii=False)


def to_pages(text: str) -> tuple[Page, ...]:
    return tuple(Page(*values) for values in json.loads(text))


def document_day(metadata: Mapping[str, str], changed: str, added_at: str) -> str:
    """As an ISO day: what a document says of itself, else when its file was last changed, else when it was added.

    Mails say their date, PDFs, Word and PowerPoint files and books when they were made.
    """
    said = metadata.get("created", "")
    if match := re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?!\d)", said):
        try:
            return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)).isoformat()
        except ValueError:
            pass  # a month or day that there is none of: as if nothing were said
    try:
        return parsedate_to_datetime(said).date().isoformat()
    except (ValueError, OverflowError):  # the latter for years and zones of more digits than C counts
        return changed or added_at[:10]


def to_record(
    row: sqlite3.Row, sources: tuple[str, ...], tags: tuple[str, ...], unread: tuple[tuple[str, int], ...] = ()
) -> DocumentRecord:
    return DocumentRecord(
        id=row["id"],
        name=row["name"],
        sources=sources,
        title=row["title"],
        media_type=row["media_type"],
        pages=row["page_count"],
        characters=row["characters"],
        chunks=row["chunk_count"],
        size=row["size"],
        added_at=row["added_at"],
        day=row["day"],
        tags=tags,
        warnings=tuple(json.loads(row["warnings"])),
        unread=unread,
    )
