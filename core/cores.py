"""Cores are shared on purpose: background work waits while an answer is being written.

llama.cpp's threads spin while they wait for each other, so that one busy neighbour stalls all of them: beside two busy
threads on two cores, writing fell from 44 to 3 tokens/s.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # no flock on Windows: work goes on unshared there
    fcntl = None  # type: ignore[assignment]

_POLL_S = 0.05
"""Seconds between two looks at the lock: short beside the batch (about 0.5 s) that follows."""


def _lock_file(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
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


def yield_to_generation(home: Path, limit_s: float = 60.0, cancel: threading.Event | None = None) -> float:
    """Wait while an answer is being written, at most ``limit_s`` seconds or until ``cancel``; returns the seconds."""
    if fcntl is None:
        return 0.0
    started = time.monotonic()
    descriptor = os.open(_lock_file(home), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while time.monotonic() - started < limit_s and not (cancel and cancel.is_set()):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_POLL_S)
            else:
                break
    finally:
        os.close(descriptor)
    return time.monotonic() - started


def lower_priority(steps: int = 10) -> None:
    """Let this process give way to what a person waits for. It cannot be taken back: for processes of their own."""
    if hasattr(os, "nice"):
        os.nice(steps)
