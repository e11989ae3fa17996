"""The jobs of a library as its page has them: files that were dropped into it become jobs, a process does them.

That process is ``lectern jobs work``, at low priority; it runs while there is something to do and no other program does
it. What the page shows is what the library's database says (``index.store.job_queue``), whoever works.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.chat.line_process import PROGRAM, SETTLE_S, LineProcess
from app.chat.upload_state import FileOutcome, IngestState
from app.phrases import count, problems_of
from core.errors import LecternError
from index.store.upload_inbox import UploadInbox, drop, is_incoming
from ingest.folder import shown

if TYPE_CHECKING:
    from index.store.file_report import FileReport
    from index.store.job_queue import Job
    from index.store.library import Library

log = logging.getLogger(__name__)

RESUMED = "Lectern ended while files were being added. It goes on with them"


class LibraryJobs:
    """The jobs of one library, done in order; every method may be called from any thread."""

    def __init__(self, library: Library, program: Sequence[str] = PROGRAM) -> None:
        """``program`` is the command line that starts ``lectern``."""
        self._library = library
        self._queue = library.jobs
        self._program = program
        self._inbox = UploadInbox(library.incoming_dir)
        self._lock = threading.Lock()
        self._process: LineProcess | None = None
        self._worker: threading.Thread | None = None
        self._stopping = self._pausing = False
        self._closing = False
        self._error = self._note = ""

    @property
    def running(self) -> bool:
        """As in ``state``, for less: what came of the files is not read."""
        return self._stopping or any(job.active for job in self._queue.all())

    def state(self) -> IngestState:
        """How far the jobs are, of all programs."""
        jobs = self._queue.all()
        with self._lock:
            stopping, error, note = self._stopping, self._error, self._note
        active = [job for job in jobs if job.active]
        failed = [job for job in jobs if job.state == "failed"]
        reports = [report for job in jobs if self._is_of_page(job) for report in self._queue.files(job.id)]
        outcomes = [_outcome(report) for report in reports]
        outcomes += [_given_up(path) for job in jobs if job.state == "cancelled" for path in self._cancelled(job)]
        said = error or next((job.error for job in failed), "")
        shown_state = IngestState(
            running=bool(active) or stopping,
            stopping=stopping,
            outcomes=tuple(outcomes),
            error=f"The files could not be added: {said}" if said else "",
            note=note,
            paused=self._names([job for job in jobs if job.state == "paused"]),
            left=self._names(failed),
        )
        return _with_progress(shown_state, active[0]) if active else shown_state

    def resume_after_start(self) -> None:
        """Go on with what a process that was ended has left behind, and say so."""
        cut_off = [job for job in self._queue.all() if job.active]
        files = sum(len(self._unread(job)) for job in cut_off if self._is_of_page(job))
        try:
            adopted = self._library.adopt_uploads()
        except OSError as error:
            said = f"Not all files that Lectern was adding when it ended could be taken up: {error}."
            self._error = f"{said} The next start tries again."
            adopted = None
        if adopted is not None and adopted not in {job.id for job in cut_off}:
            files += len(self._queue.get(adopted).paths)
        if files:
            self._note = f"{RESUMED} ({count(files, 'file')})."
        elif cut_off:
            self._note = f"{RESUMED}."
        self.work()

    def add(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Keep (name, content) files on the disk and make a job of them.

        Raises OSError where a file cannot be written, LibraryError where the job cannot; no file is kept then.
        """
        paths: list[Path] = []
        try:
            for name, content in files:
                paths.append(self._inbox.keep(name, content))
            self._queue.add(paths)
        except (OSError, LecternError):
            for path in paths:
                drop(path)
            raise
        self.work()

    def pause(self) -> None:
        """Pause all jobs; what is in stays."""
        self._queue.pause(job.id for job in self._queue.all())
        with self._lock:
            self._pausing = self._process is not None
        self._end_process()

    def resume(self) -> None:
        """Let paused jobs go on."""
        self._queue.resume(job.id for job in self._queue.all())
        self.work()

    def retry(self) -> None:
        """Do again what broke off."""
        with self._lock:
            self._error = ""
        self._queue.retry(job.id for job in self._queue.all() if job.state == "failed")
        self.work()

    def cancel(self) -> None:
        """Give up all jobs and drop the uploads that wait; files that are in stay in the library."""
        cancelled = self._queue.cancel(job.id for job in self._queue.all() if job.state != "failed")
        with self._lock:
            self._stopping = self._stopping or (self._process is not None and bool(cancelled))
        self._end_process()
        self.work()  # who drops what the cancelled ones have left

    def dismiss(self) -> None:
        """Forget the jobs that have ended, with the uploads that they have left."""
        with self._lock:
            self._error = self._note = ""
        ended = [job for job in self._queue.all() if job.ended]
        for path in (path for job in ended for path in job.paths if is_incoming(self._library.incoming_dir, path)):
            drop(path)
        self._queue.forget(job.id for job in ended)

    def end(self) -> None:
        """Ask the process to end, and start no other. Returns at once."""
        with self._lock:
            self._closing = True
        self._end_process()

    def close(self) -> None:
        """End the process; the next start goes on with what it did not finish."""
        self.end()
        if self._worker is not None:
            self._worker.join(2 * SETTLE_S)
        self._inbox.close()

    def work(self) -> None:
        """Start the process that works, where it does not run and there is something to do. Returns at once."""
        with self._lock:
            if self._closing or (self._worker is not None and self._worker.is_alive()):
                return
            self._worker = threading.Thread(target=self._work, name="jobs", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while True:
            self._drop_given_up()
            with self._lock:
                self._stopping = self._pausing = False
                if self._closing or not any(job.active for job in self._queue.all()):
                    self._worker = None
                    return
                process = self._process = LineProcess([*self._program, "jobs", "work", "--library", self._library.name])
            code, said = process.run(lambda _line: None)
            with self._lock:
                self._process = None
            if code and not self._is_ended_by_us() and not self._break_off(said):
                with self._lock:
                    self._error, self._worker = said, None
                return

    def _is_ended_by_us(self) -> bool:
        with self._lock:
            return self._closing or self._stopping or self._pausing

    def _break_off(self, said: str) -> bool:
        """What a process that died was doing has failed; False where it was doing nothing, and another would die too"""
        from index.job_worker import turn

        with turn(self._library) as ours:
            running = [job.id for job in self._queue.all() if job.state == "running"] if ours else []
            for job_id in running:
                self._queue.settle(job_id, "failed", error=said)
        return bool(running) or not ours

    def _drop_given_up(self) -> None:
        from index.job_worker import drop_cancelled, turn

        with turn(self._library) as ours:
            if not ours:
                return
            try:
                drop_cancelled(self._library)
            except OSError as error:
                log.warning("an upload could not be dropped", exc_info=True)
                with self._lock:
                    self._error = f"{error.strerror or type(error).__name__}. Check who may read and write the files."

    def _end_process(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.end()

    def _is_of_page(self, job: Job) -> bool:
        return bool(job.paths) and all(is_incoming(self._library.incoming_dir, path) for path in job.paths)

    def _cancelled(self, job: Job) -> list[Path]:
        """The files of a job that a person stopped before they were in; its uploads may be dropped already."""
        known = {report.path for report in self._queue.files(job.id)}
        return [path for path in job.paths if path not in known]

    def _unread(self, job: Job) -> list[Path]:
        """The files and folders of a job of which nothing is known yet; uploads that were put away are in."""
        known = {report.path for report in self._queue.files(job.id)}
        incoming = self._library.incoming_dir
        return [path for path in job.paths if path not in known and (path.exists() or not is_incoming(incoming, path))]

    def _names(self, jobs: Sequence[Job]) -> tuple[str, ...]:
        return tuple(shown(Path(path.name)) for job in jobs for path in self._unread(job))


def _outcome(report: FileReport) -> FileOutcome:
    return FileOutcome(
        report.name,
        report.state == "failed",
        report.pages,
        report.chunks,
        tuple(problems_of(report)),
        report.note,
        report.replaced_version,
    )


def _given_up(path: Path) -> FileOutcome:
    return FileOutcome(shown(Path(path.name)), failed=True, problems=("you stopped before it was in.",))


def _with_progress(state: IngestState, job: Job) -> IngestState:
    """The state with how far the present job is."""
    now = job.progress
    quiet = (datetime.now(UTC) - datetime.fromisoformat(job.changed_at)).total_seconds()
    return replace(
        state,
        waiting=now.waits,
        quiet_s=max(0, int(quiet)) // 10 * 10 if job.state == "running" else 0,
        file=now.file,
        page=now.page,
        pages=now.pages,
        files_done=now.files_done,
        files=now.files or len(job.paths),
        share=now.share,
        seconds_left=now.seconds_left,
    )
