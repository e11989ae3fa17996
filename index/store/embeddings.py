"""The rows of vectors, by the hash of what an embedder read. Every function takes the open connection."""

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
"""SQL: that no chunk, and no version that can be brought back, has this vector."""


def vector_hash(embedder: str, text: str) -> bytes:
    """What an embedding is kept by: SHA-256 of the embedder's name and the text that it read."""
    return hashlib.sha256(f"{embedder}\0{text}".encode()).digest()


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


def remove_vectors(db: sqlite3.Connection, hashes: Iterable[bytes]) -> None:
    """Delete those of these vectors that neither a chunk nor a replaced version uses."""
    db.executemany(f"DELETE FROM embeddings WHERE hash = ? AND {UNUSED}", ((key,) for key in hashes))  # noqa: S608


def remove_unused_vectors(db: sqlite3.Connection, *, before: str) -> None:
    """Delete vectors that nothing uses and that were saved ``before`` that time: their ingest was given up."""
    db.execute(f"DELETE FROM embeddings WHERE added_at < ? AND {UNUSED}", (before,))  # noqa: S608
