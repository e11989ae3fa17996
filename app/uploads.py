"""Files that were dropped into the page, ingested by a process of their own at low priority.

The process is ``lectern ingest --json-progress``; the lines that it prints are what the page shows.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.uploads import store

log = logging.getLogger(__name__)

SETTLE_S = 10.0
"""Seconds that an ingest gets to end by itself after it was asked to: it finishes the batch in hand."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file; ``problems`` say what could not be read and why, ``failed`` that nothing of it is in."""

    name: str
    failed: bool
    pages: int = 0
    chunks: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestState:
    """How far the uploads are. ``share`` is 0..1; ``seconds_left`` None while nothing can be said."""

    running: bool = False
    file: str = ""
    files_done: int = 0
    files: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    outcomes: tuple[Outcome, ...] = ()
    error: str = ""


class Uploads:
    """The uploads of one library, a batch at a time in the order in which they came; safe to use from any thread."""

    def __init__(self, library: str, folder: Path) -> None:
        """``folder`` is the library's own for uploaded files."""
        self._library = library
        self._folder = folder
        self._lock = threading.Lock()
        self._waiting: deque[list[Path]] = deque()
        self._state = IngestState()
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False

    def state(self) -> IngestState:
        with self._lock:
            return self._state

    def add(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Keep the files and start to ingest them, or queue them behind those that are being ingested."""
        with self._lock:
            paths = [store(self._folder, name, content) for name, content in files]
            self._waiting.append(list(dict.fromkeys(paths)))
            if self._state.running:
                return
            self._state = IngestState(running=True, files=len(files))
            threading.Thread(target=self._work, name="uploads", daemon=True).start()

    def cancel(self) -> None:
        """End the ingest, and drop what waits behind it; the files that are in already stay."""
        with self._lock:
            self._cancelled = True
            dropped = [path for paths in self._waiting for path in paths]
            self._waiting.clear()
            self._discard(dropped)
            if self._process is not None:
                self._process.send_signal(signal.SIGINT)

    def dismiss(self) -> None:
        """Forget what came of the last files."""
        with self._lock:
            self._state = replace(self._state, outcomes=(), error="")

    def close(self) -> None:
        """End the ingest and wait for it."""
        self.cancel()
        with self._lock:
            process = self._process
        if process is not None:
            try:
                process.wait(SETTLE_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._state = replace(self._state, running=False, file="", seconds_left=None)
                    return
                paths = self._waiting.popleft()
                self._cancelled = False  # what was stopped came before these
                before = len(self._state.outcomes)
            try:
                self._ingest(paths)
            except Exception as error:
                log.exception("an upload failed")
                self._change(error=f"The files could not be ingested: {error}")
            with self._lock:
                if self._cancelled:
                    taken = {outcome.name for outcome in self._state.outcomes[before:]}
                    self._discard([path for path in paths if path.name not in taken])

    def _discard(self, paths: Sequence[Path]) -> None:
        """Delete files that no document will come from, unless they came again; called with the lock held."""
        wanted = {path for waiting in self._waiting for path in waiting}
        for path in set(paths) - wanted:
            path.unlink(missing_ok=True)

    def _ingest(self, paths: Sequence[Path]) -> None:
        # -P keeps the folder in which the program was started out of the child's import path.
        command = [sys.executable, "-P", "-m", "app.cli", "ingest", "--json-progress"]
        command += ["--library", self._library, "--", *map(str, paths)]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        ) as process:
            with self._lock:
                self._process = process
                if self._cancelled:  # Stop was pressed while the process was started
                    process.send_signal(signal.SIGINT)
            tail: deque[str] = deque(maxlen=1)
            assert process.stdout is not None
            assert process.stderr is not None
            drain = threading.Thread(target=tail.extend, args=(process.stderr,), daemon=True)
            drain.start()
            for line in process.stdout:
                self._read(json.loads(line))
            drain.join()
        with self._lock:
            self._process = None
        if self._cancelled:
            return
        if process.returncode not in (0, 1):
            said = tail[0].strip().removeprefix("lectern: ") if tail else f"it ended with code {process.returncode}."
            self._change(error=f"The files could not be ingested: {said}")
        elif process.returncode == 1 and tail and not any(outcome.failed for outcome in self.state().outcomes):
            self._change(error=tail[0].strip().removeprefix("lectern: "))

    def _read(self, line: Mapping[str, object]) -> None:
        """One line of the child: how far it is, or what came of a file."""
        if line["event"] == "progress":
            self._change(**{key: line[key] for key in ("file", "files_done", "files", "share", "seconds_left")})
        elif line["event"] == "file":
            values = {key: line[key] for key in ("name", "failed", "pages", "chunks")}
            outcome = Outcome(**values, problems=tuple(line["problems"]))  # type: ignore[arg-type]
            with self._lock:
                self._state = replace(self._state, outcomes=(*self._state.outcomes, outcome))

    def _change(self, **values: object) -> None:
        with self._lock:
            self._state = replace(self._state, **values)  # type: ignore[arg-type]
