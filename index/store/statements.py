"""Changes to the rows of documents. Every function takes the connection of an open transaction."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from core.types import Document
from index.analyzer import index_text
from index.language import language_of
from index.page_spans import clip
from index.store import embeddings, replaced
from index.store.document_fields import about
from index.store.naming import keeps_name, name_for, rename, settle_name
from index.store.records import NOTE_COLUMN, Entry, document_day, document_row, pages_json, to_pages, utc_time
from index.store.word_index import chunk_words
from ingest.recognition.reading import BLANK


def current_generation(db: sqlite3.Connection) -> int:
    """The library's generation; every change of documents raises it by one."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def next_generation(db: sqlite3.Connection) -> int:
    """Raise the library's generation by one; returns the new one."""
    db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")
    return current_generation(db)


def find_documents(db: sqlite3.Connection, name_or_id: str) -> list[str]:
    """Sorted ids of the documents that ``name_or_id`` means, [] for none.

    It is tried as an id, then as a source, then as a name, then as the beginning of an id, of 8 characters or more.
    """
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


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """What is stored with a chunk: the indexed terms of its file's name and of its text, and its pages as JSON.

    ``numbers`` are its first and last page or slide; None for formats without pages.
    """

    file: str
    body: str
    pages: str
    numbers: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Move:
    """A document whose file, at the source ``before``, now is at ``source`` and called ``name``."""

    document_id: str
    before: str
    source: str
    name: str


def prepare(entry: Entry) -> list[ChunkRow]:
    """The rows of an entry's chunks, in order. Call it before the transaction, to keep that short."""
    document = entry.document
    language = language_of(document.text)
    file = index_text(f"{document.name}\n{document.title}", language)
    rows = []
    for chunk in entry.chunks:
        pages = clip(document.pages, document.text, chunk.start, chunk.end)
        numbers = [page.number for page in pages if page.kind in ("page", "slide")]
        body = chunk_words(chunk.headings, chunk.text, document.tables, chunk.start, chunk.end, language)
        rows.append(ChunkRow(file, body, pages_json(pages), (min(numbers), max(numbers)) if numbers else None))
    return rows


def put(db: sqlite3.Connection, entry: Entry, rows: list[ChunkRow], generation: int) -> None:
    """Insert a document and its chunks; their vectors must be stored already.

    It replaces a document of the same id, and the earlier version that came from the same source.
    """
    document = entry.document
    former = replaced.tags_of_taken_out(db, document.id)
    db.execute("DELETE FROM former WHERE document_id = ?", (document.id,))  # it is back
    sources = db.execute("SELECT source, name FROM sources WHERE document_id = ?", (document.id,)).fetchall()
    tags = [row[0] for row in db.execute("SELECT tag FROM tags WHERE document_id = ?", (document.id,))] or former
    remove_document(db, document.id, generation, keep=entry.hashes)
    values = document_row(entry)
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO documents ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))  # noqa: S608
    set_tags(db, document.id, tags)
    day = document_day(document.metadata, entry.changed, utc_time())
    db.execute("INSERT INTO dates VALUES (?, ?)", (document.id, day))
    named, lead = about(document.name, document.title, document.metadata, document.text, language_of(document.text))
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
    # Only after the chunks: replacing the earlier version deletes its vectors that no chunk uses.
    before = source_document(db, entry.source)
    name = _inherited(db, before, entry.source, document.name) or name_for(db, document.id, entry.source, document.name)
    set_source(db, entry.source, document.id, document.name, generation)
    rename(db, document.id, name)


def has_other_text(db: sqlite3.Connection, document: Document) -> bool:
    """Whether the library has this document with another text, as before its scanned pages were recognized."""
    row = db.execute("SELECT text FROM documents WHERE id = ?", (document.id,)).fetchone()
    return row is not None and str(row[0]) != document.text


def note_pages(db: sqlite3.Connection, document_id: str, before: Collection[str], note: str) -> None:
    """Give the pages of a document that have a note of ``before`` this one."""
    row = db.execute("SELECT pages FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row is not None:
        pages = tuple(replace(page, note=note) if page.note in before else page for page in to_pages(row[0]))
        db.execute("UPDATE documents SET pages = ? WHERE id = ?", (pages_json(pages), document_id))


def _inherited(db: sqlite3.Connection, earlier: str | None, source: str, base: str) -> str:
    """The name of the earlier version of a file, for example "a/scan.pdf", for the new version to take over.

    "" if there is no earlier version, if it keeps its name for another source, or if the name does not end with
    ``base``.
    """
    row = db.execute("SELECT name FROM documents WHERE id = ?", (earlier,)).fetchone()
    if row is None or earlier is None or keeps_name(db, earlier, without=source):
        return ""
    return str(row[0]) if row[0] == base or row[0].endswith(f"/{base}") else ""


def set_source(db: sqlite3.Connection, source: str, document_id: str, name: str, generation: int) -> None:
    """Record that a document came from ``source``, a file called ``name``.

    If another document came from there before, the new one gets its tags. If that was its only source, it becomes a
    replaced version (``index.store.replaced``) and is removed from the documents.
    """
    before = source_document(db, source)
    db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", (source, document_id, name))
    _follow_on(db, before, source, document_id, generation)


def _follow_on(db: sqlite3.Connection, before: str | None, source: str, document_id: str, generation: int) -> None:
    """What becomes of ``before``, the document that came from ``source`` until ``document_id`` did."""
    if before is None or before == document_id:
        return
    tags = db.execute("SELECT tag FROM tags WHERE document_id = ?", (before,)).fetchall()
    set_tags(db, document_id, (row[0] for row in tags))
    if db.execute("SELECT 1 FROM sources WHERE document_id = ?", (before,)).fetchone():
        settle_name(db, before)
    else:
        replaced.retire(db, before, source, document_id)
        remove_document(db, before, generation)


def move_sources(db: sqlite3.Connection, moves: Iterable[Move], generation: int) -> None:
    """Change where documents came from, all at once, so that files may have changed places.

    A document that came from a place before, and is not among those that moved, has a newer version there. A move of a
    document that is no longer at its place is passed over.
    """
    moves = tuple(move for move in moves if source_document(db, move.before) == move.document_id)
    db.executemany("DELETE FROM sources WHERE source = ?", ((move.before,) for move in moves))
    replaced_by = [(source_document(db, move.source), move) for move in moves]
    for move in moves:
        db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", (move.source, move.document_id, move.name))
    for before, move in replaced_by:
        _follow_on(db, before, move.source, move.document_id, generation)
    for move in moves:
        settle_name(db, move.document_id)


def drop_sources(db: sqlite3.Connection, sources: Iterable[str], generation: int) -> list[str]:
    """Delete sources. A document without a source left becomes a replaced version (``index.store.replaced``).

    Returns the ids of the documents that were removed so.
    """
    vanished = []
    for source in sources:
        document_id = source_document(db, source)
        if document_id is None:
            continue
        db.execute("DELETE FROM sources WHERE source = ?", (source,))
        if db.execute("SELECT 1 FROM sources WHERE document_id = ?", (document_id,)).fetchone():
            settle_name(db, document_id)
        else:
            replaced.retire(db, document_id, source)
            remove_document(db, document_id, generation)
            vanished.append(document_id)
    return vanished


def source_document(db: sqlite3.Connection, source: str) -> str | None:
    """The id of the document that came from ``source``, or None."""
    row = db.execute("SELECT document_id FROM sources WHERE source = ?", (source,)).fetchone()
    return str(row[0]) if row else None


def sources_of(db: sqlite3.Connection, document_id: str) -> list[str]:
    """The sources of a document, sorted."""
    rows = db.execute("SELECT source FROM sources WHERE document_id = ? ORDER BY source", (document_id,))
    return [str(row[0]) for row in rows]


def set_tags(db: sqlite3.Connection, document_id: str, add: Iterable[str], remove: Iterable[str] = ()) -> None:
    """Add and remove tags of a document; nothing happens if the library has no such document.

    Tags that differ only in case are the same tag; the spelling that was added first is kept.
    """
    db.executemany(
        "INSERT INTO tags SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM documents WHERE id = ?1) AND NOT EXISTS"
        " (SELECT 1 FROM tags WHERE document_id = ?1 AND casefold(tag) = casefold(?2))",
        ((document_id, tag) for tag in add),
    )
    db.executemany(
        "DELETE FROM tags WHERE document_id = ? AND casefold(tag) = casefold(?)",
        ((document_id, tag) for tag in remove),
    )


def all_tags(db: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The sorted tags of all documents that have any, by document id."""
    found: dict[str, list[str]] = {}
    for document_id, tag in db.execute("SELECT document_id, tag FROM tags ORDER BY tag"):
        found.setdefault(document_id, []).append(tag)
    return {document_id: tuple(tags) for document_id, tags in found.items()}


def unread_pages(db: sqlite3.Connection) -> dict[str, tuple[tuple[str, int], ...]]:
    """By document id, why pages have no text and of how many it is true; pages that are blank are left out."""
    found: dict[str, list[tuple[str, int]]] = {}
    rows = db.execute(
        "SELECT documents.id, page.value ->> ? AS note, count(*) AS pages"
        " FROM documents, json_each(documents.pages) AS page WHERE note NOT IN ('', ?)"
        " GROUP BY documents.id, note ORDER BY documents.id, pages DESC",
        (NOTE_COLUMN, BLANK),
    )
    for row in rows:
        found.setdefault(row["id"], []).append((row["note"], row["pages"]))
    return {document_id: tuple(notes) for document_id, notes in found.items()}


def remove_document(db: sqlite3.Connection, document_id: str, generation: int, keep: Iterable[bytes] = ()) -> None:
    """Delete all rows of a document, and its vectors unless other chunks use them or their hash is in ``keep``."""
    chunks = db.execute("SELECT id, embedding FROM chunks WHERE document_id = ?", (document_id,)).fetchall()
    db.executemany("DELETE FROM words WHERE rowid = ?", ((row["id"],) for row in chunks))
    db.executemany("INSERT INTO removed VALUES (?, ?)", ((row["id"], generation) for row in chunks))
    db.execute("DELETE FROM abouts WHERE rowid IN (SELECT number FROM documents WHERE id = ?)", (document_id,))
    db.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    embeddings.remove_vectors(db, {row["embedding"] for row in chunks} - set(keep))
