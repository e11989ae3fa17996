"""What happens to the rows inside one transaction of the library. Every function takes the open connection."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.places import clip
from index.records import Entry, document_day, document_row, pages_json, utc_time
from index.words import indexed, words

_FEW = 500
"""Values in one IN (...), well below SQLite's limit of 32,766."""

_LEAD_WORDS = 200
"""Words of a document's beginning that say what it is about: a report's first page tells whose it is and of when."""

_LEAD_FROM = 4_000
"""Characters, about two pages: a shorter document has no first page that speaks for others."""


def vector_hash(embedder: str, text: str) -> bytes:
    """What an embedding is kept by: SHA-256 of the embedder's name and the text that it read."""
    return hashlib.sha256(f"{embedder}\0{text}".encode()).digest()


def current_generation(db: sqlite3.Connection) -> int:
    """The library's generation, as this transaction sees it."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def next_generation(db: sqlite3.Connection) -> int:
    db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")
    return current_generation(db)


def find_documents(db: sqlite3.Connection, name_or_id: str) -> list[str]:
    """Ids of the documents with this id, name or source, or whose id begins so: the first of these that finds any."""
    queries = (
        "SELECT id FROM documents WHERE id = ?1",
        "SELECT document_id FROM sources WHERE source = ?1",
        "SELECT id FROM documents WHERE name = ?1 UNION SELECT document_id FROM sources WHERE name = ?1",
        "SELECT id FROM documents WHERE length(?1) >= 8 AND substr(id, 1, length(?1)) = ?1",
    )
    for query in queries:
        if found := [str(row[0]) for row in db.execute(query, (name_or_id,))]:
            return sorted(found)
    return []


def load_vectors(db: sqlite3.Connection, hashes: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
    wanted = list(dict.fromkeys(hashes))
    found: dict[bytes, NDArray[np.float32]] = {}
    for first in range(0, len(wanted), _FEW):
        part = wanted[first : first + _FEW]
        query = f"SELECT hash, vector FROM embeddings WHERE hash IN ({', '.join('?' * len(part))})"  # noqa: S608
        for row in db.execute(query, part):
            found[row[0]] = np.frombuffer(row[1], dtype="<f4")
    return found


def save_vectors(db: sqlite3.Connection, vectors: Mapping[bytes, NDArray[np.float32]], time: str) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)",
        ((key, np.ascontiguousarray(vector, dtype="<f4").tobytes(), time) for key, vector in vectors.items()),
    )


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """What is stored of a chunk beside itself: the words of its file and of its text, and the pages it lies on.

    ``numbers`` are the first and the last page or slide, None for formats without.
    """

    file: str
    body: str
    pages: str
    numbers: tuple[int, int] | None


def prepare(entry: Entry) -> list[ChunkRow]:
    """The rows of the entry's chunks, made before the transaction begins, to keep it short."""
    document = entry.document
    file = indexed(f"{document.name}\n{document.title}")
    rows = []
    for chunk in entry.chunks:
        pages = clip(document.pages, document.text, chunk.start, chunk.end)
        numbers = [page.number for page in pages if page.kind in ("page", "slide")]
        body = indexed("\n".join((*chunk.headings, chunk.text)))
        rows.append(ChunkRow(file, body, pages_json(pages), (min(numbers), max(numbers)) if numbers else None))
    return rows


def about(name: str, title: str, metadata: Mapping[str, str], text: str) -> tuple[str, str]:
    """What a document as a whole is found by: the words of its name, title, subject and keywords; how it begins."""
    named = words("\n".join((name, title, metadata.get("subject", ""), metadata.get("keywords", ""))))
    lead = words(text[: _LEAD_WORDS * 10])[:_LEAD_WORDS] if len(text) >= _LEAD_FROM else []
    return " ".join(dict.fromkeys(named)), " ".join(lead)


def put(db: sqlite3.Connection, entry: Entry, rows: list[ChunkRow], generation: int) -> None:
    """Insert a document whose vectors are there; one of the same id, and its source's former one, go."""
    document = entry.document
    sources = db.execute("SELECT source, name FROM sources WHERE document_id = ?", (document.id,)).fetchall()
    tags = [row[0] for row in db.execute("SELECT tag FROM tags WHERE document_id = ?", (document.id,))]
    remove_document(db, document.id, generation, keep=entry.hashes)
    values = document_row(entry)
    db.execute(f"INSERT INTO documents VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    set_tags(db, document.id, tags)
    day = document_day(document.metadata, entry.changed, utc_time())
    db.execute("INSERT INTO dates VALUES (?, ?)", (document.id, day))
    named, lead = about(document.name, document.title, document.metadata, document.text)
    db.execute(
        "INSERT INTO abouts (rowid, name, lead) SELECT number, ?, ? FROM documents WHERE id = ?",
        (named, lead, document.id),
    )
    for other in sources:
        set_source(db, other["source"], document.id, other["name"], generation)
    for chunk, key, row in zip(entry.chunks, entry.hashes, rows, strict=True):
        cursor = db.execute(
            "INSERT INTO chunks"
            " (document_id, ordinal, start, end, text, headings, pages, tokens, embedding, generation)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.id,
                chunk.ordinal,
                chunk.start,
                chunk.end,
                chunk.text,
                json.dumps(chunk.headings, ensure_ascii=False),
                row.pages,
                chunk.tokens,
                key,
                generation,
            ),
        )
        db.execute("INSERT INTO words (rowid, file, body) VALUES (?, ?, ?)", (cursor.lastrowid, row.file, row.body))
        if row.numbers:
            db.execute("INSERT INTO chunk_pages VALUES (?, ?, ?)", (cursor.lastrowid, *row.numbers))
    # Only after the chunks: a former version that vanishes here takes along the vectors that no chunk uses.
    set_source(db, entry.source, document.id, document.name, generation)


def set_source(db: sqlite3.Connection, source: str, document_id: str, name: str, generation: int) -> None:
    """Tie ``source`` to a document; the former one hands on its tags, and vanishes with its last source."""
    former = db.execute("SELECT document_id FROM sources WHERE source = ?", (source,)).fetchone()
    db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", (source, document_id, name))
    if former and former[0] != document_id:
        tags = db.execute("SELECT tag FROM tags WHERE document_id = ?", (former[0],)).fetchall()
        set_tags(db, document_id, (row[0] for row in tags))
        rest = db.execute("SELECT name FROM sources WHERE document_id = ? ORDER BY source", (former[0],)).fetchall()
        if rest:
            _rename(db, former[0], [row[0] for row in rest])
        else:
            remove_document(db, former[0], generation)


def _rename(db: sqlite3.Connection, document_id: str, names: list[str]) -> None:
    """Give a document a name that one of its sources still has."""
    row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row["name"] in names:
        return
    db.execute("UPDATE documents SET name = ? WHERE id = ?", (names[0], document_id))
    named, _ = about(names[0], row["title"], json.loads(row["metadata"]), "")
    db.execute("UPDATE abouts SET name = ? WHERE rowid = ?", (named, row["number"]))
    file = indexed(f"{names[0]}\n{row['title']}")
    db.execute(
        "UPDATE words SET file = ? WHERE rowid IN (SELECT id FROM chunks WHERE document_id = ?)", (file, document_id)
    )


def set_tags(db: sqlite3.Connection, document_id: str, add: Iterable[str], remove: Iterable[str] = ()) -> None:
    """Upper and lower case are the same tag: one that is there keeps its case."""
    db.executemany(
        "INSERT INTO tags SELECT ?1, ?2 WHERE NOT EXISTS"
        " (SELECT 1 FROM tags WHERE document_id = ?1 AND casefold(tag) = casefold(?2))",
        ((document_id, tag) for tag in add),
    )
    db.executemany(
        "DELETE FROM tags WHERE document_id = ? AND casefold(tag) = casefold(?)",
        ((document_id, tag) for tag in remove),
    )


def all_tags(db: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The tags of the documents that have any, in order, by document id."""
    found: dict[str, list[str]] = {}
    for document_id, tag in db.execute("SELECT document_id, tag FROM tags ORDER BY tag"):
        found.setdefault(document_id, []).append(tag)
    return {document_id: tuple(tags) for document_id, tags in found.items()}


def remove_document(db: sqlite3.Connection, document_id: str, generation: int, keep: Iterable[bytes] = ()) -> None:
    """Delete a document's rows everywhere; vectors that no other chunk uses go too, except those to ``keep``."""
    chunks = db.execute("SELECT id, embedding FROM chunks WHERE document_id = ?", (document_id,)).fetchall()
    db.executemany("DELETE FROM words WHERE rowid = ?", ((row["id"],) for row in chunks))
    db.executemany("INSERT INTO removed VALUES (?, ?)", ((row["id"], generation) for row in chunks))
    db.execute("DELETE FROM abouts WHERE rowid IN (SELECT number FROM documents WHERE id = ?)", (document_id,))
    db.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    kept = set(keep)
    db.executemany(
        "DELETE FROM embeddings WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM chunks WHERE embedding = ?1)",
        ((key,) for key in {row["embedding"] for row in chunks} - kept),
    )


def remove_unused_vectors(db: sqlite3.Connection, *, before: str) -> None:
    """Delete vectors that no chunk uses and that were saved ``before`` that time: their ingest was given up."""
    db.execute(
        "DELETE FROM embeddings WHERE added_at < ? AND NOT EXISTS (SELECT 1 FROM chunks WHERE embedding = hash)",
        (before,),
    )
