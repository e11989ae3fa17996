"""A library's change of embedder, run for the page by a process of its own at low priority.

The process is ``lectern docs reembed --json-progress``, whose lines are what the page shows. The library answers by its
old vectors meanwhile; a process that ends early is gone on with by the next one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.chat.line_process import PROGRAM, SETTLE_S, LineProcess

if TYPE_CHECKING:
    from index.store.library import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChangeState:
    """How many of the library's ``chunks`` have their new vector; ``waiting``: it pauses while an answer is written.

    ``error`` says why the last run ended early, "" where it did not.
    """

    running: bool = False
    stopping: bool = False
    waiting: bool = False
    done: int = 0
    chunks: int = 0
    seconds_left: float | None = None
    error: str = ""

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.chunks) if self.chunks else 0.0


class EmbedderChange:
    """One change at a time of one library; every method may be called from any thread, and none waits but ``close``."""

    def __init__(self, library: Library, taken: Callable[[], None], program: Sequence[str] = PROGRAM) -> None:
        """``taken`` is called once the new vectors answer, in the worker's thread."""
        self._library = library
        self._taken = taken
        self._program = program
        self._state = ChangeState()
        self._process: LineProcess | None = None
        self._worker: threading.Thread | None = None
        self._closing = False
        self._lock = threading.Lock()

    def state(self) -> ChangeState:
        with self._lock:
            return self._state

    def begin(self, embedder: str) -> None:
        """Begin the change to the embedder of that name, or go on with it; nothing where one is under way."""
        with self._lock:
            if self._state.running or self._closing:
                return
            self._state = ChangeState(running=True)
            self._worker = threading.Thread(target=self._work, args=(embedder,), name="embedder-change", daemon=True)
            self._worker.start()

    def stop(self) -> None:
        """End it; what is made of new vectors is kept for the next time."""
        with self._lock:
            if self._state.running and not self._state.stopping:
                self._state = replace(self._state, stopping=True)
                if self._process is not None:
                    self._process.end()

    def end(self) -> None:
        """Ask it to end, and begin no other. Returns at once."""
        self.stop()
        with self._lock:
            self._closing = True

    def close(self) -> None:
        self.end()
        if self._worker is not None:
            self._worker.join(2 * SETTLE_S)

    def _work(self, embedder: str) -> None:
        try:
            error = self._run(embedder)
            if not error and not self.state().stopping:
                self._taken()
        except Exception as failure:
            log.exception("a change of embedder failed")
            error = str(failure)
        with self._lock:
            self._state = ChangeState(error="" if self._state.stopping else error)

    def _run(self, embedder: str) -> str:
        """Run the process to its end; returns why it failed, "" for success."""
        options = ("docs", "reembed", embedder, "--json-progress", "--library", self._library.name)
        process = LineProcess([*self._program, *options])
        with self._lock:
            self._process = process
            if self._state.stopping:
                process.end()
        code, said = process.run(self._read)
        with self._lock:
            self._process = None
        return said if code else ""

    def _read(self, line: Mapping[str, object]) -> None:
        names = ("waiting",) if line["event"] == "waiting" else ("done", "chunks", "seconds_left")
        with self._lock:
            self._state = replace(self._state, **{name: line[name] for name in names})  # type: ignore[arg-type]
