"""A module of this program as a child process that answers over a socket, and what such a process does about itself.

What C libraries print cannot get between, and a file that crashes them harms nothing else.
"""

import os
import subprocess
import sys
import time
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any


class ChildProcess:
    """Runs ``python -m module DESCRIPTOR arguments...``, where DESCRIPTOR is its end of the connection.

    It is started when it is first needed, and again after it ended. Not for several threads at once.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection[Any, Any] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None before it is first needed and after it was ended."""
        return self._process.pid if self._process else None

    def connection(self) -> "Connection[Any, Any]":
        """The connection to it; it is started where it does not run."""
        if self._process and self._process.poll() is not None:
            self.end()
        if self._connection is None:
            ours, theirs = Pipe()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", self._module, str(theirs.fileno()), *self._arguments],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                )
            self._connection = ours
        return self._connection

    def exit_code(self, seconds: float) -> int:
        """How it ended, as subprocess tells it; 0 where it has not within ``seconds``."""
        assert self._process
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return 0

    def end(self) -> None:
        """End it, if it runs."""
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = self._connection = None


def _environment() -> dict[str, str]:
    """The child imports from where its parent does, and not (-P) from whatever folder the person stands in.

    One malloc arena: each more would take 64 MiB of the limit on address space.
    """
    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    return {**os.environ, "PYTHONPATH": places, "MALLOC_ARENA_MAX": "1"}


def limit_memory(megabytes: int) -> None:
    """Limit the address space, so that a zip bomb meets MemoryError. Systems other than Linux do not enforce it."""
    if sys.platform == "linux":
        import resource

        size = megabytes * 2**20
        # The soft limit: a program that a reader starts may raise its own.
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_parent(parent: int) -> None:
    """End this process once the parent is gone, even while it hangs in a file."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
