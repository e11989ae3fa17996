"""Memory that a program has freed, given back to the system.

glibc keeps what lies between pieces still in use: an embedder's intermediate results, of another size at each step,
let a process of 0.6 GB grow to 1.9 GB while it ingests a thousand pages.
"""

import ctypes
import sys
import threading
import time

_EVERY_S = 2.0
"""Seconds between two times: each takes up to 50 ms."""

_lock = threading.Lock()
_last = 0.0


def give_back() -> None:
    """Give freed memory back to the system, at most every few seconds; nothing where the system is not Linux."""
    global _last
    with _lock:
        if sys.platform != "linux" or time.monotonic() - _last < _EVERY_S:
            return
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's own
        if trim is not None:
            trim(0)
        _last = time.monotonic()
