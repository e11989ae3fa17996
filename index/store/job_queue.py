"""The jobs of a library: what is to be taken in, in its order, how far it is, and what came of each file.

They are rows of the library's database, so that a kill or a reboot loses none, and every program over the library sees
the same. A person's wish is the job's state: whoever does a job stops where it is no longer "running"
(``index.job_worker``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.errors import UsageError
from index.store.database import Database
from index.store.file_report import FileReport
from index.store.records import utc_time
from index.store.sources import of_path, path_of

JobKind = Literal["ingest", "sync"]
JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]

UNFINISHED: tuple[JobState, ...] = ("waiting", "running", "paused")
ENDED: tuple[JobState, ...] = ("done", "failed", "cancelled")

MOST_TRIES = 3
"""How often a job is begun, without one more file done, before it is given up: a file may end whatever reads it."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: files done and in all, the share of the whole (0..1), seconds left (None: unknown).

    ``page`` of ``pages`` is where the reader is in the present file, 0 where it is not reading pages. ``waits``: an
    answer is being written, to which it gives way.
    """

    file: str = ""
    files_done: int = 0
    files: int = 0
    page: int = 0
    pages: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One job. ``paths`` are files and folders, ``result`` what came of it beside its files, once it is done.

    ``begun`` counts how often it was begun since one of its files was last done; ``changed_at`` is UTC in ISO 8601.
    """

    id: int
    kind: JobKind
    paths: tuple[Path, ...]
    tags: tuple[str, ...]
    prune: bool
    state: JobState
    progress: JobProgress
    error: str
    begun: int
    changed_at: str
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def active(self) -> bool:
        """Whether it runs, or is to without anybody's doing."""
        return self.state in ("waiting", "running")


class JobQueue:
    """The jobs in a library's database. Any number of threads and processes may use it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, paths: Iterable[Path], kind: JobKind = "ingest", *, tags: Sequence[str] = (), prune: bool = False
    ) -> int:
        """Add a job behind the others; returns its id.

        A job about the same that was paused, failed or cut off is the one that goes on, with its place in the order.
        """
        with self._database.writing() as db:
            return add_job(db, paths, kind, tags=tags, prune=prune)

    def all(self) -> list[Job]:
        """All jobs in their order, those that have ended too."""
        with self._database.reading() as db:
            return [_job(row) for row in db.execute("SELECT * FROM jobs ORDER BY id")]

    def get(self, job_id: int) -> Job:
        """Raises UsageError where there is no such job."""
        with self._database.reading() as db:
            row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise UsageError(f"there is no job {job_id}.", "Look at `lectern jobs`.")
        return _job(row)

    def state(self, job_id: int) -> JobState | None:
        """The state of a job; None where it was forgotten."""
        with self._database.reading() as db:
            row = db.execute("SELECT state FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return row["state"] if row else None

    def files(self, job_id: int) -> list[FileReport]:
        """What is known of a job's files, in the order in which they were done."""
        with self._database.reading() as db:
            rows = db.execute("SELECT source, report FROM job_files WHERE job_id = ? ORDER BY number", (job_id,))
            return [_report(row) for row in rows]

    # A person's wishes

    def pause(self, ids: Iterable[int]) -> list[int]:
        """Pause what waits or runs; returns the ids of the jobs that this changed, as all of these do."""
        return self._change(ids, ("waiting", "running"), "paused")

    def resume(self, ids: Iterable[int]) -> list[int]:
        """Let go on what was paused."""
        return self._change(ids, ("paused",), "waiting")

    def retry(self, ids: Iterable[int]) -> list[int]:
        """Begin again what failed or was cancelled: what is in stays, what is not is tried."""
        return self._change(ids, ("failed", "cancelled"), "waiting")

    def cancel(self, ids: Iterable[int]) -> list[int]:
        """Give up what has not ended; what is in stays."""
        return self._change(ids, (*UNFINISHED, "failed"), "cancelled")

    def forget(self, ids: Iterable[int]) -> None:
        """Forget jobs that have ended, with what came of their files."""
        ended = json.dumps(ENDED)
        with self._database.writing() as db:
            for job_id in ids:
                db.execute(
                    "DELETE FROM jobs WHERE id = ? AND state IN (SELECT value FROM json_each(?))", (job_id, ended)
                )

    def _change(self, ids: Iterable[int], before: Sequence[JobState], state: JobState) -> list[int]:
        changed = []
        with self._database.writing() as db:
            for job_id in ids:
                done = db.execute(
                    "UPDATE jobs SET state = ?, error = '', begun = 0, changed_at = ? "
                    "WHERE id = ? AND state IN (SELECT value FROM json_each(?))",
                    (state, utc_time(), job_id, json.dumps(before)),
                )
                changed += [job_id] if done.rowcount else []
        return changed

    # What the worker does

    def take(self) -> Job | None:
        """The job that is next, which runs now; None where none waits. To be called by the one worker alone.

        Jobs that say they run were cut off with their worker. One that was cut off too often has failed.
        """
        with self._database.writing() as db:
            db.execute(
                "UPDATE jobs SET state = 'failed', error = ?, changed_at = ? WHERE state = 'running' AND begun >= ?",
                (
                    f"it was cut off {MOST_TRIES} times at the same file. Leave that file out, or try again.",
                    utc_time(),
                    MOST_TRIES,
                ),
            )
            row = db.execute(
                "SELECT * FROM jobs WHERE state IN ('running', 'waiting') ORDER BY state = 'waiting', id LIMIT 1"
            ).fetchone()
            if row is None:
                return None
            db.execute(
                "UPDATE jobs SET state = 'running', begun = begun + 1, changed_at = ? WHERE id = ?",
                (utc_time(), row["id"]),
            )
        return self.get(row["id"])

    def note(self, job_id: int, progress: JobProgress, files: Sequence[FileReport] = ()) -> None:
        """Keep how far a job is, and what came of these files; nothing of a job that was forgotten meanwhile."""
        with self._database.writing() as db:
            changed = db.execute(
                "UPDATE jobs SET progress = ?, changed_at = ? WHERE id = ?",
                (json.dumps(asdict(progress)), utc_time(), job_id),
            )
            if not changed.rowcount or not files:
                return
            db.execute("UPDATE jobs SET begun = 1 WHERE id = ?", (job_id,))
            db.executemany(
                "INSERT INTO job_files (job_id, source, document_id, report) VALUES (?, ?, ?, ?) ON CONFLICT "
                "(job_id, source) DO UPDATE SET document_id = excluded.document_id, report = excluded.report",
                [(job_id, of_path(file.path), file.document_id, _report_json(file)) for file in files],
            )

    def settle(self, job_id: int, state: JobState, *, error: str = "", result: dict[str, Any] | None = None) -> None:
        """How the running of a job ended; a job that a person has paused or cancelled meanwhile stays so."""
        with self._database.writing() as db:
            db.execute(
                "UPDATE jobs SET state = ?, error = ?, result = ?, changed_at = ? WHERE id = ? AND state = 'running'",
                (state, error, json.dumps(result) if result else "", utc_time(), job_id),
            )


def add_job(
    db: sqlite3.Connection,
    paths: Iterable[Path],
    kind: JobKind = "ingest",
    *,
    tags: Sequence[str] = (),
    prune: bool = False,
) -> int:
    """As ``JobQueue.add``, within a transaction."""
    sources = json.dumps([of_path(path) for path in paths], ensure_ascii=False)
    what = (kind, sources, json.dumps(tags), int(prune))
    same = db.execute(
        "SELECT id FROM jobs WHERE kind = ? AND paths = ? AND tags = ? AND prune = ? "
        "AND state IN ('waiting', 'running', 'paused', 'failed') ORDER BY id",
        what,
    ).fetchone()
    if same is not None:
        db.execute(
            "UPDATE jobs SET state = 'waiting', error = '', begun = 0 WHERE id = ? AND state IN ('paused', 'failed')",
            (same["id"],),
        )
        return int(same["id"])
    row = db.execute(
        "INSERT INTO jobs (kind, paths, tags, prune, state, progress, result, error, begun, changed_at) "
        "VALUES (?, ?, ?, ?, 'waiting', '{}', '', '', 0, ?)",
        (*what, utc_time()),
    )
    return int(row.lastrowid or 0)


def named_paths(db: sqlite3.Connection) -> set[Path]:
    """The paths that jobs name which have not ended, or failed: these are still to be taken in."""
    rows = db.execute("SELECT paths FROM jobs WHERE state NOT IN ('done', 'cancelled')")
    return {path for row in rows for path in _paths(row["paths"])}


def forget_documents(db: sqlite3.Connection, document_ids: Iterable[str]) -> None:
    """Forget the jobs that have ended and by which these documents came, and what others say of them."""
    for document_id in document_ids:
        db.execute(
            "DELETE FROM jobs WHERE state IN ('done', 'cancelled') "
            "AND id IN (SELECT job_id FROM job_files WHERE document_id = ?)",
            (document_id,),
        )
        db.execute("DELETE FROM job_files WHERE document_id = ?", (document_id,))


def _job(row: sqlite3.Row) -> Job:
    return Job(
        row["id"],
        row["kind"],
        tuple(_paths(row["paths"])),
        tuple(json.loads(row["tags"])),
        bool(row["prune"]),
        row["state"],
        JobProgress(**json.loads(row["progress"])),
        row["error"],
        row["begun"],
        row["changed_at"],
        json.loads(row["result"] or "{}"),
    )


def _paths(stored: str) -> list[Path]:
    return [path for source in json.loads(stored) if (path := path_of(source)) is not None]


def _report_json(report: FileReport) -> str:
    return json.dumps({**asdict(report), "path": ""}, ensure_ascii=False)


def _report(row: sqlite3.Row) -> FileReport:
    facts = json.loads(row["report"])
    path = path_of(row["source"])
    assert path is not None
    unreadable = tuple((number, why) for number, why in facts["unreadable"])
    return FileReport(**{**facts, "path": path, "unreadable": unreadable, "warnings": tuple(facts["warnings"])})
