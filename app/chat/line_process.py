"""A `lectern` process that prints a line of JSON for each of its steps, run by one thread and ended by any other."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SETTLE_S = 1.5
"""Seconds that a process gets to end by itself; then it is killed, which loses nothing that is in the library."""

PROGRAM = (sys.executable, "-P", "-m", "app.cli")
"""The command `lectern`; -P keeps the folder in which this program was started out of the child's import path."""


class LineProcess:
    """One run of ``command``."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._is_to_end = False
        self._lock = threading.Lock()

    def run(self, read: Callable[[Mapping[str, Any]], None]) -> tuple[int, str]:
        """Run it to its end, each line given to ``read``; returns its exit code, and its last words or that code."""
        with subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        ) as process:
            with self._lock:
                self._process = process
                if self._is_to_end:  # while it was started
                    self._signal()
            tail: deque[str] = deque(maxlen=1)
            assert process.stdout is not None
            assert process.stderr is not None
            drain = threading.Thread(target=tail.extend, args=(process.stderr,), daemon=True)
            drain.start()
            for line in process.stdout:
                read(json.loads(line))
            drain.join()
        with self._lock:
            self._process = None
        said = tail[0].strip().removeprefix("lectern: ") if tail else ""
        return process.returncode, said or f"the process ended with code {process.returncode}."

    def end(self) -> None:
        """Ask it to end, and kill it after ``SETTLE_S``. Returns at once."""
        with self._lock:
            self._is_to_end = True
            self._signal()

    def _signal(self) -> None:
        """Called with the lock held."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            killer = threading.Timer(SETTLE_S, self._process.kill)
            killer.daemon = True
            killer.start()
