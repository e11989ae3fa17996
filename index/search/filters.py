"""Filters: the part of a library that is searched, resolved by SQL to chunk ids before either side searches.

Both sides apply the filter while they search. If they filtered their results afterwards, often nothing would be left.
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
from core.messages import _
from index.search.filter_values import DAY, MEDIA_TYPES, available_values

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_PAGES = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_PATTERN = re.compile(r"[*?[]")


@dataclass(frozen=True, slots=True)
class Filter:
    """What to search. Of the values of one field any may hold; of different fields all must.

    ``documents`` are names, ids or patterns such as "2023*.pdf"; ``folders`` paths, or a folder's name anywhere on the
    way; ``types`` short names such as "pdf" and "docx", endings of names, or media types. ``after`` and ``before`` are
    ISO days: dated that day or later, dated before that day. ``pages`` are the first and the last page or slide.
    ``anywhere`` searches all that the other fields keep, whatever documents the question asks about
    (``index.search.by_facets``).
    """

    documents: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    pages: tuple[int, int] | None = None
    anywhere: bool = False

    @property
    def keeps_all(self) -> bool:
        """Whether nothing limits the search."""
        return replace(self, anywhere=False) == Filter()


@dataclass(frozen=True, slots=True)
class ResolvedFilter:
    """What a filter keeps: chunk ids of shape (n,), sorted; document numbers, None for all; first and last page."""

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
    anywhere: bool = False,
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
        anywhere,
    )
    if any("" in values for values in (made.documents, made.folders, made.tags, made.types)):
        raise UsageError(_("a filter's value is empty."), _("Give a document, folder, tag or type."))
    return made if made != Filter() else None


def parse_day(text: str) -> str:
    """ "2023-05" as the ISO day "2023-05-01". Raises UsageError."""
    match = _DATE.fullmatch(text.strip())
    try:
        if match is not None:
            return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)).isoformat()
    except ValueError:
        pass  # a month or day that there is none of: said below
    raise UsageError(_("'{text}' is not a date.", text=text), _("Write 2023, 2023-05 or 2023-05-17."))


def parse_pages(text: str) -> tuple[int, int]:
    """ "3-7" as (3, 7), "3" as (3, 3). Raises UsageError."""
    match = _PAGES.fullmatch(text.strip())
    if match is not None:
        first, last = int(match[1]), int(match[2] or match[1])
        if 1 <= first <= last:
            return first, last
    raise UsageError(_("'{text}' are no pages.", text=text), _("Write 3 or 3-7; the first page is 1."))


@dataclass(frozen=True, slots=True)
class _Condition:
    """One condition on a document ``d``: its description for a message, its SQL and its parameters."""

    field: str
    description: str
    sql: str
    values: tuple[str, ...]


def resolve(db: sqlite3.Connection, within: Filter) -> ResolvedFilter:
    """Resolve a filter. Raises UsageError that names the condition that matches nothing and the values there are."""
    fields = [conditions for conditions in _conditions(db, within) if conditions]
    for condition in (condition for conditions in fields for condition in conditions):
        _require_match(db, condition)
    where = " AND ".join("(" + " OR ".join(one.sql for one in conditions) + ")" for conditions in fields)
    values = [value for conditions in fields for one in conditions for value in one.values]
    numbers = None
    if fields:
        rows = db.execute(f"SELECT d.number FROM documents d WHERE {where}", values)  # noqa: S608
        numbers = tuple(int(row[0]) for row in rows)
    if numbers == ():
        raise UsageError(f"no document {_describe(fields)}.", "Each of these has documents, but none has all of them.")
    chunks = _chunks(db, where, values, within.pages)
    if not chunks.size:
        raise UsageError(*_no_text(db, where, values, within.pages))
    return ResolvedFilter(chunks, numbers, within.pages)


def kept_documents(db: sqlite3.Connection, within: Filter) -> frozenset[str]:
    """The ids of the documents of which the filter keeps at least one chunk. Raises what ``resolve`` raises."""
    return documents_in(db, resolve(db, within))


def documents_in(db: sqlite3.Connection, resolved: ResolvedFilter) -> frozenset[str]:
    """The ids of the documents of which a resolved filter keeps at least one chunk."""
    rows = db.execute(
        "SELECT DISTINCT document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(resolved.chunks.tolist()),),
    )
    return frozenset(str(row[0]) for row in rows)


def matching(db: sqlite3.Connection, names: Sequence[str]) -> list[str]:
    """The ids of the documents with these names, ids or patterns, in the order in which they came in.

    Raises UsageError where one of them matches nothing.
    """
    found: dict[int, str] = {}
    for condition in (_document(db, name) for name in names):
        _require_match(db, condition)
        query = f"SELECT d.number, d.id FROM documents d WHERE {condition.sql}"  # noqa: S608
        found |= {int(row[0]): str(row[1]) for row in db.execute(query, condition.values)}
    return [found[number] for number in sorted(found)]


def _matches(db: sqlite3.Connection, condition: _Condition) -> bool:
    query = f"SELECT 1 FROM documents d WHERE {condition.sql} LIMIT 1"  # noqa: S608
    return bool(db.execute(query, condition.values).fetchone())


def _require_match(db: sqlite3.Connection, condition: _Condition) -> None:
    if not _matches(db, condition):
        values = available_values(db, condition.field, condition.values[0])
        raise UsageError(f"no document {condition.description}.", values)


def _describe(fields: Sequence[Sequence[_Condition]]) -> str:
    return " and ".join(" or ".join(one.description for one in conditions) for conditions in fields)


def _conditions(db: sqlite3.Connection, within: Filter) -> tuple[list[_Condition], ...]:
    """The conditions of each field: one of a field's must hold, in every field that has any."""
    return (
        [_document(db, value) for value in within.documents],
        [_folder(value) for value in within.folders],
        [
            _Condition(
                "tag",
                f"has the tag '{value}'",
                "EXISTS (SELECT 1 FROM tags WHERE document_id = d.id AND casefold(tag) = casefold(?))",
                (value,),
            )
            for value in within.tags
        ],
        [_type(value) for value in within.types],
        [_Condition("date", f"is dated {within.after} or later", f"{DAY} >= ?", (within.after,))]
        if within.after
        else [],
        [_Condition("date", f"is dated before {within.before}", f"{DAY} < ?", (within.before,))]
        if within.before
        else [],
    )


def _document(db: sqlite3.Connection, value: str) -> _Condition:
    """By id or its beginning, name, and where the file came from; else as a pattern. All but ids whatever the case.

    A name that is there is no pattern: "a[1].pdf" is not "a1.pdf".
    """
    exact = _Condition(
        "document",
        f"is called '{value}'",
        "(d.id = ? OR (length(?) >= 8 AND substr(d.id, 1, length(?)) = ?) OR casefold(d.name) = casefold(?)"
        " OR EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.id"
        " AND (s.source IN (?, ?, ?) OR casefold(s.name) = casefold(?))))",
        (value, value, value, value, value, value, *_paths(value), value),
    )
    if not _PATTERN.search(value) or _matches(db, exact):
        return exact
    sql = (
        "(casefold(d.name) GLOB casefold(?)"
        " OR EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.id AND casefold(s.name) GLOB casefold(?)))"
    )
    return replace(exact, sql=sql, values=(value, value))


def _folder(value: str) -> _Condition:
    """By a path, absolute or from where the person stands, or by the name of a folder anywhere on the way."""
    name = "/" + value.replace("\\", "/").strip("/") + "/"
    paths = [path.replace("\\", "/").rstrip("/") + "/" for path in _paths(value)]
    sql = (
        "EXISTS (SELECT 1 FROM (SELECT replace(source, '\\', '/') AS path FROM sources s WHERE s.document_id = d.id)"
        " WHERE instr(path, ?) = 1 OR instr(path, ?) = 1 OR instr(path, ?) > 0)"
    )
    return _Condition("folder", f"came from the folder '{value}'", sql, (*paths, name))


def _paths(value: str) -> tuple[str, str]:
    """A path from where the person stands: as sources are kept, and with links and dots followed."""
    path = Path(value)
    with suppress(RuntimeError):  # "~$lease.docx": nobody's home, but a name
        path = path.expanduser()
    return str(path.absolute()), str(path.resolve())


def _type(value: str) -> _Condition:
    short = value.lower().removeprefix("*").lstrip(".")
    ending = f"%.{short}" if short.isalnum() else short
    media_type = MEDIA_TYPES.get(short, short)
    return _Condition(
        "type", f"is of the type '{value}'", "(d.media_type = ? OR lower(d.name) LIKE ?)", (media_type, ending)
    )


def _chunks(
    db: sqlite3.Connection, where: str, values: Sequence[str], pages: tuple[int, int] | None
) -> NDArray[np.int64]:
    """The ids of the chunks that are kept, of shape (n,), sorted."""
    on_pages = "SELECT chunk_id AS id FROM chunk_pages WHERE first_page <= ? AND last_page >= ?"
    of_documents = f"SELECT id FROM chunks WHERE document_id IN (SELECT d.id FROM documents d WHERE {where or '1'})"  # noqa: S608
    parameters: list[str | int]
    if pages is None:
        query, parameters = of_documents, [*values]
    elif not where:
        query, parameters = on_pages, [pages[1], pages[0]]
    else:
        query, parameters = f"{of_documents} AND id IN ({on_pages})", [*values, pages[1], pages[0]]
    # As one text: a row of Python for each of a million chunks would take three times as long.
    (ids,) = db.execute(f"SELECT group_concat(id) FROM ({query})", parameters).fetchone()  # noqa: S608
    return np.sort(np.fromstring(ids or "", dtype=np.int64, sep=","))


def _no_text(
    db: sqlite3.Connection, where: str, values: Sequence[str], pages: tuple[int, int] | None
) -> tuple[str, str]:
    """The error and its hint where documents match but have no text: they lack these pages, or are all empty."""
    if pages is None:
        return "the documents that the filter keeps have no text.", "Run `lectern docs list` to see why."
    of = f" WHERE document_id IN (SELECT d.id FROM documents d WHERE {where})" if where else ""  # noqa: S608
    query = f"SELECT max(last_page) FROM chunk_pages JOIN chunks ON chunks.id = chunk_id{of}"  # noqa: S608
    (last,) = db.execute(query, values).fetchone()
    first, to = pages
    named = f"page {first}" if first == to else f"page from {first} to {to}"
    if last is None:
        return f"there is no {named}.", "Only PDF pages and slides have numbers, and these documents have none."
    return f"there is no {named} with text.", f"The last page with text is {last}."
