"""What both ways of fetching share: a child process that downloads and tells how far it is, and patience with it."""

import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import Cancelled

MEGABYTE = 1 << 20

PROGRESS = re.compile(r"^Progress (\d+) of (\d+)$")
"""A line of the child: bytes of its file that have come, bytes of the file. pip writes such lines,
too, with ``--progress-bar raw``."""

REPORTED = "Failed "
"""How the last line of our own child begins where it failed; the rest is JSON: the kind, a clause for the person."""

LINES_KEPT = 400

PROXY_PASSWORD = "the proxy asks for a password (HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT)"  # noqa: S105 - a text


@dataclass(frozen=True, slots=True)
class Step:
    """How far a pull is, in bytes of the model's file; ``doing`` is in words ("from the hub", "checking")."""

    done: int
    total: int
    doing: str


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Wait:
    """Patience with a source that fails for a while: ``tries`` times without a byte, ``first`` seconds between, then
    twice as long each time up to ``longest``."""

    tries: int = 6
    first: float = 1.0
    longest: float = 30.0

    def seconds(self, failures: int) -> float:
        return min(self.longest, self.first * 2.0 ** (failures - 1))


class SourceFailed(Exception):
    """A source does not give the file; the message is a clause ("the proxy asks for a password")."""


class SourceBusy(SourceFailed):
    """It failed for now: asked again, it may give it."""


class WrongBytes(SourceFailed):
    """What it gave is not what was asked for; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Output:
    """A child's exit code and its last lines, without those that tell how far it is."""

    code: int
    lines: tuple[str, ...]


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    told: Callable[[int, int], None],
    cancel: threading.Event,
) -> Output:
    """Run a program to its end in ``folder``; ``told`` gets each pair of bytes it tells of. Raises Cancelled.

    The program is ended when this function is left in any way. It ends itself once nobody reads what it writes, so a
    killed Lectern leaves none behind.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C is for the program that waits, which ends this one
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_pass_on, args=(process, lines), daemon=True).start()
    kept: list[str] = []
    try:
        while (line := _next(lines, cancel)) is not None:
            if found := PROGRESS.match(line.strip()):
                told(int(found[1]), int(found[2]))
            elif line.strip():
                kept = [*kept[-LINES_KEPT:], line.strip()]
        return Output(process.wait(), tuple(kept))
    finally:
        process.kill()
        process.wait()


def patiently(attempt: Callable[[], None], come: Callable[[], int], wait: Wait, cancel: threading.Event) -> None:
    """Call ``attempt`` until it does not raise SourceBusy; ``come`` counts the bytes so far.

    Raises SourceFailed once it failed ``wait.tries`` times in a row without any byte, and Cancelled.
    """
    failures, before = 0, come()
    while True:
        try:
            return attempt()
        except SourceBusy as error:
            now = come()
            failures = 1 if now > before else failures + 1
            before = now
            if failures >= wait.tries:
                raise SourceFailed(str(error)) from error
        if cancel.wait(wait.seconds(failures)):
            raise Cancelled("stopped.")


def in_words(size: int) -> str:
    """Bytes for a person: "491 MB", "1.12 GB"."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def rate_limited(told: Callable[[int], None], seconds: float = 0.25) -> Callable[[int], None]:
    """``told``, called at most every ``seconds``."""
    last = 0.0

    def limited(value: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= seconds:
            last = now
            told(value)

    return limited


def _pass_on(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str | None]") -> None:
    with suppress(ValueError, OSError):  # closed while it was read: the child was ended
        for line in process.stdout or ():
            lines.put(line)
    lines.put(None)


def _next(lines: "queue.SimpleQueue[str | None]", cancel: threading.Event) -> str | None:
    while not cancel.is_set():
        with suppress(queue.Empty):
            return lines.get(timeout=0.1)
    raise Cancelled("stopped.")
