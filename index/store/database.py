"""One SQLite file and its connections: readers never wait, writers wait their turn, errors say what to do."""

import sqlite3
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import LibraryDamaged, LibraryError, LibraryLocked
from core.files import close_to_others, private_file
from core.messages import _
from index.store.damage import how_to_repair, is_damage
from index.store.schema import STEPS, SchemaStep, migrate

BUSY_S = 30.0
"""Seconds a writer waits for another process's transaction; the longest, a document of 10,000 chunks, takes about 3."""

_TRUNCATE_S = 5.0
"""Seconds to wait for readers before the write-ahead log is cut; the next close or removal tries again."""

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def casefold(text: str) -> str:
    """The text without regard to case and to how its accents are put together: SQLite's own lower() is for ASCII."""
    return unicodedata.normalize("NFC", text.casefold())


class Database:
    """A pool of connections to one file in write-ahead mode; safe to use from many threads."""

    def __init__(self, path: Path, steps: tuple[SchemaStep, ...] = STEPS) -> None:
        """Opens, creates or migrates the file, which is for its user alone, as are those that SQLite puts beside it.

        Raises LibraryDamaged, LibraryLocked, LibraryError.
        """
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._closed = False
        with self._explained():
            self._close_to_others()
            db = self._connect()
            migrate(db, steps)
        self._idle.append(db)

    def _close_to_others(self) -> None:
        """SQLite gives the files beside the database the database's own mode."""
        with suppress(OSError):  # SQLite says it better where the file cannot be made
            private_file(self.path)
        for beside in ("-wal", "-shm", "-journal"):
            close_to_others(self.path.with_name(self.path.name + beside))

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            db.row_factory = sqlite3.Row
            db.create_function("casefold", 1, casefold, deterministic=True)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(
                "PRAGMA synchronous = NORMAL"
            )  # in WAL a crash of the program loses nothing, of the power the tail
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one unchanging state while the block lasts."""
        with self._explained(), self._connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                if db.in_transaction:  # some errors of the disk have ended it already
                    db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of the block or, where it raises, nothing. Raises LibraryLocked after BUSY_S."""
        with self._explained(), self._writer, self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                raise LibraryError(_("the library was closed."), _("Open it again."))
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = self._connect()
        try:
            yield db
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(db)
            if not keep:
                db.close()

    def truncate_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing, so that removed bytes are gone from it too.

        False where a reader of another process held on to it for longer than a few seconds.
        """
        until = time.monotonic() + _TRUNCATE_S
        with self._explained(), self._writer, self._connection() as db:
            db.execute("PRAGMA busy_timeout = 200")
            try:
                while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    if time.monotonic() > until:
                        return False
                    time.sleep(0.05)
            finally:
                db.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
        return True

    def close(self) -> None:
        """Close what is idle; connections in use close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's own errors as ours."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _LOCKED:
                raise LibraryLocked(
                    _(
                        "another program has been writing to {name} for over {seconds} s.",
                        name=self.path.parent.name,
                        seconds=f"{BUSY_S:.0f}",
                    ),
                    _("Wait until it is done, or end it, and try again."),
                ) from error
            if is_damage(error):
                raise LibraryDamaged(
                    _("the library file {path} is damaged.", path=self.path),
                    how_to_repair(self.path.parent.name),
                ) from error
            if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
                raise LibraryError(
                    _("the library file {path} cannot be written or read: {reason}.", path=self.path, reason=error),
                    _("Check the disk's free space and the file's permissions."),
                ) from error
            raise
