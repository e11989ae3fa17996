"""FAISS, derived from the library: which chunks' vectors lie nearest to a question's.

The index holds nothing that SQLite does not. Its file carries the library's identity, the generation that it was built
from and its number of lists (0: exact) in its name; on opening, and before every search, it catches up with what was
committed since, by this process or another. ``save``, at the end of an ingest, is where its kind changes: who searches
goes on with what is there, and takes the new file up when it stands under its name.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.files import private_file
from index import nearest
from index.library import VECTORS, Library
from index.store import current_generation

if TYPE_CHECKING:
    import sqlite3

_NAME = re.compile(r"vectors-(?P<identity>[0-9a-f]+)-(?P<generation>\d+)(?:-(?P<lists>\d+))?\.faiss")

_AT_ONCE = 10_000
"""Vectors added in one go, 15 MB of 384 numbers each."""

_BEHIND = 20_000
"""Chunks to catch up with (half a second) from which another process's file is read instead, or one is written."""

_RESERVE = 20
"""Candidates beyond ``k`` that are compared by their exact vectors, where the index holds rounded ones."""

_STALE_S = 3600.0
"""Seconds after which a half-written file belongs to a process that was killed."""


class VectorIndex:
    """Inner-product search over unit vectors, by chunk id: exact, or by lists in a large library. Thread-safe."""

    def __init__(self, library: Library) -> None:
        """Loads the saved index or starts empty; it is brought up to date by the first search."""
        self._library = library
        self._lock = threading.Lock()
        self._index: nearest.Index = None
        self._generation = 0
        self._counted = False  # whether the index was held against the library since it was loaded
        self._load(library.generation)

    @property
    def generation(self) -> int:
        """The library's generation that the index stands at."""
        return self._generation

    @property
    def lists(self) -> int:
        """The inverted lists of the index; 0 where it is exact."""
        return 0 if self._index is None else nearest.lists_of(self._index)

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.ntotal)

    def search(
        self, vector: NDArray[np.float32], k: int, among: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` nearest chunks to a unit vector of shape (dimension,) as (chunk id, cosine), best first.

        ``among``, chunk ids of shape (n,), limits the search to these; ``k`` of them are found where there are as many.
        """
        with self._lock:
            self._catch_up()
            if self._index is None:
                return []
            reserve = _RESERVE if nearest.lists_of(self._index) else 0
            ids = nearest.nearest(self._index, vector, k + reserve, among).tolist()
            cosines = self._cosines(vector, ids)
        return sorted(cosines.items(), key=lambda pair: -pair[1])[:k]

    def similarities(self, vector: NDArray[np.float32], ids: list[int]) -> dict[int, float]:
        """The cosine of each of these chunks to a unit vector of shape (dimension,); unknown ids are left out."""
        with self._lock:
            return self._cosines(vector, ids)

    def _cosines(self, vector: NDArray[np.float32], ids: Iterable[int]) -> dict[int, float]:
        if self._index is None:
            return {}
        if nearest.lists_of(self._index):
            with self._library.database.reading() as db:
                return {key: float(stored @ vector) for key, stored in _vectors(db, ids)}
        found: dict[int, float] = {}
        for key in ids:
            try:
                found[key] = float(self._index.reconstruct(key) @ vector)
            except RuntimeError:  # removed since the words were searched
                continue
        return found

    def ids(self) -> NDArray[np.int64]:
        """All chunk ids in the index, of shape (n,), after catching up."""
        with self._lock:
            self._catch_up()
            return np.empty(0, dtype=np.int64) if self._index is None else nearest.ids_of(self._index)

    def deviations(self) -> int:
        """How many chunks' vectors in the index are not the library's, but for rounding. Reads all of them."""
        tolerance = 0.05 if self.lists else 1e-3
        wrong = 0
        with self._lock, self._library.database.reading() as db:
            if self._index is None:
                return 0
            ids = np.sort(nearest.ids_of(self._index))
            for first in range(0, len(ids), _AT_ONCE):
                part = ids[first : first + _AT_ONCE]
                held = dict(zip(part.tolist(), nearest.stored(self._index, part), strict=True))
                wrong += sum(
                    abs(float(held[key] @ row) - float(row @ row)) > tolerance for key, row in _vectors(db, held)
                )
        return wrong

    def save(self, pause: Callable[[], object] | None = None) -> None:
        """Write the index beside the library, of the kind that its size asks for: whole, on disk, then under its name.

        Older files go, and what killed processes left of theirs. ``pause`` is called between steps of about a second
        where the index is made anew, which at a million vectors takes about a minute; it may raise Cancelled, and the
        next save or search goes on from the former file.
        """
        with self._lock:
            self._catch_up()
            if self._index is None:
                return
            if nearest.outgrown(self._index):
                self._index, self._generation = None, 0
                with self._library.database.reading() as db:
                    self._fill(db, pause)
            if self._index is None:  # the last document is gone
                for file in self._library.folder.glob(VECTORS):
                    file.unlink(missing_ok=True)
            else:
                self._write()

    # Files

    def _write(self) -> None:
        import faiss

        assert self._index is not None
        own = f"vectors-{self._library.identity}-{self._generation}-{nearest.lists_of(self._index)}.faiss"
        target = self._library.folder / own
        if not target.exists():
            temporary = target.with_name(f".{own}.{secrets.token_hex(4)}.tmp")
            try:
                private_file(temporary)
                faiss.write_index(self._index, str(temporary))
                descriptor = os.open(temporary, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
        own_kind = (self._generation, nearest.lists_of(self._index))
        newer = {file for file, generation, lists in self._files() if (generation, lists) > own_kind}
        for file in set(self._library.folder.glob(VECTORS)) - newer - {target}:
            file.unlink(missing_ok=True)
        for file in self._library.folder.glob(f".{VECTORS}.*.tmp"):
            with suppress(FileNotFoundError):  # its process has just finished it
                if time.time() - file.stat().st_mtime > _STALE_S:
                    file.unlink()

    def _files(self) -> list[tuple[Path, int, int]]:
        """The saved indexes of this very library with their generation and lists, newest first."""
        found = []
        for file in self._library.folder.glob(VECTORS):
            match = _NAME.fullmatch(file.name)
            if match and match["identity"] == self._library.identity:
                found.append((file, int(match["generation"]), int(match["lists"] or 0)))
        return sorted(found, key=lambda one: (-one[1], -one[2]))

    def _load(self, now: int) -> None:
        """The newest saved index up to generation ``now`` that can be read; SQLite fills in for one that cannot."""
        import faiss

        for file, generation, lists in self._files():
            if generation > now or (generation, lists) <= (self._generation, self.lists):
                continue
            try:
                index = faiss.read_index(str(file))
            except RuntimeError:  # torn or damaged, or just deleted by another process
                continue
            if index.d == self._library.dimension:
                self._index, self._generation = index, generation
                return

    # Catching up

    def _catch_up(self) -> None:
        """Add and remove what was committed since; called with the lock held."""
        if self._counted and self._library.generation == self._generation and not self._outdated():
            return
        with self._library.database.reading() as db:
            now = current_generation(db)
            behind = self._behind(db)
            if behind > _BEHIND or self._changed_kind(now):
                self._load(now)
                behind = self._behind(db)
            if self._index is not None:
                self._remove(db)
            self._fill(db)
            (expected,) = db.execute("SELECT count(*) FROM chunks").fetchone()
            if len(self) != expected:  # the file was not what its name said
                self._index, self._generation = None, 0
                self._fill(db)
        self._counted = True
        if self._index is not None and behind > _BEHIND:
            with suppress(OSError, RuntimeError):  # a full disk keeps no question from its answer; ``save`` tells of it
                self._write()

    def _behind(self, db: sqlite3.Connection) -> int:
        """How many chunks are to be added, counted up to a few more than _BEHIND."""
        query = "SELECT count(*) FROM (SELECT 1 FROM chunks WHERE generation > ? LIMIT ?)"
        return int(db.execute(query, (self._generation, _BEHIND + 1)).fetchone()[0])

    def _outdated(self) -> bool:
        """Whether the index has outgrown its kind, and another process has saved one that has not."""
        return self._index is not None and nearest.outgrown(self._index) and self._changed_kind(self._generation)

    def _changed_kind(self, now: int) -> bool:
        """Whether another process has saved an index of generation ``now`` at most with other lists since."""
        here = (self._generation, self.lists)
        return any(at <= now and here < (at, lists) and lists != self.lists for _, at, lists in self._files())

    def _remove(self, db: sqlite3.Connection) -> None:
        rows = db.execute("SELECT chunk_id FROM removed WHERE generation > ?", (self._generation,))
        removed = np.array([row[0] for row in rows], dtype=np.int64)
        if self._index is not None and len(removed):
            self._index.remove_ids(removed)

    def _fill(self, db: sqlite3.Connection, pause: Callable[[], object] | None = None) -> None:
        """Add the chunks that came since; to an index made for as many as there are, where there is none."""
        now = current_generation(db)
        query = (
            "SELECT chunks.id, embeddings.vector FROM chunks JOIN embeddings ON embeddings.hash = chunks.embedding"
            " WHERE chunks.generation > ? ORDER BY chunks.generation, chunks.id"
        )
        rows = db.execute(query, (self._generation,))
        while part := rows.fetchmany(_AT_ONCE):
            if pause is not None:
                pause()
            if self._index is None:
                self._index = _empty(db)
            vectors = np.frombuffer(b"".join(row[1] for row in part), dtype="<f4").reshape(len(part), -1)
            nearest.add(self._index, vectors, np.array([row[0] for row in part], dtype=np.int64))
        self._generation = now


def scrub(library: Library) -> None:
    """Let no saved index hold vectors of removed documents: a large one is written without them, a small one goes."""
    files = list(library.folder.glob(VECTORS))
    if any(match and int(match["lists"] or 0) for match in (_NAME.fullmatch(file.name) for file in files)):
        VectorIndex(library).save()  # made anew from the rows it would take about a minute
    else:
        for file in files:
            file.unlink(missing_ok=True)


def _empty(db: sqlite3.Connection) -> nearest.Index:
    """An empty index of the kind that the library's size asks for; k-means sees a sample of its vectors."""
    ids = np.fromiter((row[0] for row in db.execute("SELECT id FROM chunks")), dtype=np.int64)
    lists = nearest.lists_for(len(ids))
    wanted = min(len(ids), nearest.SAMPLED * max(lists, 1))
    sampled = np.sort(np.random.default_rng(0).choice(ids, wanted, replace=False))
    if not lists:
        (length,) = db.execute("SELECT length(vector) FROM embeddings LIMIT 1").fetchone()
        return nearest.exact(length // 4)
    return nearest.inverted(np.stack([vector for _, vector in _vectors(db, sampled.tolist())]), lists)


def _vectors(db: sqlite3.Connection, ids: Iterable[int]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The exact vectors, of shape (dimension,), of those chunks that are there."""
    rows = db.execute(
        "SELECT chunks.id, vector FROM json_each(?) AS given JOIN chunks ON chunks.id = given.value"
        " JOIN embeddings ON hash = embedding",
        (json.dumps(list(ids)),),
    )
    for row in rows:
        yield int(row[0]), np.frombuffer(row[1], dtype="<f4")
