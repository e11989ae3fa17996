"""Background work waits while an answer is being written, in this process or in another one.

The threads of llama.cpp wait for each other in busy loops, so one other busy thread slows all of them down: beside two
busy threads on two cores, writing fell from 44 to 3 tokens/s. Whoever writes an answer holds a shared lock on a file;
background work looks at the lock and waits until it is free.
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
"""Seconds between two looks at the lock: short compared with the work that follows."""

_LIMIT_S = 60.0
"""Longest wait in seconds, so that background work is slowed down by answers but never stopped."""


def _lock_file(home: Path) -> Path:
    private_folder(home)
    return home / "generating.lock"


@contextmanager
def generating(home: Path) -> Iterator[None]:
    """Make background work wait during this block, in which an answer is written.

    Any number of processes can be in such blocks at once. The lock of a process that is killed is released.
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
    """Wait until no answer is being written, at most ``limit_s`` seconds, or until ``cancel`` is set.

    Returns the seconds waited. ``told`` is called with True when the waiting begins, and with False when it ends.
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
    """To be called between the steps of background work: waits while an answer is being written, at most a minute.

    After a wait of a whole minute, the calls of the next minute return at once. So use one object for all steps:

        give_way = GivingWay(settings.home)
        for text in texts:
            give_way()
            embed(text)
    """

    def __init__(
        self, home: Path, cancel: threading.Event | None = None, told: Callable[[bool], None] | None = None
    ) -> None:
        """``cancel`` and ``told`` are as in ``yield_to_generation``."""
        self._home = home
        self._cancel = cancel
        self._told = told
        self._next = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        waited = yield_to_generation(self._home, _LIMIT_S, self._cancel, self._told)
        # An answer that takes longer must not delay the work by a minute at every step.
        self._next = time.monotonic() + (_LIMIT_S if waited >= _LIMIT_S else _POLL_S)


def lower_priority(steps: int = 10) -> None:
    """Lower the priority of this process, so that what a person waits for runs first.

    It cannot be raised again, so this is for child processes.
    """
    if hasattr(os, "nice"):
        os.nice(steps)
