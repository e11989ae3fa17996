"""One run of one job: how far it is, what became of its files, and whether it is to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.cores import GivingWay
from core.errors import Cancelled
from core.protocols import Embedder
from core.settings import Settings
from index.build import Course, ingest
from index.folder_changes import find_changes
from index.ingest_report import IngestReport, Progress
from index.job_results import changes_result, ingest_result
from index.store.file_report import FileReport
from index.store.job_queue import Job, JobProgress
from index.store.library import Library
from index.store.upload_inbox import is_incoming
from index.sync import sync

NOTED_S = 0.4
"""Seconds between two notes of how far a job is; a kill loses what was said of files since, but none of these."""

TOLD_AT_ONCE = 10
"""Files of a job that are noted each as it is done; of more, those of a moment are noted together."""

LOOK_S = 0.1
"""Seconds between two looks at what a person wants of a job, and whether it is this process's turn."""


class JobRun:
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
        return ingest_result(report)

    def sync(self, embedder: Embedder) -> dict[str, Any]:
        changes = find_changes(self.job.paths, self.library, self.settings, cancel=self.stop)
        report = sync(changes, self.library, embedder, self.settings, **self._course())
        self._finish(report)
        return {**ingest_result(report), **changes_result(changes)}

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
