"""Which part of a library a question is put to: resolved by SQL to chunk ids before either side searches.

A filter is applied inside both searches: a side that ranked everything first and threw away afterwards what a filter
leaves out would often be left with nothing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.types import Page
from index.page_spans import clip
from index.search.filter_values import DAY, MEDIA_TYPES, stock
from index.search.hits import Hit

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_PAGES = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_PATTERN = re.compile(r"[*?[]")


@dataclass(frozen=True, slots=True)
class Filter:
    """What to search. Of the values of one field any may hold; of different fields all must.

    ``documents`` are names, ids or patterns such as "2023*.pdf"; ``folders`` paths, or a folder's name anywhere on the
    way; ``types`` short names such as "pdf" and "docx", endings of names, or media types. ``after`` and ``before`` are
    ISO days: dated that day or later, dated before that day. ``pages`` are the first and the last page or slide.
    """

    documents: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    pages: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a filter keeps: chunk ids of shape (n,), sorted; numbers of documents, None for all of them; the pages."""

    chunks: NDArray[np.int64]
    documents: tuple[int, ...] | None
    pages: tuple[int, int] | None


def parse_filter(
    *,
    documents: Iterable[str] = (),
    folders: Iterable[str] = (),
    tags: Iterable[str] = (),
    types: Iterable[str] = (),
    after: str = "",
    before: str = "",
    pages: str = "",
) -> Filter | None:
    """The filter that these texts describe, None where they are all empty.

    Dates are "2023", "2023-05" or "2023-05-17", the first day meant; pages "3" or "3-7". Raises UsageError.
    """
    made = Filter(
        tuple(documents),
        tuple(folders),
        tuple(tags),
        tuple(types),
        parse_day(after) if after else "",
        parse_day(before) if before else "",
        parse_pages(pages) if pages else None,
    )
    if any("" in values for values in (made.documents, made.folders, made.tags, made.types)):
        raise UsageError("a filter's value is empty.", "Give a document, folder, tag or type.")
    return made if made != Filter() else None


def parse_day(text: str) -> str:
    """ "2023-05" as the ISO day "2023-05-01". Raises UsageError."""
    match = _DATE.fullmatch(text.strip())
    try:
        if match is not None:
            return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)).isoformat()
    except ValueError:
        pass  # a month or day that there is none of: said below
    raise UsageError(f"'{text}' is not a date.", "Write 2023, 2023-05 or 2023-05-17.")


def parse_pages(text: str) -> tuple[int, int]:
    """ "3-7" as (3, 7), "3" as (3, 3). Raises UsageError."""
    match = _PAGES.fullmatch(text.strip())
    if match is not None:
        first, last = int(match[1]), int(match[2] or match[1])
        if 1 <= first <= last:
            return first, last
    raise UsageError(f"'{text}' are no pages.", "Write 3 or 3-7; the first page is 1.")


@dataclass(frozen=True, slots=True)
class _Part:
    """One condition on a document ``d``: what it is called in a message, and its SQL with the values for its marks."""

    field: str
    called: str
    sql: str
    values: tuple[str, ...]


def resolve(db: sqlite3.Connection, within: Filter) -> Kept:
    """What the filter keeps. Raises UsageError naming the part that matches nothing, and what there is instead."""
    fields = [parts for parts in _parts(db, within) if parts]
    for part in (part for parts in fields for part in parts):
        _refuse_nothing(db, part)
    where = " AND ".join("(" + " OR ".join(part.sql for part in parts) + ")" for parts in fields)
    values = [value for parts in fields for part in parts for value in part.values]
    numbers = None
    if fields:
        rows = db.execute(f"SELECT d.number FROM documents d WHERE {where}", values)  # noqa: S608
        numbers = tuple(int(row[0]) for row in rows)
    if numbers == ():
        raise UsageError(f"no document {_together(fields)}.", "Each of these has documents, but none has all of them.")
    chunks = _chunks(db, where, values, within.pages)
    if not chunks.size:
        raise UsageError(*_no_text(db, where, values, within.pages))
    return Kept(chunks, numbers, within.pages)


def kept_documents(db: sqlite3.Connection, within: Filter) -> frozenset[str]:
    """The ids of the documents of which the filter keeps something. Raises what ``resolve`` raises."""
    rows = db.execute(
        "SELECT DISTINCT document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(resolve(db, within).chunks.tolist()),),
    )
    return frozenset(str(row[0]) for row in rows)


def matching(db: sqlite3.Connection, names: Sequence[str]) -> list[str]:
    """The ids of the documents with these names, ids or patterns, in the order in which they came in.

    Raises UsageError where one of them matches nothing.
    """
    found: dict[int, str] = {}
    for part in (_document(db, name) for name in names):
        _refuse_nothing(db, part)
        query = f"SELECT d.number, d.id FROM documents d WHERE {part.sql}"  # noqa: S608
        found |= {int(row[0]): str(row[1]) for row in db.execute(query, part.values)}
    return [found[number] for number in sorted(found)]


def _found(db: sqlite3.Connection, part: _Part) -> bool:
    return bool(db.execute(f"SELECT 1 FROM documents d WHERE {part.sql} LIMIT 1", part.values).fetchone())  # noqa: S608


def _refuse_nothing(db: sqlite3.Connection, part: _Part) -> None:
    if not _found(db, part):
        raise UsageError(f"no document {part.called}.", stock(db, part.field, part.values[0]))


def _together(fields: Sequence[Sequence[_Part]]) -> str:
    return " and ".join(" or ".join(part.called for part in parts) for parts in fields)


def _parts(db: sqlite3.Connection, within: Filter) -> tuple[list[_Part], ...]:
    return (
        [_document(db, value) for value in within.documents],
        [_folder(value) for value in within.folders],
        [
            _Part(
                "tag",
                f"has the tag '{value}'",
                "EXISTS (SELECT 1 FROM tags WHERE document_id = d.id AND casefold(tag) = casefold(?))",
                (value,),
            )
            for value in within.tags
        ],
        [_type(value) for value in within.types],
        [_Part("date", f"is dated {within.after} or later", f"{DAY} >= ?", (within.after,))] if within.after else [],
        [_Part("date", f"is dated before {within.before}", f"{DAY} < ?", (within.before,))] if within.before else [],
    )


def _document(db: sqlite3.Connection, value: str) -> _Part:
    """By id or its beginning, name, and where the file came from; else as a pattern. All but ids whatever the case.

    A name that is there is no pattern: "a[1].pdf" is not "a1.pdf".
    """
    exact = _Part(
        "document",
        f"is called '{value}'",
        "(d.id = ? OR (length(?) >= 8 AND substr(d.id, 1, length(?)) = ?) OR casefold(d.name) = casefold(?)"
        " OR EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.id"
        " AND (s.source IN (?, ?, ?) OR casefold(s.name) = casefold(?))))",
        (value, value, value, value, value, value, *_paths(value), value),
    )
    if not _PATTERN.search(value) or _found(db, exact):
        return exact
    sql = (
        "(casefold(d.name) GLOB casefold(?)"
        " OR EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.id AND casefold(s.name) GLOB casefold(?)))"
    )
    return replace(exact, sql=sql, values=(value, value))


def _folder(value: str) -> _Part:
    """By a path, absolute or from where the person stands, or by the name of a folder anywhere on the way."""
    name = "/" + value.replace("\\", "/").strip("/") + "/"
    paths = [path.replace("\\", "/").rstrip("/") + "/" for path in _paths(value)]
    sql = (
        "EXISTS (SELECT 1 FROM (SELECT replace(source, '\\', '/') AS path FROM sources s WHERE s.document_id = d.id)"
        " WHERE instr(path, ?) = 1 OR instr(path, ?) = 1 OR instr(path, ?) > 0)"
    )
    return _Part("folder", f"came from the folder '{value}'", sql, (*paths, name))


def _paths(value: str) -> tuple[str, str]:
    """A path from where the person stands: as sources are kept, and with links and dots followed."""
    path = Path(value)
    with suppress(RuntimeError):  # "~$lease.docx": nobody's home, but a name
        path = path.expanduser()
    return str(path.absolute()), str(path.resolve())


def _type(value: str) -> _Part:
    short = value.lower().removeprefix("*").lstrip(".")
    ending = f"%.{short}" if short.isalnum() else short
    media_type = MEDIA_TYPES.get(short, short)
    return _Part(
        "type", f"is of the type '{value}'", "(d.media_type = ? OR lower(d.name) LIKE ?)", (media_type, ending)
    )


def _chunks(
    db: sqlite3.Connection, where: str, values: Sequence[str], pages: tuple[int, int] | None
) -> NDArray[np.int64]:
    """The ids of the chunks that are kept, of shape (n,), sorted."""
    on_pages = "SELECT chunk_id AS id FROM chunk_pages WHERE first_page <= ? AND last_page >= ?"
    of_documents = f"SELECT id FROM chunks WHERE document_id IN (SELECT d.id FROM documents d WHERE {where})"  # noqa: S608
    given: list[str | int]
    if pages is None:
        query, given = of_documents, [*values]
    elif not where:
        query, given = on_pages, [pages[1], pages[0]]
    else:
        query, given = f"{of_documents} AND id IN ({on_pages})", [*values, pages[1], pages[0]]
    # As one text: a row of Python for each of a million chunks would take three times as long.
    (ids,) = db.execute(f"SELECT group_concat(id) FROM ({query})", given).fetchone()  # noqa: S608
    return np.sort(np.fromstring(ids or "", dtype=np.int64, sep=","))


def _no_text(
    db: sqlite3.Connection, where: str, values: Sequence[str], pages: tuple[int, int] | None
) -> tuple[str, str]:
    """What to say where documents were found and no text of them: the pages are none of theirs, or all are empty."""
    if pages is None:
        return "the documents that the filter keeps have no text.", "Run `lectern docs list` to see why."
    of = f" WHERE document_id IN (SELECT d.id FROM documents d WHERE {where})" if where else ""  # noqa: S608
    query = f"SELECT max(last_page) FROM chunk_pages JOIN chunks ON chunks.id = chunk_id{of}"  # noqa: S608
    (last,) = db.execute(query, values).fetchone()
    first, to = pages
    asked = f"page {first}" if first == to else f"page from {first} to {to}"
    if last is None:
        return f"there is no {asked}.", "Only PDF pages and slides have numbers, and these documents have none."
    return f"there is no {asked} with text.", f"The last page with text is {last}."


def cut(hit: Hit, pages: tuple[int, int]) -> Hit | None:
    """What of a chunk stands on these pages; None where that is white space alone."""
    span = cut_text(hit.text, hit.pages, pages)
    if span is None:
        return None
    start, end = span
    text = hit.text[start:end]
    return replace(
        hit, start=hit.start + start, end=hit.start + end, text=text, pages=clip(hit.pages, hit.text, start, end)
    )


def cut_text(text: str, on: Sequence[Page], pages: tuple[int, int]) -> tuple[int, int] | None:
    """The span of ``text``, which lies on the pages ``on``, that stands on ``pages``, without white space around it."""
    there = [p for p in on if p.kind in ("page", "slide") and pages[0] <= p.number <= pages[1]]
    part = text[there[0].start : there[-1].end] if there else ""
    if not part.strip():
        return None
    start = there[0].start + len(part) - len(part.lstrip())
    return start, start + len(part.strip())
