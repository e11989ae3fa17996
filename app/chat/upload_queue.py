"""Files that were dropped into the page, ingested by a process of their own at low priority.

The process is ``lectern ingest --json-progress``; the lines that it prints are what the page shows. A file is on the
disk until its document is in the library (``index.store.upload_inbox``), and the library says what is in.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.chat.line_process import PROGRAM, SETTLE_S, LineProcess
from app.chat.upload_state import FileOutcome, IngestState
from app.phrases import count
from core.digests import sha256_of
from index.store.upload_inbox import UploadInbox, drop
from ingest.folder import shown

if TYPE_CHECKING:
    from index.store.library import Library

log = logging.getLogger(__name__)

RESUMED = "Lectern ended while files were being added. It goes on with them"


class UploadQueue:
    """The uploads of one library, ingested a batch at a time in order; every method may be called from any thread."""

    def __init__(self, library: Library, program: Sequence[str] = PROGRAM) -> None:
        """``program`` is the command line that starts ``lectern``."""
        self._library = library
        self._program = program
        self._inbox = UploadInbox(library.incoming_dir)
        self._lock = threading.Lock()
        self._waiting: deque[list[Path]] = deque()
        self._left: list[Path] = []
        self._state = IngestState()
        self._process: LineProcess | None = None
        self._stopping = False
        self._closing = False
        self._worker: threading.Thread | None = None
        self._heard = 0.0

    def state(self) -> IngestState:
        with self._lock:
            quiet = int(time.monotonic() - self._heard) // 10 * 10 if self._state.running else 0
            return replace(self._state, quiet_s=quiet)

    def resume(self) -> None:
        """Go on with the files that a process which was ended has left behind, and say so.

        Those that the disk refuses to give up stay for the next start; the page says why.
        """
        refused: list[OSError] = []
        paths = self._inbox.take_over(refused)
        with self._lock:
            if refused:
                said = f"Not all files that Lectern was adding when it ended could be taken up: {refused[0]}."
                self._state = replace(self._state, error=f"{said} The next start tries again.")
            if paths:
                self._state = replace(self._state, note=f"{RESUMED} ({count(len(paths), 'file')}).")
                self._queue(paths)

    def add(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Keep (name, content) files on the disk and queue them for the ingest.

        Raises OSError where a file cannot be written; none of these files is kept then.
        """
        paths: list[Path] = []
        try:
            for name, content in files:
                paths.append(self._inbox.keep(name, content))
        except OSError:
            for path in paths:
                drop(path)
            raise
        with self._lock:
            self._queue(paths)

    def retry(self) -> None:
        """Queue the files again that an ingest left behind when it broke off."""
        with self._lock:
            paths, self._left = self._left, []
            self._state = replace(self._state, left=(), error="")
            self._queue(paths)

    def cancel(self) -> None:
        """End the ingest and drop the files that wait for it; files that are ingested stay in the library."""
        with self._lock:
            for path in (path for paths in self._waiting for path in paths):
                self._give_up(path)
            self._waiting.clear()
            if self._state.running and not self._stopping:
                self._stopping = True
                self._state = replace(self._state, stopping=True)
                self._end_process()

    def dismiss(self) -> None:
        """Clear the results of the last files, and drop those that were left behind."""
        with self._lock:
            for path in self._left:
                drop(path)
            self._left = []
            self._state = replace(self._state, outcomes=(), error="", note="", left=())

    def end(self) -> None:
        """Ask the ingest to end, and start no other. Returns at once."""
        with self._lock:
            if not self._closing:
                self._closing = True
                self._waiting.clear()
                self._end_process()

    def close(self) -> None:
        """End the ingest; the next start takes over the files that it did not finish."""
        self.end()
        with self._lock:
            worker = self._worker
        if worker is not None:
            worker.join(2 * SETTLE_S)
        self._inbox.close()

    def _queue(self, paths: list[Path]) -> None:
        """Queue these files for the worker thread, started if necessary; called with the lock held."""
        if not paths or self._closing:
            return
        self._waiting.append(paths)
        if not self._state.running:
            self._state = replace(
                self._state, running=True, file="", files_done=0, files=len(paths), share=0.0, seconds_left=None
            )
            self._heard = time.monotonic()
            self._worker = threading.Thread(target=self._work, name="uploads", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        """Take in one batch after another until none waits."""
        while (paths := self._next()) is not None:
            told: set[str] = set()
            try:
                failure = self._ingest(paths, told)
            except Exception as error:
                log.exception("an upload failed")
                failure = f"{error}"
            self._settle(paths, told, failure)

    def _next(self) -> list[Path] | None:
        """The batch that is next; None, and the page is told that all is done, where none waits."""
        with self._lock:
            self._stopping = False  # what was stopped came before
            waits = bool(self._waiting)
            self._state = replace(self._state, running=waits, stopping=False)
            if not waits:
                self._state = replace(self._state, file="", seconds_left=None)
            return self._waiting.popleft() if waits else None

    def _settle(self, paths: Sequence[Path], told: set[str], failure: str) -> None:
        """Decide about the files of a batch that are still there; what cannot be decided is left to the person."""
        problem = ""
        for path in paths:
            try:
                is_in = self._keep_original(path)  # reads the file, and may wait: the page goes on meanwhile
                with self._lock:
                    if self._closing:
                        return
                    self._decide(path, is_in=is_in, is_told=shown(path) in told)
            except FileNotFoundError:  # the ingest put it away
                continue
            except Exception as error:  # whatever it is, the page must not show an ingest that runs for ever
                log.warning("%s could not be put away", path, exc_info=True)
                problem = problem or _reason(path, error)
                with self._lock:
                    self._left.append(path)
        with self._lock:
            problem = problem if self._stopping else failure or problem
            if problem and not self._closing:
                said = f"The files could not be added: {problem}"
                self._state = replace(self._state, error=said, left=tuple(path.name for path in self._left))

    def _decide(self, path: Path, *, is_in: bool, is_told: bool) -> None:
        """What becomes of a file that the ingest did not put away; called with the lock held."""
        if is_in and not is_told:
            self._tell(FileOutcome(path.name, failed=False))
        elif is_in:
            return
        elif self._stopping or is_told:
            self._give_up(path, say=not is_told)
        else:
            self._left.append(path)

    def _keep_original(self, path: Path) -> bool:
        """Whether the file's document is in the library; if so, the file is kept as the document's original."""
        return self._library.keep_original(sha256_of(path), path)

    def _give_up(self, path: Path, *, say: bool = True) -> None:
        """Drop a file whose ingest the person stopped, and report it; called with the lock held."""
        drop(path)
        if say:
            self._tell(FileOutcome(path.name, failed=True, problems=("you stopped before it was in.",)))

    def _tell(self, outcome: FileOutcome) -> None:
        """Add one file's result to the state; called with the lock held."""
        self._state = replace(self._state, outcomes=(*self._state.outcomes, outcome))

    def _end_process(self) -> None:
        """Ask the ingest to end; called with the lock held."""
        if self._process is not None:
            self._process.end()

    def _ingest(self, paths: Sequence[Path], told: set[str]) -> str:
        """Ingest in a child process, adding the files it reports to ``told``; returns why it failed, "" for success."""
        options = ("ingest", "--json-progress", "--library", self._library.name, "--")
        process = LineProcess([*self._program, *options, *map(str, paths)])
        with self._lock:
            self._process = process
            if self._stopping or self._closing:
                process.end()
        code, said = process.run(lambda line: self._read(line, told))
        with self._lock:
            self._process = None
            self._state = replace(self._state, waiting=False)
            if self._stopping or self._closing or (code in (0, 1) and len(told) == len(paths)):
                return ""
        return said

    def _read(self, line: Mapping[str, object], told: set[str]) -> None:
        """Take in one line of the child's output: its progress, or one file's result."""
        with self._lock:
            self._heard = time.monotonic()
            if line["event"] == "progress":
                values = {key: line[key] for key in ("file", "files_done", "files", "share", "seconds_left")}
                self._state = replace(self._state, **values)  # type: ignore[arg-type]
            elif line["event"] == "waiting":
                self._state = replace(self._state, waiting=bool(line["waiting"]))
            elif line["event"] == "file":
                told.add(str(line["path"]))
                values = {key: line[key] for key in ("name", "failed", "pages", "chunks", "note", "former")}
                self._tell(FileOutcome(**values, problems=tuple(line["problems"])))  # type: ignore[arg-type]


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{path.name}: {error.strerror or type(error).__name__}. Check who may read and write it."
    return str(error)
