"""FAISS, derived from the library: which chunks' vectors lie nearest to a question's.

The index holds nothing that SQLite does not. On opening, and before every search, it catches up with what was committed
since, by this process or another. ``save``, at the end of an ingest, is where its kind changes: who searches goes on
with what is there, and takes the new file (``index/store/vector_files.py``) up when it stands under its name.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import LibraryDamaged, LibraryError
from index.store import faiss_index, vector_files
from index.store.damage import how_to_repair
from index.store.library import Library
from index.store.statements import current_generation

if TYPE_CHECKING:
    import sqlite3

_AT_ONCE = 10_000
"""Vectors added in one go, 15 MB of 384 numbers each."""

_BEHIND = 20_000
"""Chunks to catch up with (half a second) from which another process's file is read instead, or one is written."""

_RESERVE = 20
"""Candidates beyond ``k`` that are compared by their exact vectors, where the index holds rounded ones."""

_COMPARED = 2, 8
"""Newest vectors of the index held against the library's when it catches up; when it has just been read from a file."""

_TRIES = 3
"""Times that an index is saved anew where a document was removed while it was written."""


class VectorIndex:
    """Inner-product search over unit vectors, by chunk id: exact, or by lists in a large library. Thread-safe."""

    def __init__(self, library: Library) -> None:
        """Loads the saved index or starts empty; it is brought up to date by the first search."""
        self._library = library
        self._lock = threading.Lock()
        self._index: faiss_index.Index = None
        self._generation = 0
        self._trusted = False  # whether the index was held against the library since it was read from a file
        self._seen = (0, b"")
        self._load(library.generation)

    @property
    def generation(self) -> int:
        """The library's generation that the index stands at."""
        return self._generation

    @property
    def lists(self) -> int:
        """The inverted lists of the index; 0 where it is exact."""
        return 0 if self._index is None else faiss_index.lists_of(self._index)

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.ntotal)

    def search(
        self, vector: NDArray[np.float32], k: int, among: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The ``k`` nearest chunks to a unit vector of shape (dimension,) as (chunk id, cosine), best first.

        ``among``, chunk ids of shape (n,), limits the search to these; ``k`` of them are found where there are as many.
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
        """The cosine of each of these chunks to a unit vector of shape (dimension,); unknown ids are left out."""
        with self._lock:
            return self._cosines(vector, ids)

    def _cosines(self, vector: NDArray[np.float32], ids: Iterable[int]) -> dict[int, float]:
        if self._index is None:
            return {}
        if faiss_index.lists_of(self._index):
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
            return np.empty(0, dtype=np.int64) if self._index is None else faiss_index.ids_of(self._index)

    def deviations(self) -> int:
        """How many chunks' vectors in the index are not the library's, but for rounding. Reads all of them."""
        tolerance = 0.05 if self.lists else 1e-3
        wrong = 0
        with self._lock, self._library.database.reading() as db:
            if self._index is None:
                return 0
            ids = np.sort(faiss_index.ids_of(self._index))
            for first in range(0, len(ids), _AT_ONCE):
                part = ids[first : first + _AT_ONCE]
                held = dict(zip(part.tolist(), faiss_index.stored(self._index, part), strict=True))
                wrong += sum(
                    abs(float(held[key] @ row) - float(row @ row)) > tolerance for key, row in _vectors(db, held)
                )
        return wrong

    def save(self, pause: Callable[[], object] | None = None) -> None:
        """Write the index beside the library, of the kind that its size asks for: whole, on disk, then under its name.

        Older files go, and what killed processes left of theirs. ``pause`` is called between steps of about a second
        where the index is made anew, which at a million vectors takes about a minute; it may raise Cancelled, and the
        next save or search goes on from the former file.

        Raises LibraryError where the folder cannot be written, for a full disk for example. Nothing is lost by it.
        """
        with self._lock, _explained(self._library):
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
        """Add and remove what was committed since; called with the lock held.

        Whether the file that is there should not stay: it is far behind, or holds what was removed, as after a kill.
        """
        with self._whole_or_forgotten(), self._library.database.reading() as db:
            seen = _seen(db)
            now = seen[0]
            if self._trusted and seen == self._seen and not self._outdated():
                return False
            if self._generation > now:  # the library was put back from a copy
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
        """Save a large index, which takes long to make, and let a small one's old file go."""
        with suppress(OSError):  # a full disk keeps no question from its answer; ``save`` tells of it
            if len(self) > _BEHIND or self.lists:
                vector_files.write(self._library, self._index, self._generation)
            else:
                vector_files.tidy(self._library)

    @contextmanager
    def _whole_or_forgotten(self) -> Iterator[None]:
        """Let no index stay that was brought up to date by half."""
        try:
            yield
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        self._index, self._generation, self._seen = None, 0, (0, b"")

    def _load(self, now: int) -> None:
        """The newest saved index up to generation ``now`` that can be read; SQLite fills in for one that cannot."""
        for file in vector_files.saved(self._library):
            if file.generation > now or file.age <= (self._generation, self.lists):
                continue
            index = vector_files.read(file.path)
            if index is not None and index.d == self._library.dimension:
                self._index, self._generation, self._trusted = index, file.generation, False
                return

    def _behind(self, db: sqlite3.Connection) -> int:
        """How many chunks are to be added, counted up to a few more than _BEHIND."""
        query = "SELECT count(*) FROM (SELECT 1 FROM chunks WHERE generation > ? LIMIT ?)"
        return int(db.execute(query, (self._generation, _BEHIND + 1)).fetchone()[0])

    def _outdated(self) -> bool:
        """Whether the index has outgrown its kind, and another process has saved one that has not."""
        return self._index is not None and faiss_index.outgrown(self._index) and self._changed_kind(self._generation)

    def _changed_kind(self, now: int) -> bool:
        """Whether another process has saved an index of generation ``now`` at most with other lists since."""
        here = (self._generation, self.lists)
        return any(
            one.generation <= now and here < one.age and one.lists != self.lists
            for one in vector_files.saved(self._library)
        )

    def _remove(self, db: sqlite3.Connection) -> bool:
        """Take out the chunks that were removed since; whether there were any."""
        rows = db.execute("SELECT chunk_id FROM removed WHERE generation > ?", (self._generation,))
        removed = np.array([row[0] for row in rows], dtype=np.int64)
        if self._index is None or not len(removed):
            return False
        self._index.remove_ids(removed)
        return True

    def _compare(self, db: sqlite3.Connection, most: int) -> bool:
        """Whether the newest vectors of the index are the library's: after a library was put back from a copy, its
        next generations are others than those that were there before."""
        rows = db.execute(
            "SELECT chunks.id, vector FROM chunks JOIN embeddings ON hash = embedding"
            " WHERE chunks.generation <= ? ORDER BY chunks.id DESC LIMIT ?",
            (self._generation, most),
        ).fetchall()
        if self._index is None:
            return not rows
        if not rows:
            return True
        vectors = self._matrix([row[1] for row in rows])
        return all(faiss_index.holds(self._index, row[0], vector) for row, vector in zip(rows, vectors, strict=True))

    def _is_complete(self, db: sqlite3.Connection) -> bool:
        """Whether the index holds as many chunks as the library; of one from a file, whether they are the same."""
        if self._index is None or self._trusted:
            return len(self) == int(db.execute("SELECT count(*) FROM chunks").fetchone()[0])
        ids = np.fromiter((row[0] for row in db.execute("SELECT id FROM chunks")), dtype=np.int64)
        return np.array_equal(np.sort(faiss_index.ids_of(self._index)), np.sort(ids))

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
            vectors = self._matrix([row[1] for row in part])
            if self._index is None:
                self._index = _empty(db, vectors.shape[1])
            faiss_index.add(self._index, vectors, np.array([row[0] for row in part], dtype=np.int64))
        self._generation = now

    def _matrix(self, stored: list[bytes]) -> NDArray[np.float32]:
        """Stored vectors, at least one, of shape (n, dimension). Raises LibraryDamaged where one has another length."""
        length = 4 * self._library.dimension or len(stored[0])
        if any(len(vector) != length for vector in stored):
            raise LibraryDamaged(
                f"vectors of the library '{self._library.name}' have the wrong length.",
                how_to_repair(self._library.name),
            )
        return np.frombuffer(b"".join(stored), dtype="<f4").reshape(len(stored), -1)


def _seen(db: sqlite3.Connection) -> tuple[int, bytes]:
    """The generation with the hash of the newest chunk's vector: in a library that was put back from a copy, another
    change may have the number of one that was there before."""
    newest = db.execute("SELECT embedding FROM chunks ORDER BY id DESC LIMIT 1").fetchone()
    return current_generation(db), newest[0] if newest else b""


def scrub(library: Library) -> None:
    """Let no saved index hold vectors of removed documents: a large one is written without them, a small one goes.

    Raises LibraryError where a file cannot be deleted.
    """
    with _explained(library):
        try:
            if any(one.lists for one in vector_files.saved(library)):
                VectorIndex(library).save()  # made anew from the rows it would take about a minute
        finally:
            vector_files.tidy(library)


@contextmanager
def _explained(library: Library) -> Iterator[None]:
    """The disk's own errors as ours."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"the files of the vector index in {library.folder} cannot be written or deleted: {error.strerror}.",
            "Check the disk's free space and the folder's permissions, then run `lectern doctor --repair`.",
        ) from error


def _empty(db: sqlite3.Connection, dimension: int) -> faiss_index.Index:
    """An empty index of the kind that the library's size asks for; k-means sees a sample of its vectors."""
    ids = np.fromiter((row[0] for row in db.execute("SELECT id FROM chunks")), dtype=np.int64)
    lists = faiss_index.lists_for(len(ids))
    wanted = min(len(ids), faiss_index.SAMPLED * max(lists, 1))
    sampled = np.sort(np.random.default_rng(0).choice(ids, wanted, replace=False))
    if not lists:
        return faiss_index.exact(dimension)
    return faiss_index.inverted(np.stack([vector for _, vector in _vectors(db, sampled.tolist())]), lists)


def _vectors(db: sqlite3.Connection, ids: Iterable[int]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The exact vectors, of shape (dimension,), of those chunks that are there."""
    rows = db.execute(
        "SELECT chunks.id, vector FROM json_each(?) AS given JOIN chunks ON chunks.id = given.value"
        " JOIN embeddings ON hash = embedding",
        (json.dumps(list(ids)),),
    )
    for row in rows:
        yield int(row[0]), np.frombuffer(row[1], dtype="<f4")
