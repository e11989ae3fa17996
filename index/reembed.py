"""A library changes its embedder: new vectors are made beside the old ones, then take their place in one transaction.

The library answers by its old vectors until then, and documents may come and go meanwhile. A run that ends early, by
Ctrl-C or a kill, loses a batch at most; the next one goes on from there.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from filelock import FileLock, Timeout

from core.cores import GivingWay
from core.errors import Cancelled, LibraryError, LibraryLocked, UsageError
from core.protocols import Embedder
from core.settings import Settings
from core.tables import Table
from core.types import Chunk, Document
from index.context import passage_text
from index.store import reembedding
from index.store.embeddings import vector_hash
from index.store.library import Library, no_documents
from index.store.reembedding import NewVector

BATCH = 32
"""Chunks embedded and saved at a time, as by an ingest."""

_ROOM = 6
"""Bytes of free disk for each byte of the new vectors: twice in the library's file, thrice in its log while they take
the old ones' place, and once in the vector index."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the library's ``chunks`` have their new vector, and the seconds left; None while not known."""

    done: int
    chunks: int
    seconds_left: float | None


def reembed(
    library: Library,
    embedder: Embedder,
    settings: Settings,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    give_way: Callable[[], None] | None = None,
) -> bool:
    """Change the library's embedder to ``embedder``; False where ``cancel`` was set before all vectors were made.

    ``give_way``, called before each step, waits while an answer is written. The chunks stay as they are.

    Raises NoDocuments for a library without vectors, UsageError where that is its embedder already, LibraryError where
    the disk has no room, LibraryLocked where another process changes the embedder, ModelError.
    """
    known = library.embedder_name
    if not known:
        raise no_documents(library.folder)
    if (known, library.dimension) == (embedder.name, embedder.dimension):
        raise UsageError(f"'{known}' is the embedder of the library '{library.name}' already.", "Nothing was changed.")
    cancel = cancel or threading.Event()
    run = _Reembedding(library, embedder, known, progress, cancel, give_way or GivingWay(settings.home, cancel))
    lock = FileLock(library.folder / "reembedding.lock", timeout=0, mode=0o600)
    try:
        with lock:
            return run.run()
    except Timeout as error:
        raise LibraryLocked(
            f"another process is changing the embedder of the library '{library.name}'.", "Let it end, or end it."
        ) from error


class _Reembedding:
    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        known: str,
        progress: Callable[[Progress], None] | None,
        cancel: threading.Event,
        give_way: Callable[[], None],
    ) -> None:
        self.library = library
        self.embedder = embedder
        self.known = known
        self.progress = progress
        self.cancel = cancel
        self.give_way = give_way
        self.started = time.monotonic()
        self.made = 0
        self._tables: dict[str, tuple[Table, ...]] = {}

    def run(self) -> bool:
        with self.library.database.writing() as db:
            reembedding.begin(db, self.embedder.name)
            self._check_room(db)
        while True:
            if not self._make_all():
                return False
            if self.library.take_reembedded(self.embedder):  # else documents have come since the last look
                break
        from index.store.vectors import VectorIndex

        with suppress(Cancelled):  # the index is derived: the next search makes it
            VectorIndex(self.library).save(pause=self._pause)
        return True

    def _check_room(self, db: sqlite3.Connection) -> None:
        done, chunks = reembedding.count_made(db)
        needed = (chunks - done) * self.embedder.dimension * 4 * _ROOM
        free = shutil.disk_usage(self.library.folder).free
        if needed > free:
            raise LibraryError(
                f"changing the embedder takes {needed / 1e6:,.0f} MB on the disk; {free / 1e6:,.0f} MB are free.",
                "Make room, and run the same command again.",
            )

    def _make_all(self) -> bool:
        """Make the vectors that are missing, batch by batch; whether that was not cancelled."""
        last = 0
        self._report()
        while True:
            self.give_way()
            if self.cancel.is_set():
                return False
            with self.library.database.reading() as db:
                rows = reembedding.pending(db, last, BATCH)
            if not rows:
                return True
            self._make(rows)
            last = rows[-1]["id"]
            self._report()

    def _make(self, rows: list[sqlite3.Row]) -> None:
        counted = [self.embedder.count_tokens(row["text"]) for row in rows]
        texts = [self._text(row, tokens) for row, tokens in zip(rows, counted, strict=True)]
        hashes = [vector_hash(self.embedder.name, text) for text in texts]
        with self.library.database.reading() as db:
            vectors = {key: vector for key in hashes if (vector := reembedding.vector_made(db, key)) is not None}
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in vectors}
        vectors |= dict(zip(missing, self.embedder.embed_passages(list(missing.values())), strict=True))
        made = [
            NewVector(row["id"], key, vectors[key], tokens)
            for row, key, tokens in zip(rows, hashes, counted, strict=True)
        ]
        with self.library.database.writing() as db:
            if not reembedding.save(db, made, self.embedder.name):
                raise LibraryError("the embedder of the library was changed meanwhile.", "Look at `lectern doctor`.")
        self.made += len(made)

    def _text(self, row: sqlite3.Row, tokens: int) -> str:
        """What the new embedder reads for a chunk: its context and its text, or its text alone where that was read."""
        text: str = row["text"]
        if vector_hash(self.known, text) == row["embedding"]:
            return text
        headings = tuple(json.loads(row["headings"]))
        chunk = Chunk(row["document_id"], row["ordinal"], row["start"], row["end"], text, headings, tokens)
        return passage_text(self._named(row), chunk, self.embedder)

    def _named(self, row: sqlite3.Row) -> Document:
        """A document of which name, title and tables are known."""
        key = row["document_id"]
        if key not in self._tables:
            self._tables = self.library.tables([key])  # chunks come by document: one at a time is enough
        tables = self._tables.get(key, ())
        return Document(key, row["name"], media_type="", title=row["title"], text="", pages=(), tables=tables)

    def _report(self) -> None:
        if self.progress is None:
            return
        with self.library.database.reading() as db:
            done, chunks = reembedding.count_made(db)
        elapsed = time.monotonic() - self.started
        left = elapsed * (chunks - done) / self.made if self.made else None
        self.progress(Progress(done, chunks, left))

    def _pause(self) -> None:
        self.give_way()
        if self.cancel.is_set():
            raise Cancelled("the index was not made anew.")
