"""The rows of a library that changes its embedder: new vectors beside those that answer, until each chunk has one.

Every function takes the open connection, those that write that of an open transaction. ``switch`` puts the new vectors
in the place of the old ones; until then nothing but these functions reads them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.store.chunk_vectors import ALL
from index.store.embeddings import UNUSED
from index.store.records import utc_time

_TARGET = "next_embedder"
_OFFERED = "offered_embedder"


@dataclass(frozen=True, slots=True)
class NewVector:
    """The new vector of a chunk, of shape (dimension,), its hash, and the chunk's length in the embedder's tokens."""

    chunk_id: int
    hash: bytes
    vector: NDArray[np.float32]
    tokens: int


def embedder_of(db: sqlite3.Connection) -> str:
    """The name of the embedder of the vectors that answer; "" before the first."""
    return _meta(db, "embedder")


def target_of(db: sqlite3.Connection) -> str:
    """The name of the embedder that the library was begun to be changed to; "" where it is not."""
    return _meta(db, _TARGET)


def begin(db: sqlite3.Connection, embedder: str) -> None:
    """Note the embedder to change to. What a former run towards the same one has made stays."""
    if target_of(db) != embedder:
        db.execute("DELETE FROM reembedded")
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_TARGET, embedder))


def give_up(db: sqlite3.Connection) -> None:
    """Delete what was made of new vectors; the library keeps its embedder."""
    db.execute("DELETE FROM reembedded")
    db.execute("DELETE FROM meta WHERE key = ?", (_TARGET,))


def count_made(db: sqlite3.Connection) -> tuple[int, int]:
    """The number of chunks that have their new vector, and of all chunks."""
    made, chunks = db.execute("SELECT (SELECT count(*) FROM reembedded), (SELECT count(*) FROM chunks)").fetchone()
    return int(made), int(chunks)


def pending(db: sqlite3.Connection, after: int, most: int) -> list[sqlite3.Row]:
    """The first ``most`` chunks without a new vector whose ids are greater than ``after``, by id, with their context.

    Ids are given in rising order, so that those of documents that come meanwhile are greater than all before.
    """
    return db.execute(
        "SELECT chunks.id, document_id, ordinal, start, end, chunks.text, chunks.headings, embedding, name, title"
        " FROM chunks JOIN documents ON documents.id = document_id"
        " WHERE chunks.id > ? AND NOT EXISTS (SELECT 1 FROM reembedded WHERE chunk_id = chunks.id)"
        " ORDER BY chunks.id LIMIT ?",
        (after, most),
    ).fetchall()


def vector_made(db: sqlite3.Connection, key: bytes) -> NDArray[np.float32] | None:
    """The new vector with this hash, where another chunk has it already."""
    row = db.execute("SELECT vector FROM reembedded WHERE hash = ?", (key,)).fetchone()
    return None if row is None else np.frombuffer(row[0], dtype="<f4")


def save(db: sqlite3.Connection, made: Sequence[NewVector], embedder: str) -> bool:
    """Store new vectors of chunks that are still there; False where the library changes to another embedder by now."""
    if target_of(db) != embedder:
        return False
    db.executemany(
        "INSERT OR REPLACE INTO reembedded SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM chunks WHERE id = ?1)",
        ((one.chunk_id, one.hash, np.ascontiguousarray(one.vector, dtype="<f4").tobytes(), one.tokens) for one in made),
    )
    return True


def is_whole(db: sqlite3.Connection, embedder: str) -> bool:
    """Whether every chunk has its new vector, of this embedder."""
    return target_of(db) == embedder and not pending(db, 0, 1)


def switch(db: sqlite3.Connection, embedder: str, dimension: int, generation: int) -> None:
    """Put the new vectors in the place of the old ones, which are deleted, as the library's new ``generation``."""
    db.execute("INSERT OR IGNORE INTO embeddings SELECT hash, vector, ? FROM reembedded GROUP BY hash", (utc_time(),))
    db.execute(
        "UPDATE chunks SET embedding = made.hash, tokens = made.tokens"
        " FROM reembedded AS made WHERE made.chunk_id = chunks.id"
    )
    give_up(db)
    db.execute(f"DELETE FROM embeddings WHERE {UNUSED}")  # noqa: S608
    db.execute("INSERT OR REPLACE INTO removed VALUES (?, ?)", (ALL, generation))
    db.execute("UPDATE meta SET value = ? WHERE key = 'embedder'", (embedder,))
    db.execute("UPDATE meta SET value = ? WHERE key = 'dimension'", (str(dimension),))


def note_offer(db: sqlite3.Connection, embedder: str) -> bool:
    """Note that the person was told of the embedder; whether that was not noted before."""
    known = _meta(db, _OFFERED)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_OFFERED, embedder))
    return known != embedder


def _meta(db: sqlite3.Connection, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""
