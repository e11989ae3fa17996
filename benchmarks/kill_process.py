"""A trial of benchmarks/kill.py in a process of its own, which is killed at a chosen moment."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from kill_trial import Trial

from index.store.database import Database

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
"""Names of Python's audit events, beside "open" for writing."""


@dataclass
class Ending:
    """How a process ended: what it said, whether it was killed, and how many moments and seams it came to."""

    said: int
    killed: bool
    moments: int
    seams: int
    failure: str
    seconds: float


def run(trial: Trial, *, moment: int = 0, seam: int = 0, after: float = 0.0) -> Ending:
    """The trial's work in a process of its own; killed at that moment or seam, or after some seconds, 0 for never."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(here)
        code = 1
        try:
            os.setsid()
            embedder = trial.embedder()
            count = count_moments(moment, seam)
            os.write(there, b"B")
            trial.work(embedder, lambda: os.write(there, b".") and None)
            os.write(there, "#{} {}".format(*count()).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - the child tells it and ends, whatever it is
            os.write(there, b"!" + traceback.format_exc().encode())
        finally:
            os._exit(code)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        pipe.read(1)
        started = time.perf_counter()
        if after:
            time.sleep(after)
            os.killpg(pid, signal.SIGKILL)
        said = pipe.read().decode()
    seconds = time.perf_counter() - started
    _, status = os.waitpid(pid, 0)
    steps, _, failure = said.partition("!")
    steps, _, counted = steps.partition("#")
    moments, seams = map(int, counted.split() or (0, 0))
    return Ending(len(steps), os.WIFSIGNALED(status), moments, seams, failure, seconds)


def count_moments(deadly: int, deadly_seam: int) -> Callable[[], tuple[int, int]]:
    """Counts statements of SQL and changes to files in this process; kills it before the ``deadly``-th.

    Seams are those of these moments that transactions do not cover: changes to files, and what follows a commit.
    """
    moments = seams = 0
    committed = False

    def tick(statement: str = "") -> None:
        nonlocal moments, seams, committed
        moments += 1
        seams += committed or not statement
        committed = statement == "COMMIT"
        if moments == deadly or seams == deadly_seam != 0:
            os.killpg(0, signal.SIGKILL)

    def audit(event: str, values: tuple[object, ...]) -> None:
        if event in CHANGES or (
            event == "open" and isinstance(values[2], int) and values[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            tick()

    connect = Database._connect

    def traced(database: Database) -> sqlite3.Connection:
        db = connect(database)
        db.set_trace_callback(tick)
        return db

    Database._connect = traced  # type: ignore[method-assign]
    sys.addaudithook(audit)
    return lambda: (moments, seams)


def call(work: Callable[[], None]) -> None:
    """All that is imported for it is there for the children, too."""
    work()


def in_a_child(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the child tells it and ends, whatever it is
            traceback.print_exc()
        finally:
            os._exit(code)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("the library could not be made")
