"""The two ways to a model's process: a child by its pipes, or the engine that a user's programs share by its socket."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from core import errors
from generate.death import cause, closed, unstarted
from generate.threads import WAITING

END_S = 2.0
"""Seconds to wait for a child to end by itself, and again after it was killed."""

LOG_END = 16_384
"""Bytes of the dead process's last output in which the reason of its end is looked for."""

CLOSED = "lectern: closed"
"""The last line in the log of a shared engine that ended because it was idle or was told to."""

FAILED = "lectern: failed"
"""The last line where a shared engine ended by an error of its own; the line before says which."""

FATAL = re.compile(r"^Fatal Python error: (.*)$", re.MULTILINE)
"""How Python's faulthandler begins its report of a signal that ends the process."""

FATAL_SIGNALS = {
    "Illegal instruction": signal.SIGILL,
    "Segmentation fault": signal.SIGSEGV,
    "Aborted": signal.SIGABRT,
    "Floating point exception": signal.SIGFPE,
    "Floating-point exception": signal.SIGFPE,
    "Bus error": getattr(signal, "SIGBUS", signal.SIGSEGV),
}


class Link(Protocol):
    """A way to a running `generate.worker` or a shared process: lines of bytes in both directions."""

    pid: int

    @property
    def source(self) -> int:
        """The descriptor from which the process's replies are read."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of ``data``. Raises OSError where the process is gone."""
        ...

    def ended(self) -> bool:
        """Whether the process is known to have ended; a shared engine's end is only seen as the end of its replies."""
        ...

    def hang_up(self) -> None:
        """Tell the process that no more requests come: a child ends, a shared engine drops this program's requests."""
        ...

    def kill(self) -> None:
        """End the process at once."""
        ...

    def end(self) -> None:
        """End the process, which gets a moment to do so by itself; of a shared engine, the connection alone."""
        ...

    def finish(self) -> errors.EngineStopped:
        """`end`, release what belongs to the link, and return why the process ended."""
        ...


class Pipes:
    """A child process of this program."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Start ``command``, which is what Python runs. Raises EngineStopped if the system cannot start it."""
        try:
            self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        except OSError as error:
            raise unstarted(error) from error
        try:
            self.process = start_python(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log)
        except OSError as error:
            self._log.close()
            raise unstarted(error) from error
        self.pid = self.process.pid
        assert self.process.stdin
        assert self.process.stdout
        self._in, self._out = self.process.stdin, self.process.stdout

    @property
    def source(self) -> int:
        return self._out.fileno()

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._in.write(rest) or 0 :]

    def ended(self) -> bool:
        return self.process.poll() is not None

    def hang_up(self) -> None:
        with suppress(OSError):
            self._in.close()

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        self._exit_code()

    def finish(self) -> errors.EngineStopped:
        code = self._exit_code()
        words = last_words(self._log)
        self._out.close()
        return cause(code, words)

    def _exit_code(self) -> int:
        """The exit code of the process, which is killed if it does not end by itself."""
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(END_S)
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(END_S)
        return 0  # held in the system's kernel; it goes when that lets it


class SharedLink:
    """A connection to the shared engine with the number ``pid``, whose stderr goes to ``log``."""

    def __init__(self, connection: socket.socket, pid: int, log: IO[bytes]) -> None:
        self.pid = pid
        self._connection = connection
        self._log = log

    @property
    def source(self) -> int:
        return self._connection.fileno()

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)

    def ended(self) -> bool:
        return False

    def hang_up(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def kill(self) -> None:
        # The connection was open a moment ago, so the number is still this engine's.
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        self.hang_up()

    def finish(self) -> errors.EngineStopped:
        self.hang_up()
        self._connection.close()
        words = last_words(self._log)
        if words.endswith(CLOSED):
            return closed()
        if fatal := FATAL.search(words):
            return cause(-FATAL_SIGNALS.get(fatal[1].strip(), signal.SIGABRT), words[: fatal.start()].strip())
        if words.endswith(FAILED):
            return cause(1, words.removesuffix(FAILED).strip())
        return cause(-signal.SIGKILL, "")  # it had no time to say anything


def last_words(log: IO[bytes]) -> str:
    """The end of what the process wrote to its log, which is closed."""
    with suppress(Exception), log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_END))
        return log.read().decode("utf-8", "replace").strip()
    return ""


def start_python(
    command: tuple[str, ...],
    *,
    stdin: int,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    cwd: str | None = None,
    environment: Mapping[str, str] = WAITING,
) -> "subprocess.Popen[bytes]":
    """Start Python with ``command``, in a session of its own. Raises OSError.

    ``environment`` holds variables that are added to this process's own, where it does not set them.
    """
    return subprocess.Popen(
        # -P keeps the folder in which the person stands out of the child's import path.
        [sys.executable, "-P", *command],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        bufsize=0,
        cwd=cwd,
        env=_environment(environment),
        # Ctrl-C in the terminal is for the command, which cancels the answer and keeps the model.
        start_new_session=True,
    )


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: this process's, with its import path, and without native backtraces."""
    here = str(Path(__file__).resolve().parent.parent)
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**added, **os.environ, "PYTHONPATH": os.pathsep.join(paths), "GGML_NO_BACKTRACE": "1"}
