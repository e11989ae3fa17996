"""`lectern` in processes of its own, as a person runs it, and what of it is still there afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MARK = "LECTERN_TEST_MARK"

SHARED = ("generate.shared", "app.readers.process")
"""Processes that all programs of a user share: they are to stay when the program that started them ends."""


class Program(subprocess.Popen[str]):
    """The command as a process; ``mark`` is in its environment, and so in its children's."""

    def __init__(self, *arguments: str, **given) -> None:
        self.mark = f"{MARK}={os.urandom(8).hex()}"
        command = [sys.executable, "-m", "evaluate.program", *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        super().__init__(command, text=True, env=os.environ | dict([self.mark.split("=")]), **(pipes | given))

    def wait_for(self, sign: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while not sign():
            assert self.poll() is None, self.communicate()
            assert time.monotonic() < until
            time.sleep(0.005)

    def runs_our_code(self) -> bool:
        """Whether it takes care of SIGTERM, which Python itself does not."""
        caught = next(line for line in self._status() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) & 1 << signal.SIGTERM - 1)

    def loads(self, library: str) -> bool:
        """Whether a shared library of that name is in its memory."""
        return library in Path(f"/proc/{self.pid}/maps").read_text()

    def has_open(self, file: Path) -> bool:
        found = Path(f"/proc/{self.pid}/fd").iterdir()
        with suppress(FileNotFoundError):  # closed between two looks
            return any(link.is_symlink() and link.readlink() == file for link in found)
        return False

    def ended(self, number: int) -> tuple[int, str, str]:
        """Send the signal; the exit code and what was printed. It must end in time, and nothing may outlive it."""
        sent = time.monotonic()
        self.send_signal(number)
        out, err = self.communicate(timeout=20)
        took = time.monotonic() - sent
        assert took < 3, f"it took {took:.1f} s"  # a second where nothing else runs
        assert not self.left()
        return self.returncode, out, err

    def left(self) -> list[str]:
        """The command lines of processes that it, or a child of it, started and that are still running.

        Without those that all programs of a user share.
        """
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # it ended meanwhile
        return [line for line in found if line and not any(name in line for name in SHARED)]

    def _status(self) -> list[str]:
        return Path(f"/proc/{self.pid}/status").read_text().splitlines()
