"""The vectors of chunks as SQLite holds them, by chunk id. Every function takes the open connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from index.store.statements import current_generation

ALL = 0
"""Among the removed chunks, in place of an id: all vectors were replaced by those of another embedder."""


def vectors_of(db: sqlite3.Connection, ids: Iterable[int]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Chunk ids with their exact vectors, of shape (dimension,); ids without a chunk are left out."""
    rows = db.execute(
        "SELECT chunks.id, vector FROM json_each(?) AS wanted JOIN chunks ON chunks.id = wanted.value"
        " JOIN embeddings ON hash = embedding",
        (json.dumps(list(ids)),),
    )
    for row in rows:
        yield int(row[0]), np.frombuffer(row[1], dtype="<f4")


def chunk_ids(db: sqlite3.Connection) -> NDArray[np.int64]:
    """The ids of all chunks, of shape (n,)."""
    return np.fromiter((row[0] for row in db.execute("SELECT id FROM chunks")), dtype=np.int64)


def count_chunks(db: sqlite3.Connection) -> int:
    """The number of chunks in the library."""
    return int(db.execute("SELECT count(*) FROM chunks").fetchone()[0])


def count_added(db: sqlite3.Connection, since: int, most: int) -> int:
    """The number of chunks added after the generation ``since``, counted up to ``most``."""
    query = "SELECT count(*) FROM (SELECT 1 FROM chunks WHERE generation > ? LIMIT ?)"
    return int(db.execute(query, (since, most)).fetchone()[0])


def added_rows(db: sqlite3.Connection, since: int, at_once: int) -> Iterator[list[sqlite3.Row]]:
    """The (chunk id, stored vector) added after the generation ``since``, in order, ``at_once`` rows at a time."""
    rows = db.execute(
        "SELECT chunks.id, embeddings.vector FROM chunks JOIN embeddings ON embeddings.hash = chunks.embedding"
        " WHERE chunks.generation > ? ORDER BY chunks.generation, chunks.id",
        (since,),
    )
    while batch := rows.fetchmany(at_once):
        yield batch


def removed_ids(db: sqlite3.Connection, since: int) -> NDArray[np.int64]:
    """The ids of the chunks removed after the generation ``since``, of shape (n,); ALL where all were replaced."""
    rows = db.execute("SELECT chunk_id FROM removed WHERE generation > ?", (since,))
    return np.array([row[0] for row in rows], dtype=np.int64)


def newest_rows(db: sqlite3.Connection, generation: int, most: int) -> list[sqlite3.Row]:
    """The last (chunk id, stored vector) up to a generation, newest first, ``most`` of them."""
    return db.execute(
        "SELECT chunks.id, vector FROM chunks JOIN embeddings ON hash = embedding"
        " WHERE chunks.generation <= ? ORDER BY chunks.id DESC LIMIT ?",
        (generation, most),
    ).fetchall()


def state_of(db: sqlite3.Connection) -> tuple[int, bytes]:
    """The library's generation and the hash of the newest chunk's vector.

    The hash tells two states of one generation apart: in a library that was restored from a copy, another change may
    have the number of one that was there before.
    """
    newest = db.execute("SELECT embedding FROM chunks ORDER BY id DESC LIMIT 1").fetchone()
    return current_generation(db), newest[0] if newest else b""
