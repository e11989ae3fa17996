"""FAISS, derived from the library: which chunks' vectors lie nearest to a question's.

The index holds nothing that SQLite does not. Its file carries the library's identity and the generation that it was
built from in its name; on opening, and before every search, it catches up with what was committed since, by this
process or another.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.library import VECTORS, Library

if TYPE_CHECKING:
    import sqlite3

_NAME = re.compile(r"vectors-(?P<identity>[0-9a-f]+)-(?P<generation>\d+)\.faiss")

_AT_ONCE = 10_000
"""Vectors added in one go, 15 MB of 384 numbers each."""


class VectorIndex:
    """Exact inner-product search over unit vectors, by chunk id. Thread-safe."""

    def __init__(self, library: Library) -> None:
        """Loads the saved index or starts empty; it is brought up to date by the first search."""
        self._library = library
        self._lock = threading.Lock()
        self._index: Any = None
        self._generation = 0
        self._counted = False  # whether the index was held against the library since it was loaded
        self._load()

    @property
    def generation(self) -> int:
        """The library's generation that the index stands at."""
        return self._generation

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.ntotal)

    def search(
        self, vector: NDArray[np.float32], k: int, among: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` nearest chunks to a unit vector of shape (dimension,) as (chunk id, cosine), best first.

        ``among``, chunk ids of shape (n,), limits the search to these.
        """
        import faiss

        parameters = None
        if among is not None:
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(among))  # type: ignore[call-arg]
        with self._lock:
            self._catch_up()
            if self._index is None or not self._index.ntotal:
                return []
            scores, ids = self._index.search(vector[None, :], k, params=parameters)
        return [(int(key), float(score)) for key, score in zip(ids[0], scores[0], strict=True) if key >= 0]

    def similarities(self, vector: NDArray[np.float32], ids: list[int]) -> dict[int, float]:
        """The cosine of each of these chunks to a unit vector of shape (dimension,); unknown ids are left out."""
        with self._lock:
            found: dict[int, float] = {}
            if self._index is None:
                return found
            for key in ids:
                try:
                    found[key] = float(self._index.reconstruct(key) @ vector)
                except RuntimeError:  # removed since the words were searched
                    continue
        return found

    def ids(self) -> NDArray[np.int64]:
        """All chunk ids in the index, of shape (n,), after catching up."""
        import faiss

        with self._lock:
            self._catch_up()
            if self._index is None:
                return np.empty(0, dtype=np.int64)
            return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def save(self) -> None:
        """Write the index beside the library: whole, on disk, then under its name; older files go."""
        import faiss

        with self._lock:
            self._catch_up()
            if self._index is None:
                return
            name = f"vectors-{self._library.identity}-{self._generation}.faiss"
            target = self._library.folder / name
            if target.exists():
                return
            temporary = target.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
            try:
                faiss.write_index(self._index, str(temporary))
                descriptor = os.open(temporary, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
        for file, generation in self._files():
            if generation < self._generation:
                file.unlink(missing_ok=True)

    def _files(self) -> list[tuple[Path, int]]:
        """The saved indexes of this very library, newest first."""
        found = []
        for file in self._library.folder.glob(VECTORS):
            match = _NAME.fullmatch(file.name)
            if match and match["identity"] == self._library.identity:
                found.append((file, int(match["generation"])))
        return sorted(found, key=lambda pair: -pair[1])

    def _load(self) -> None:
        """The newest saved index that can be read; SQLite fills in for one that cannot."""
        import faiss

        now = self._library.generation
        for file, generation in self._files():
            if generation > now:
                continue
            try:
                index = faiss.read_index(str(file))
            except RuntimeError:  # torn or damaged, or just deleted by another process
                continue
            if index.d == self._library.dimension:
                self._index, self._generation = index, generation
                return

    def _catch_up(self) -> None:
        """Add and remove what was committed since; called with the lock held."""
        if self._counted and self._library.generation == self._generation:
            return
        with self._library.database.reading() as db:
            now = int(db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])
            removed = [
                r[0] for r in db.execute("SELECT chunk_id FROM removed WHERE generation > ?", (self._generation,))
            ]
            if self._index is not None and removed:
                self._index.remove_ids(np.array(removed, dtype=np.int64))
            self._add(db)
            self._generation = now
            if self._index is not None:
                (expected,) = db.execute("SELECT count(*) FROM chunks").fetchone()
                if self._index.ntotal != expected:  # the file was not what its name said
                    self._index, self._generation = None, 0
                    self._add(db)
                    self._generation = now
        self._counted = True

    def _add(self, db: sqlite3.Connection) -> None:
        import faiss

        rows = db.execute(
            "SELECT chunks.id, embeddings.vector FROM chunks JOIN embeddings ON embeddings.hash = chunks.embedding"
            " WHERE chunks.generation > ? ORDER BY chunks.id",
            (self._generation,),
        )
        while part := rows.fetchmany(_AT_ONCE):
            vectors = np.frombuffer(b"".join(row[1] for row in part), dtype="<f4").reshape(len(part), -1)
            if self._index is None:
                self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
            self._index.add_with_ids(vectors, np.array([row[0] for row in part], dtype=np.int64))
