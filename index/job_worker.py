"""Does the jobs of a library, one after another: the page and the commands share it, one process at a time works.

A job that was cut off by a kill or a reboot is the first that the next worker goes on with. A person pauses or cancels
a job by its state (``index.store.job_queue``), from whichever program; the worker looks at it several times a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.cores import GivingWay
from core.errors import Cancelled, LecternError
from core.protocols import Embedder
from core.settings import Settings
from index.build import Course, ingest
from index.folder_changes import FolderChanges, find_changes
from index.ingest_report import IngestReport, Progress
from index.store.file_report import FileReport
from index.store.job_queue import Job, JobProgress
from index.store.library import Library
from index.store.statements import Move
from index.store.upload_inbox import drop, is_incoming
from index.sync import sync

log = logging.getLogger(__name__)

NOTED_S = 0.4
"""Seconds between two notes of how far a job is; a kill loses what was said of files since, but none of these."""

TOLD_AT_ONCE = 10
"""Files of a job that are noted each as it is done; of more, those of a moment are noted together."""

LOOK_S = 0.1
"""Seconds between two looks at what a person wants of a job, and whether it is this process's turn."""


@contextmanager
def turn(library: Library) -> Iterator[bool]:
    """Whether it is this process's turn to write files into the library, held during the block; returns at once."""
    lock = FileLock(library.folder / "jobs.lock", timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def own_turn(library: Library, cancel: threading.Event) -> Iterator[None]:
    """Waits until it is this process's turn. Raises Cancelled."""
    while not cancel.is_set():
        with turn(library) as ours:
            if ours:
                yield
                return
        cancel.wait(LOOK_S)
    raise Cancelled("another process was writing files into the library.")


def drop_cancelled(library: Library) -> None:
    """Delete the uploads that cancelled jobs have left; to be called in this process's turn. Raises OSError."""
    for job in library.jobs.all():
        if job.state == "cancelled":
            for path in job.paths:
                if is_incoming(library.incoming_dir, path):
                    drop(path)


class JobWorker:
    """Does jobs of one library in this process; for one thread."""

    def __init__(
        self,
        library: Library,
        settings: Settings,
        load_embedder: Callable[[], Embedder],
        cancel: threading.Event,
        *,
        told: Callable[[Job], None] = lambda _job: None,
    ) -> None:
        """``told`` is called with each job whenever more is known of it, also while another process does it.

        ``cancel`` ends all work within a second; the job in hand waits then for the next worker.
        """
        self._library = library
        self._queue = library.jobs
        self._settings = settings
        self._load_embedder = load_embedder
        self._embedder: Embedder | None = None
        self._cancel = cancel
        self._told = told
        self._run: _Run | None = None

    def run(self, until: int | None = None) -> None:
        """Do what waits, in its order; with ``until``, the id of a job, only as far as that has ended or is paused.

        While another process has its turn, this one waits and tells of the job ``until``. Raises what a job of that
        id fails with.
        """
        while not self._cancel.is_set():
            if until is not None and self._queue.state(until) not in ("waiting", "running"):
                return
            with turn(self._library) as ours:
                job = self._next() if ours else None
                if job is not None:
                    self._do(job, is_own=job.id == until)
                    continue
            if ours:
                return
            if until is not None:
                self._told(self._queue.get(until))
            self._cancel.wait(LOOK_S)

    def give_way(self) -> None:
        """To be called between the steps of an embedder: waits while an answer is written. Raises Cancelled."""
        if self._run is not None:
            self._run.give_way()

    def _next(self) -> Job | None:
        drop_cancelled(self._library)
        return self._queue.take()

    def _do(self, job: Job, *, is_own: bool) -> None:
        """Do one job; whatever it fails with is its error, and raised where the job is the caller's own."""
        run = self._run = _Run(job, self._library, self._settings, self._cancel, self._told)
        try:
            with run.watching():
                self._embedder = self._embedder or self._load_embedder()
                result = run.sync(self._embedder) if job.kind == "sync" else run.ingest(self._embedder)
        except Cancelled:
            self._queue.settle(job.id, "waiting")
        except Exception as error:
            if not isinstance(error, LecternError):
                log.exception("job %s failed", job.id)
            self._queue.settle(job.id, "failed", error=str(error))
            if is_own:
                raise
        else:
            ended = run.stop.is_set()
            self._queue.settle(job.id, "waiting" if ended else "done", result=None if ended else result)
        finally:
            self._run = None
            drop_cancelled(self._library)
            if self._queue.state(job.id) is not None:  # else it was cancelled and forgotten meanwhile
                self._told(self._queue.get(job.id))


class _Run:
    """One run of one job: what is known of its files, and whether it is to stop."""

    def __init__(
        self,
        job: Job,
        library: Library,
        settings: Settings,
        cancel: threading.Event,
        told: Callable[[Job], None],
    ) -> None:
        self.job = job
        self.library = library
        self.settings = settings
        self.stop = threading.Event()
        self.before = {file.path: file for file in library.jobs.files(job.id)}
        self._cancel = cancel
        self._told = told
        self._progress = job.progress
        self._unsaid: dict[Path, FileReport] = {}
        self._said: dict[Path, FileReport] = {}
        self._noted_at, self._unnoted = 0.0, False
        self._shares = Shares()
        self._lock = threading.Lock()
        self._yield = GivingWay(settings.home, self.stop, self._waits)

    def ingest(self, embedder: Embedder) -> dict[str, Any]:
        library, incoming = self.library, self.library.incoming_dir
        # Of a job that goes on, uploads are gone that are in.
        paths = [path for path in self.job.paths if not is_incoming(incoming, path) or path.exists()]
        report = ingest(paths, library, embedder, self.settings, prune=self.job.prune, **self._course())
        self._finish(report)
        return _result(report)

    def sync(self, embedder: Embedder) -> dict[str, Any]:
        changes = find_changes(self.job.paths, self.library, self.settings, cancel=self.stop)
        report = sync(changes, self.library, embedder, self.settings, **self._course())
        self._finish(report)
        return {**_result(report), **_changes(changes)}

    def _course(self) -> Course:
        return Course(
            progress=self.progress,
            told=self.file,
            cancel=self.stop,
            give_way=self.give_way,
            before=tuple(self.before.values()),
        )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Looks, in a thread, at what a person wants of the job, and notes how far it is."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(LOOK_S):
                if self._cancel.is_set() or self.library.jobs.state(self.job.id) != "running":
                    self.stop.set()
                if self._unnoted and time.monotonic() - self._noted_at >= NOTED_S:
                    self._note()

        thread = threading.Thread(target=look, name="job-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self._note()

    def give_way(self) -> None:
        """Wait while an answer is written. Raises Cancelled where the job is to stop."""
        self._yield()
        if self.stop.is_set():
            raise Cancelled("the job was stopped.")

    def progress(self, now: Progress) -> None:
        self._progress = self._shares(now)
        self._note_soon()

    def file(self, report: FileReport) -> None:
        """Note what came of a file; one that is only found unchanged, as the job did it before, keeps its report."""
        known = self.before.get(report.path)
        if report.state == "unchanged" and known is not None and known.document_id == report.document_id:
            report = known
        self._said[report.path] = report
        self._unsaid[report.path] = report
        self._note_soon()

    def _finish(self, report: IngestReport) -> None:
        """Tag what is in, and note files of which more was said at the end (recognized pages, an original's place)."""
        for file in report.files:
            if self._said.get(file.path) != file and not (file.state == "unchanged" and file.path in self.before):
                self._unsaid[file.path] = file
        self._note()
        if self.job.tags:
            known = self.library.jobs.files(self.job.id)
            self.library.tag([file.document_id for file in known if file.document_id], self.job.tags)

    def _waits(self, waits: bool) -> None:
        self._progress = replace(self._progress, waits=waits)
        self._note()

    def _note_soon(self) -> None:
        self._unnoted = True
        if len(self._said) <= TOLD_AT_ONCE or time.monotonic() - self._noted_at >= NOTED_S:
            self._note()
        else:
            self._told(replace(self.job, progress=self._progress))

    def _note(self) -> None:
        with self._lock:  # the embedder gives way in threads of its own
            self._noted_at, self._unnoted = time.monotonic(), False
            said, self._unsaid = self._unsaid, {}
            self.library.jobs.note(self.job.id, self._progress, tuple(said.values()))
            self._told(replace(self.job, progress=self._progress))


class Shares:
    """Makes the progress of a job of that of an ingest; its share never falls."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._share = 0.0

    def __call__(self, now: Progress) -> JobProgress:
        spent = time.monotonic() - self._started
        if now.files_done >= now.files_total:
            self._share = 1.0
        elif now.seconds_left is not None:
            self._share = max(self._share, spent / (spent + now.seconds_left) if now.seconds_left else 0.0)
        return JobProgress(
            now.file, now.files_done, now.files_total, now.page, now.pages_of_file, self._share, now.seconds_left
        )


def report_of(library: Library, job: Job) -> IngestReport:
    """What came of a job: that of an ingest, without the files that it has not come to."""
    known = job.result
    return IngestReport(
        tuple(library.jobs.files(job.id)),
        known.get("seconds", 0.0),
        known.get("embedded", 0),
        job.state != "done",
        tuple(known.get("gone", ())),
        known.get("pruned", False),
    )


def changes_of(job: Job) -> FolderChanges:
    """What a sync found beside the files that it read."""
    known = job.result
    return FolderChanges(
        moved=tuple(Move(*move) for move in known.get("moved", ())),
        gone=known.get("gone_sources", {}),
        left_out=known.get("left_out", {}),
        unchanged=known.get("unchanged", 0),
    )


def _result(report: IngestReport) -> dict[str, Any]:
    return {"seconds": report.seconds, "embedded": report.embedded, "gone": report.gone, "pruned": report.pruned}


def _changes(changes: FolderChanges) -> dict[str, Any]:
    return {
        "moved": [(move.document_id, move.before, move.source, move.name) for move in changes.moved],
        "gone_sources": dict(changes.gone),
        "left_out": dict(changes.left_out),
        "unchanged": changes.unchanged,
    }
