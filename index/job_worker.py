"""Does the jobs of a library, one after another: the page and the commands share it, one process at a time works.

A job that was cut off by a kill or a reboot is the first that the next worker goes on with. A person pauses or cancels
a job by its state (``index.store.job_queue``), from whichever program; the worker looks at it several times a second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from core.errors import Cancelled, LecternError
from core.protocols import Embedder
from core.settings import Settings
from index.job_run import LOOK_S, JobRun
from index.store.job_queue import Job
from index.store.library import Library
from index.store.upload_inbox import drop, is_incoming

log = logging.getLogger(__name__)


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
        self._run: JobRun | None = None

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
        run = self._run = JobRun(job, self._library, self._settings, self._cancel, self._told)
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
