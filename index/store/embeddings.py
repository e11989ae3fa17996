"""Stored vectors, by the hash of what the embedder read. Every function takes the open connection."""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

_FEW = 500
"""Values in one IN (...), well below SQLite's limit of 32,766."""

UNUSED = (
    "NOT EXISTS (SELECT 1 FROM chunks WHERE embedding = embeddings.hash)"
    " AND NOT EXISTS (SELECT 1 FROM former_vectors WHERE hash = embeddings.hash)"
)
"""SQL condition: neither a chunk nor a replaced version has this vector."""


def vector_hash(embedder: str, text: str) -> bytes:
    """The key of a stored vector: SHA-256 of the embedder's name and the text that it read."""
    return hashlib.sha256(f"{embedder}\0{text}".encode()).digest()


def load_vectors(db: sqlite3.Connection, hashes: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
    """The stored vectors, of shape (dimension,), by hash; hashes without one are left out."""
    wanted = list(dict.fromkeys(hashes))
    found: dict[bytes, NDArray[np.float32]] = {}
    for first in range(0, len(wanted), _FEW):
        batch = wanted[first : first + _FEW]
        query = f"SELECT hash, vector FROM embeddings WHERE hash IN ({', '.join('?' * len(batch))})"  # noqa: S608
        for row in db.execute(query, batch):
            found[row[0]] = np.frombuffer(row[1], dtype="<f4")
    return found


def save_vectors(db: sqlite3.Connection, vectors: Mapping[bytes, NDArray[np.float32]], time: str) -> None:
    """Store vectors of shape (dimension,) with the time at which they were added (UTC, ISO 8601)."""
    db.executemany(
        "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)",
        ((key, np.ascontiguousarray(vector, dtype="<f4").tobytes(), time) for key, vector in vectors.items()),
    )


def remove_vectors(db: sqlite3.Connection, hashes: Iterable[bytes]) -> None:
    """Delete those of these vectors that neither a chunk nor a replaced version uses."""
    db.executemany(f"DELETE FROM embeddings WHERE hash = ? AND {UNUSED}", ((key,) for key in hashes))  # noqa: S608


def remove_unused_vectors(db: sqlite3.Connection, *, before: str) -> None:
    """Delete unused vectors that were added ``before`` that time (UTC, ISO 8601): their ingest was abandoned."""
    db.execute(f"DELETE FROM embeddings WHERE added_at < ? AND {UNUSED}", (before,))  # noqa: S608
