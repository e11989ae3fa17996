"""The vector index: FAISS search for the chunks whose vectors lie nearest to a question's, derived from the library.

The index holds nothing that SQLite does not. When opened, and before every search, it catches up with what was
committed since, by this process or another. Its kind (exact or lists) changes in ``save``, at the end of an ingest:
other processes go on searching their own index, and load the new file (``index/store/vector_files.py``) once it has its
final name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import LibraryDamaged
from index.store import chunk_vectors, faiss_index, vector_files
from index.store.damage import how_to_repair
from index.store.library_folder import LibraryFolder
from index.store.statements import current_generation

if TYPE_CHECKING:
    import sqlite3

_AT_ONCE = 10_000
"""Vectors added to the index in one call: 15 MB with 384 numbers each."""

_BEHIND = 20_000
"""Number of new chunks (half a second of work) above which a saved file is read instead, or one is written."""

_RESERVE = 20
"""Candidates fetched beyond ``k`` where the index holds rounded vectors; all are ranked by their exact vectors."""

_COMPARED = 2, 8
"""Number of newest vectors compared with the library's on catching up; and after the index was read from a file."""

_TRIES = 3
"""Attempts to save an index where documents are removed while it is written."""


class VectorIndex:
    """Inner-product search over unit vectors, by chunk id: exact, or by lists in a large library. Thread-safe."""

    def __init__(self, library: LibraryFolder) -> None:
        """Loads the saved index or starts empty; the first search brings it up to date."""
        self._library = library
        self._lock = threading.Lock()
        self._index: faiss_index.Index = None
        self._generation = 0
        self._trusted = False  # whether the index was held against the library since it was read from a file
        self._seen = (0, b"")
        self._load(library.generation)

    @property
    def generation(self) -> int:
        """The generation of the library that the index was brought up to."""
        return self._generation

    @property
    def lists(self) -> int:
        """The number of inverted lists; 0 for an exact index."""
        return 0 if self._index is None else faiss_index.lists_of(self._index)

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.ntotal)

    def search(
        self, vector: NDArray[np.float32], k: int, among: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` chunks nearest to a unit vector of shape (dimension,) as (chunk id, cosine), best first.

        ``among``, chunk ids of shape (n,), limits the search to these; the result has min(k, n) entries.
        """
        with self._lock:
            if self._catch_up() and self._index is not None:
                self._keep()
            if self._index is None:
                return []
            reserve = _RESERVE if faiss_index.lists_of(self._index) else 0
            ids = faiss_index.nearest(self._index, vector, k + reserve, among).tolist()
            cosines = self._cosines(vector, ids)
        return sorted(cosines.items(), key=lambda pair: -pair[1])[:k]

    def similarities(self, vector: NDArray[np.float32], ids: list[int]) -> dict[int, float]:
        """The cosines of chunks to a unit vector of shape (dimension,), by id; unknown ids are left out."""
        with self._lock:
            return self._cosines(vector, ids)

    def _cosines(self, vector: NDArray[np.float32], ids: Iterable[int]) -> dict[int, float]:
        if self._index is None:
            return {}
        if faiss_index.lists_of(self._index):
            with self._library.database.reading() as db:
                return {key: float(stored @ vector) for key, stored in chunk_vectors.vectors_of(db, ids)}
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
            return np.empty(0, dtype=np.int64) if self._index is None else faiss_index.ids_of(self._index)

    def deviations(self) -> int:
        """The number of vectors in the index that differ from the library's by more than rounding. Reads all."""
        tolerance = 0.05 if self.lists else 1e-3
        wrong = 0
        with self._lock, self._library.database.reading() as db:
            if self._index is None:
                return 0
            ids = np.sort(faiss_index.ids_of(self._index))
            for first in range(0, len(ids), _AT_ONCE):
                batch = ids[first : first + _AT_ONCE]
                held = dict(zip(batch.tolist(), faiss_index.stored(self._index, batch), strict=True))
                wrong += sum(
                    abs(float(held[key] @ row) - float(row @ row)) > tolerance
                    for key, row in chunk_vectors.vectors_of(db, held)
                )
        return wrong

    def save(self, pause: Callable[[], object] | None = None) -> None:
        """Write the index to a file beside the library, rebuilt first where its size asks for the other kind.

        Older files are deleted, and the temporary ones of killed processes. ``pause`` is called between steps of about
        a second while the index is rebuilt, which takes about a minute at a million vectors. It may raise Cancelled;
        the next save or search then goes on from the file that is there.

        Raises LibraryError where the folder cannot be written, for a full disk for example. Nothing is lost by it.
        """
        with self._lock, vector_files.explained(self._library):
            for _ in range(_TRIES):
                self._catch_up()
                if self._index is not None and faiss_index.outgrown(self._index):
                    self._forget()
                    with self._whole_or_forgotten(), self._library.database.reading() as db:
                        self._fill(db, pause)
                if self._index is None:  # the last document is gone
                    vector_files.discard(self._library)
                    return
                if vector_files.write(self._library, self._index, self._generation):
                    return

    # Catching up

    def _catch_up(self) -> bool:
        """Add and remove the chunks that were committed since; called with the lock held.

        Returns whether the saved file should be replaced: it is far behind, or holds removed chunks, as after a kill.
        """
        with self._whole_or_forgotten(), self._library.database.reading() as db:
            seen = chunk_vectors.state_of(db)
            now = seen[0]
            if self._trusted and seen == self._seen and not self._outdated():
                return False
            if self._generation > now:  # the library was restored from a copy
                self._forget()
            behind = self._behind(db)
            if behind > _BEHIND or self._changed_kind(now):
                self._load(now)
                behind = self._behind(db)
            removed = self._remove(db)
            compared = self._compare(db, _COMPARED[not self._trusted])
            self._fill(db)
            if not compared or not self._is_complete(db):
                self._forget()
                self._fill(db)
        from_file, self._trusted, self._seen = not self._trusted, True, seen
        return behind > _BEHIND or (removed and (from_file or not self.lists))

    def _keep(self) -> None:
        """Save a large index, which takes long to build; of a small one, delete the outdated file."""
        with suppress(OSError):  # a full disk keeps no question from its answer; ``save`` tells of it
            if len(self) > _BEHIND or self.lists:
                vector_files.write(self._library, self._index, self._generation)
            else:
                vector_files.delete_stale(self._library)

    @contextmanager
    def _whole_or_forgotten(self) -> Iterator[None]:
        """Forget the index where the block raises: it may be half updated."""
        try:
            yield
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        self._index, self._generation, self._seen = None, 0, (0, b"")

    def _load(self, now: int) -> None:
        """Load the newest readable saved index up to generation ``now``; without one, SQLite has all that is needed."""
        for file in vector_files.saved(self._library):
            if file.generation > now or file.age <= (self._generation, self.lists):
                continue
            index = vector_files.read(file.path)
            if index is not None and index.d == self._library.dimension:
                self._index, self._generation, self._trusted = index, file.generation, False
                return

    def _behind(self, db: sqlite3.Connection) -> int:
        """The number of chunks to be added, counted up to _BEHIND + 1."""
        return chunk_vectors.count_added(db, self._generation, _BEHIND + 1)

    def _outdated(self) -> bool:
        """Whether the index has outgrown its kind, and another process has saved one of the other kind."""
        return self._index is not None and faiss_index.outgrown(self._index) and self._changed_kind(self._generation)

    def _changed_kind(self, now: int) -> bool:
        """Whether another process has since saved an index with another number of lists, up to generation ``now``."""
        here = (self._generation, self.lists)
        return any(
            file.generation <= now and here < file.age and file.lists != self.lists
            for file in vector_files.saved(self._library)
        )

    def _remove(self, db: sqlite3.Connection) -> bool:
        """Remove the chunks that were removed from the library since; returns whether there were any."""
        removed = chunk_vectors.removed_ids(db, self._generation)
        if self._index is None or not len(removed):
            return False
        if chunk_vectors.ALL in removed:
            self._forget()
            return True
        self._index.remove_ids(removed)
        return True

    def _compare(self, db: sqlite3.Connection, most: int) -> bool:
        """Whether the ``most`` newest vectors of the index are the library's.

        They are not where the library was restored from a copy and has other chunks under the same generations.
        """
        rows = chunk_vectors.newest_rows(db, self._generation, most)
        if self._index is None:
            return not rows
        if not rows:
            return True
        vectors = self._matrix([row[1] for row in rows])
        return all(faiss_index.holds(self._index, row[0], vector) for row, vector in zip(rows, vectors, strict=True))

    def _is_complete(self, db: sqlite3.Connection) -> bool:
        """Whether the index holds as many chunks as the library; just read from a file, whether it holds the same."""
        if self._index is None or self._trusted:
            return len(self) == chunk_vectors.count_chunks(db)
        return np.array_equal(np.sort(faiss_index.ids_of(self._index)), np.sort(chunk_vectors.chunk_ids(db)))

    def _fill(self, db: sqlite3.Connection, pause: Callable[[], object] | None = None) -> None:
        """Add the chunks that were added to the library since; an index is made first where there is none."""
        now = current_generation(db)
        for batch in chunk_vectors.added_rows(db, self._generation, _AT_ONCE):
            if pause is not None:
                pause()
            vectors = self._matrix([row[1] for row in batch])
            if self._index is None:
                self._index = _empty(db, vectors.shape[1])
            faiss_index.add(self._index, vectors, np.array([row[0] for row in batch], dtype=np.int64))
        self._generation = now

    def _matrix(self, stored: list[bytes]) -> NDArray[np.float32]:
        """At least one stored vector -> shape (n, dimension). Raises LibraryDamaged where one has another length."""
        length = 4 * self._library.dimension or len(stored[0])
        if any(len(vector) != length for vector in stored):
            raise LibraryDamaged(
                f"vectors of the library '{self._library.name}' have the wrong length.",
                how_to_repair(self._library.name),
            )
        return np.frombuffer(b"".join(stored), dtype="<f4").reshape(len(stored), -1)


def _empty(db: sqlite3.Connection, dimension: int) -> faiss_index.Index:
    """An empty index of the kind for the library's size; k-means is trained on a sample of the library's vectors."""
    ids = chunk_vectors.chunk_ids(db)
    lists = faiss_index.lists_for(len(ids))
    wanted = min(len(ids), faiss_index.SAMPLED * max(lists, 1))
    sampled = np.sort(np.random.default_rng(0).choice(ids, wanted, replace=False))
    if not lists:
        return faiss_index.exact(dimension)
    return faiss_index.inverted(
        np.stack([vector for _, vector in chunk_vectors.vectors_of(db, sampled.tolist())]), lists
    )
