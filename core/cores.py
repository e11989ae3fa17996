"""Cores are shared on purpose: background work waits while an answer is being written.

llama.cpp's threads spin while they wait for each other, so that one busy neighbour stalls all of them: beside two busy
threads on two cores, writing fell from 44 to 3 tokens/s.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.files import private_folder

try:
    import fcntl
except ImportError:  # no flock on Windows: work goes on unshared there
    fcntl = None  # type: ignore[assignment]

_POLL_S = 0.05
"""Seconds between two looks at the lock: short beside the work that follows, and no cost."""

_LIMIT_S = 60.0
"""Longest wait for answers: background work is slow beside them, but never stands still for good."""


def _lock_file(home: Path) -> Path:
    private_folder(home)
    return home / "generating.lock"


@contextmanager
def generating(home: Path) -> Iterator[None]:
    """Hold the other cores' work off while an answer is written; any number of processes may at once.

    The lock goes with the process: one that is killed holds nobody up.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(_lock_file(home), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def yield_to_generation(
    home: Path,
    limit_s: float = _LIMIT_S,
    cancel: threading.Event | None = None,
    told: Callable[[bool], None] | None = None,
) -> float:
    """Wait while an answer is being written, at most ``limit_s`` seconds or until ``cancel``; returns the seconds.

    ``told`` is called with True where the waiting begins, and with False at its end.
    """
    if fcntl is None:
        return 0.0
    started, waits = time.monotonic(), False
    descriptor = os.open(_lock_file(home), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while time.monotonic() - started < limit_s and not (cancel and cancel.is_set()):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not waits and told is not None:
                    told(True)
                waits = True
                time.sleep(_POLL_S)
            else:
                break
    finally:
        os.close(descriptor)
        if waits and told is not None:
            told(False)
    return time.monotonic() - started


class GivingWay:
    """Called again and again by background work, it waits while an answer is being written, at most a minute.

    One for all steps of a work, so that their waits are not added up.
    """

    def __init__(
        self, home: Path, cancel: threading.Event | None = None, told: Callable[[bool], None] | None = None
    ) -> None:
        """Setting ``cancel`` ends the waiting; ``told`` is called with True where it begins, with False at its end."""
        self._home = home
        self._cancel = cancel
        self._told = told
        self._next = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        waited = yield_to_generation(self._home, _LIMIT_S, self._cancel, self._told)
        # An answer that takes longer than that does not hold the work up a minute at every step.
        self._next = time.monotonic() + (_LIMIT_S if waited >= _LIMIT_S else _POLL_S)


def lower_priority(steps: int = 10) -> None:
    """Let this process give way to what a person waits for. It cannot be taken back: for processes of their own."""
    if hasattr(os, "nice"):
        os.nice(steps)
