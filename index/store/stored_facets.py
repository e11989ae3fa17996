"""What documents are (``core.facets``), as rows: what was read from their words, and what a person said instead.

What was read goes with its document. What a person said stays for the content it was said of, also while that is among
the replaced versions, and goes when that does.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from core.facets import Facets
from core.types import Document, Heading
from index.store.records import to_pages, utc_time

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FACETS = """
CREATE TABLE facets (               -- what documents say of themselves (core/facets.py)
    number INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
    read TEXT NOT NULL              -- JSON
);
CREATE TABLE given_facets (         -- what people say of them instead, by content
    document_id TEXT PRIMARY KEY,
    facets TEXT NOT NULL,           -- JSON
    given_at TEXT NOT NULL          -- UTC, ISO 8601
) WITHOUT ROWID;
"""


def add_facets(db: sqlite3.Connection) -> None:
    """The step of the schema: the tables, and the facets of all documents, read from their stored texts."""
    for statement in FACETS.split(";\n")[:2]:
        db.execute(statement)
    read_missing(db)


def read_missing(db: sqlite3.Connection) -> None:
    """Read the facets of documents that have none from their stored texts."""
    from ingest.facets.read import read_facets

    numbers = [
        row[0] for row in db.execute("SELECT number FROM documents WHERE number NOT IN (SELECT number FROM facets)")
    ]
    for number in numbers:
        row = db.execute(
            "SELECT id, name, media_type, title, text, pages, headings FROM documents WHERE number = ?", (number,)
        ).fetchone()
        headings = tuple(Heading(start, level, text) for start, level, text in json.loads(row[6]))
        document = Document(row[0], row[1], row[2], row[3], row[4], to_pages(row[5]), headings)
        db.execute("INSERT INTO facets VALUES (?, ?)", (number, facets_json(read_facets(document))))


def save(db: sqlite3.Connection, document_id: str, facets: Facets) -> None:
    """Save what was read of a document that is in the library."""
    db.execute(
        "INSERT OR REPLACE INTO facets SELECT number, ?2 FROM documents WHERE id = ?1",
        (document_id, facets_json(facets)),
    )


def give(db: sqlite3.Connection, document_id: str, facets: Facets) -> None:
    """Save what a person says of a document instead of what was read; nothing takes it back."""
    db.execute("DELETE FROM given_facets WHERE document_id = ?", (document_id,))
    if facets != Facets():
        db.execute("INSERT INTO given_facets VALUES (?, ?, ?)", (document_id, facets_json(facets), utc_time()))


def given_to(db: sqlite3.Connection, document_id: str) -> Facets:
    """What a person said of a document."""
    row = db.execute("SELECT facets FROM given_facets WHERE document_id = ?", (document_id,)).fetchone()
    return to_facets(row[0]) if row else Facets()


def read_of(db: sqlite3.Connection, document_id: str) -> Facets:
    """What a document says of itself."""
    row = db.execute("SELECT read FROM facets JOIN documents USING (number) WHERE id = ?", (document_id,)).fetchone()
    return _readable(row[0]) if row else Facets()


def load(db: sqlite3.Connection, document_ids: Iterable[str] | None = None) -> dict[str, Facets]:
    """The facets in force of these documents, or of all, by id: of each kind what a person said, else what was read."""
    query = (
        "SELECT id, read, g.facets FROM documents d LEFT JOIN facets f ON f.number = d.number"
        " LEFT JOIN given_facets g ON g.document_id = d.id"
    )
    values: tuple[str, ...] = ()
    if document_ids is not None:
        query += " WHERE d.id IN (SELECT value FROM json_each(?))"
        values = (json.dumps(list(document_ids)),)
    rows = db.execute(query, values).fetchall()
    return {str(row[0]): _in_force(_readable(row[1]), _readable(row[2])) for row in rows}


def forget_given(db: sqlite3.Connection) -> None:
    """Delete what people said of documents that are neither in the library nor among the replaced versions."""
    db.execute(
        "DELETE FROM given_facets WHERE document_id NOT IN (SELECT id FROM documents)"
        " AND document_id NOT IN (SELECT document_id FROM former)"
    )


def facets_json(facets: Facets) -> str:
    return _adapter().dump_json(facets, exclude_defaults=True).decode()


def to_facets(text: str) -> Facets:
    """Raises ValueError for JSON of something else."""
    return _adapter().validate_json(text)


def facets_fit(stored: str, text: str) -> bool:
    """Whether stored facets can be read, and stand within the text."""
    try:
        facets = to_facets(stored).facets
    except ValueError:
        return False
    return all(0 <= facet.start <= facet.end <= len(text) for facet in facets)


def _readable(stored: str | None) -> Facets:
    """None of a row that is missing or damaged: all is searched then."""
    try:
        return to_facets(stored or "{}")
    except ValueError:
        return Facets()


def _in_force(read: Facets, given: Facets) -> Facets:
    if given == Facets():
        return read
    kinds = {facet.kind for facet in given.facets}
    facets = (*given.facets, *(facet for facet in read.facets if facet.kind not in kinds))
    return Facets(facets, given.period if "period" in kinds else read.period)


@cache
def _adapter() -> TypeAdapter[Facets]:
    from pydantic import TypeAdapter

    return TypeAdapter(Facets)
