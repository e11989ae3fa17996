"""Ctrl-C, SIGTERM and a terminal that closes end the program within a second, with one line and no child left behind.

At once where there is nothing to keep, which is almost always: what is half written to a library, the next one to open
it takes back. Softly where an answer is being written: the first signal cancels it, the second ends the program.

A thread waits for the signals. Python's own handlers run on the main thread alone, and that may be in C code for long:
SQLite waits up to 30 s there for another process.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

ONE_PRESS_S = 0.3
"""Signals that follow each other faster are one: the terminal sends it to all, and programs like `uv run` once more."""

CHILDREN = {b"generate.worker", b"generate.hub_child", b"pip", b"ingest.child", b"app.source.page_process", b"app.cli"}
"""The modules that this program starts as processes. A browser is a child too, and stays."""


class _Soft(NamedTuple):
    begin: Callable[[], bool]
    seconds: float | None


_soft: _Soft | None = None
_accepted: int = 0
_accepted_at = 0.0
_number: int = 0
_at_prompt = False
_ending = threading.Lock()


def watch() -> None:
    """Take care of the signals from here on; for the program itself, not for others that use its modules.

    A signal that the program was started to ignore (nohup) stays ignored.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, on_main_thread)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(reader,), name="signals", daemon=True).start()


def on_main_thread(number: int, _frame: object) -> None:
    """Python's handler. All is done by the thread, but what the main thread reads from a terminal ends here."""
    if _at_prompt and number == signal.SIGINT:
        raise KeyboardInterrupt


@contextmanager
def softly(begin: Callable[[], bool], seconds: float | None = None) -> Iterator[None]:
    """Within it the first signal calls ``begin``, on another thread; the second one ends the program.

    So does the first where ``begin`` returns False, or the block is not left ``seconds`` later.
    """
    global _soft, _accepted
    before, _soft = _soft, _Soft(begin, seconds)
    try:
        yield
    finally:
        _soft, accepted, _accepted = before, _accepted, 0
        if accepted in (signal.SIGTERM, signal.SIGHUP):
            end(accepted)


@contextmanager
def at_prompt() -> Iterator[None]:
    """Within it Ctrl-C raises KeyboardInterrupt, as it does in any Python program."""
    global _at_prompt
    _at_prompt = True
    try:
        yield
    finally:
        _at_prompt = False


def by_person() -> bool:
    """Whether the last signal was Ctrl-C; the others come from the system, as it shuts down or closes a terminal."""
    return _number == signal.SIGINT


def end(number: int) -> NoReturn:
    """End the program as the signal of that number does, after one line."""
    _ending.acquire()  # never released: there is one end
    sys.stdout = sys.stderr = None  # a progress bar's own thread must not draw below the last line
    # From the start of the line, over what a progress bar left there, and with the cursor that it hides.
    start = b"\r\x1b[2K\x1b[?25h" if os.isatty(2) else b""
    with suppress(OSError):
        os.write(2, start + b"lectern: stopped.\n")
    _end_children()
    os._exit(128 + number)


def leave(code: int) -> NoReturn:
    """End the program with that exit code once all is printed.

    Without Python's own ending, which takes torch apart for over a second and waits for threads.
    """
    with suppress(Exception):
        sys.stdout.flush()
    _ending.acquire()
    _end_children()
    os._exit(code)


def _wait(reader: int) -> None:
    while True:
        for number in os.read(reader, 64):
            if number in SIGNALS:
                _act(number)


def _act(number: int) -> None:
    global _accepted, _accepted_at, _number
    soft, _number = _soft, number
    if _at_prompt and number == signal.SIGINT:
        return
    if _accepted and time.monotonic() - _accepted_at < ONE_PRESS_S:
        return
    if soft is None or _accepted or not soft.begin():
        end(number)
    _accepted, _accepted_at = number, time.monotonic()
    if soft.seconds is not None:
        limit = threading.Timer(soft.seconds, end, [number])
        limit.daemon = True
        limit.start()


def _end_children() -> None:
    """Kill this program's processes, and theirs.

    Found in /proc; where there is none they end by themselves, as they do when this process is killed.
    """
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    waiting = [os.getpid()]
    while waiting:
        for child in parents.get(waiting.pop(), ()):
            with suppress(OSError):
                if CHILDREN & set(Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")):
                    waiting.append(child)
                    os.kill(child, signal.SIGKILL)
