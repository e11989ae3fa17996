"""Documents that an ingest replaced or took out: kept until the next ingest, so that a person can bring them back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from core.types import Chunk, Document
from index.store.embeddings import remove_vectors
from index.store.naming import numbered
from index.store.records import Entry, to_document, utc_time
from index.store.sources import EARLIER, UPLOAD

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class ReplacedVersion:
    """A document that was replaced, with the name and source it had.

    ``successor`` is the id of the document that replaced it, or "" where it was taken out because its file is gone.
    ``replaced_at`` is UTC, ISO 8601.
    """

    document_id: str
    name: str
    source: str
    successor: str
    replaced_at: str


def retire(db: sqlite3.Connection, document_id: str, source: str, successor: str = "") -> None:
    """Keep a document as a replaced version; the caller then removes its rows.

    ``successor`` is the id of the document that replaces it, "" where none does.
    """
    row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    (day,) = db.execute("SELECT ifnull(max(day), '') FROM dates WHERE document_id = ?", (document_id,)).fetchone()
    tags = [tag for (tag,) in db.execute("SELECT tag FROM tags WHERE document_id = ?", (document_id,))]
    chunks = db.execute("SELECT * FROM chunks WHERE document_id = ? ORDER BY ordinal", (document_id,)).fetchall()
    db.execute("DELETE FROM former WHERE document_id = ?", (document_id,))
    db.execute(
        "INSERT INTO former VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document_id,
            row["name"],
            source,
            successor,
            _documents().dump_json(to_document(row)).decode(),
            _chunks().dump_json(tuple(_to_chunk(chunk) for chunk in chunks)).decode(),
            row["size"],
            day,
            json.dumps(tags, ensure_ascii=False),
            utc_time(),
        ),
    )
    db.executemany(
        "INSERT INTO former_vectors VALUES (?, ?, ?)",
        ((document_id, chunk["ordinal"], chunk["embedding"]) for chunk in chunks),
    )


def list_replaced(db: sqlite3.Connection) -> list[ReplacedVersion]:
    """The versions that can be brought back, sorted by name."""
    rows = db.execute("SELECT document_id, name, source, successor, replaced_at FROM former ORDER BY name, document_id")
    return [ReplacedVersion(*row) for row in rows]


def tags_of_taken_out(db: sqlite3.Connection, document_id: str) -> list[str]:
    """The tags of a document that was taken out because its file was gone; none where it was replaced."""
    row = db.execute("SELECT tags FROM former WHERE document_id = ? AND successor = ''", (document_id,)).fetchone()
    return [str(tag) for tag in json.loads(row["tags"])] if row else []


def take_back(db: sqlite3.Connection, document_id: str) -> tuple[Entry, list[str]]:
    """A replaced version as an entry to be put into the library again, under a free name, and its tags.

    ``index.store.statements.put`` then deletes it from the replaced versions.
    """
    row = db.execute("SELECT * FROM former WHERE document_id = ?", (document_id,)).fetchone()
    hashes = db.execute(
        "SELECT hash FROM former_vectors WHERE document_id = ? ORDER BY ordinal", (document_id,)
    ).fetchall()
    kind = UPLOAD if row["source"].startswith(UPLOAD) else EARLIER
    name = next(name for name in numbered(row["name"].rpartition("/")[2]) if _is_free(db, kind, name))
    document = replace(_documents().validate_json(row["document"]), name=name)
    chunks = _chunks().validate_json(row["chunks"])
    entry = Entry(document, kind + name, row["size"], chunks, tuple(one[0] for one in hashes), row["day"])
    return entry, json.loads(row["tags"])


def forget(db: sqlite3.Connection, among: Sequence[str] | None = None) -> list[str]:
    """Delete replaced versions for good, with the vectors that nothing else uses; returns their ids.

    ``among``, ids of documents, limits this to replaced versions with these ids and to those that they replaced.
    """
    query = "SELECT document_id FROM former"
    if among is not None:
        ids_among = "(SELECT value FROM json_each(?1))"
        query += f" WHERE document_id IN {ids_among} OR successor IN {ids_among}"
    values = () if among is None else (json.dumps(list(among)),)
    ids = [str(row[0]) for row in db.execute(query, values)]
    for document_id in ids:
        hashes = [row[0] for row in db.execute("SELECT hash FROM former_vectors WHERE document_id = ?", (document_id,))]
        db.execute("DELETE FROM former WHERE document_id = ?", (document_id,))
        remove_vectors(db, hashes)
    return ids


def is_known(db: sqlite3.Connection, document_id: str) -> bool:
    """Whether a document is in the library or among the replaced versions."""
    query = "SELECT 1 FROM documents WHERE id = ?1 UNION SELECT 1 FROM former WHERE document_id = ?1"
    return bool(db.execute(query, (document_id,)).fetchone())


def _is_free(db: sqlite3.Connection, kind: str, name: str) -> bool:
    return not db.execute(
        "SELECT 1 FROM documents WHERE name = ?1 UNION SELECT 1 FROM sources WHERE name = ?1 OR source = ?2",
        (name, kind + name),
    ).fetchone()


def _to_chunk(row: sqlite3.Row) -> Chunk:
    return Chunk(
        row["document_id"],
        row["ordinal"],
        row["start"],
        row["end"],
        row["text"],
        tuple(json.loads(row["headings"])),
        row["tokens"],
    )


@lru_cache
def _documents() -> TypeAdapter[Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


@lru_cache
def _chunks() -> TypeAdapter[tuple[Chunk, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Chunk, ...])
