"""Reads files in a child process, one after the other, so that a file that crashes its reader harms nothing else.

The child speaks length-prefixed JSON over a socket of its own (`ingest.child_process`); nothing is pickled.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from core import errors
from core.errors import Cancelled, ReaderKilled, ReadError
from core.settings import Settings
from core.types import Document
from ingest.child_process import ChildProcess, end_with_parent, limit_memory

if TYPE_CHECKING:
    from pydantic import TypeAdapter

NICENESS = 10
"""Added to the child's niceness (0 to 19), so that what a person waits for comes first; idle machines are no slower."""

RECOGNIZING_MEGABYTES = 2560
"""Least limit on memory, in MiB, where text is recognized: ONNX Runtime takes 0.9 GB for a page and reserves 1.4."""

POLL_SECONDS = 0.1
"""Seconds between checks for cancellation while a file is read."""


MOST_LEFT_OUT = 3
"""Files inside a file that are left out, one after the other, before it is given up."""


@dataclass
class _Inside:
    """The number of the file inside a file that is being read, 0 for none, since when, and whether it took too long."""

    number: int = 0
    since: float = 0.0
    slow: bool = False


class ReaderPool:
    """Reads files in a child process with limits on memory and on each file's time. Not for several threads at once.

    Use as a context manager; leaving it ends the child.
    """

    def __init__(self, settings: Settings, *, recognizing: bool = False) -> None:
        """With ``recognizing`` the text of pictures is recognized, which takes more memory; else it is left for later,
        or for nobody where no engine is installed."""
        self._seconds = settings.reader_seconds
        self._megabytes = max(settings.reader_megabytes, RECOGNIZING_MEGABYTES if recognizing else 0)
        when = "now" if recognizing else "later"
        self._child = ChildProcess("ingest.child", str(self._megabytes), str(self._seconds), settings.recognition, when)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id; None before the first file and after a file that killed it."""
        return self._child.pid

    def read(
        self,
        path: Path,
        name: str | None = None,
        cancel: threading.Event | None = None,
        on_page: Callable[[int], None] = lambda _page: None,
    ) -> Document:
        """As ``ingest.read.read_file``, within the limits; the limit on time is for each page that is recognized.

        ``on_page`` is called before a page is recognized, with its number from 1, and the reader waits for its return.
        A file inside it that takes half of the time or more, all memory, or crashes the reader is left out, and the
        rest is read again, with the same limits.

        Raises ReadError; ReaderKilled where the file took too long or too much memory, or crashed the reader;
        Cancelled where ``cancel`` was set while it was being read.
        """
        name = name or path.name
        left_out: dict[int, str] = {}
        while True:
            inside = _Inside()
            try:
                return self._read(path, name, cancel, on_page, left_out, inside)
            except ReaderKilled as error:
                late = time.monotonic() - inside.since
                if not inside.number or len(left_out) == MOST_LEFT_OUT or (inside.slow and late < self._seconds / 2):
                    raise
                why = error.message.removeprefix(name).strip(" .")
                left_out[inside.number] = "took too long to read" if inside.slow else why

    def _read(
        self,
        path: Path,
        name: str,
        cancel: threading.Event | None,
        on_page: Callable[[int], None],
        left_out: dict[int, str],
        inside: _Inside,
    ) -> Document:
        """As ``read``, once; notes ``inside`` which of the files inside it is being read."""
        connection = self._child.connection()
        deadline = time.monotonic() + self._seconds
        request = {"path": os.fspath(path.absolute()), "name": name, "left_out": list(left_out.items())}
        try:
            connection.send_bytes(json.dumps(request).encode())
            while True:
                reply = self._reply(connection, name, deadline, cancel, inside)
                if "inside" in reply:
                    inside.number, inside.since = reply["inside"], time.monotonic()
                elif "page" in reply:
                    on_page(reply["page"])
                    connection.send_bytes(b"go on")
                    inside.since = time.monotonic()
                    deadline = inside.since + self._seconds
                else:
                    break
        except (EOFError, OSError) as error:  # OSError also where it died in the middle of its reply
            how = self._ending()
            raise ReaderKilled(
                f"{name} crashed its reader ({how}).", "Open it in its program and save it again."
            ) from error
        if "error" in reply:
            raise self._error(name, reply)
        return _documents().validate_python(reply["document"])

    def _reply(
        self,
        connection: "Connection[Any, Any]",
        name: str,
        deadline: float,
        cancel: threading.Event | None,
        inside: _Inside,
    ) -> dict[str, Any]:
        """The child's next message. Raises ReaderKilled after the deadline, Cancelled."""
        while not connection.poll(POLL_SECONDS):
            if cancel is not None and cancel.is_set():
                self.close()
                raise Cancelled(f"{name} was not read to the end.")
            if time.monotonic() > deadline:
                inside.slow = True
                self.close()
                raise ReaderKilled(
                    f"{name} took longer than {self._seconds:g} s to read.",
                    "Split it, or raise LECTERN_READER_SECONDS.",
                )
        reply: dict[str, Any] = json.loads(connection.recv_bytes())
        return reply

    def close(self) -> None:
        """End the child, if there is one."""
        self._child.end()

    def _ending(self) -> str:
        code = self._child.exit_code(5)
        self.close()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _error(self, name: str, reply: dict[str, str]) -> ReadError:
        if reply["error"] == "MemoryError":
            self.close()
            return ReaderKilled(
                f"{name} needs more than {self._megabytes} MiB to read.", "Split it, or raise LECTERN_READER_MEGABYTES."
            )
        kind: type[ReadError] = getattr(errors, reply["error"])
        return kind(reply["message"], reply["hint"])


@cache
def _documents() -> "TypeAdapter[Document]":
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def main(descriptor: int, megabytes: int, seconds: float, engines: str, when: str) -> None:
    """The child: answer each request until the parent hangs up."""
    from ingest.read import read_file
    from ingest.recognition.engines import available, load
    from ingest.recognition.reading import Recognition

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    os.nice(NICENESS)
    limit_memory(megabytes)
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    connection: Connection[Any, Any] = Connection(descriptor)
    loaded = load(engines) if when == "now" else []

    def wait_for_parent(page: int) -> None:
        connection.send_bytes(json.dumps({"page": page}).encode())
        signal.alarm(0)  # it may let an answer go first
        connection.recv_bytes()
        signal.alarm(int(seconds) + 10)

    def begun(number: int) -> None:
        connection.send_bytes(b'{"inside": %d}' % number)

    recognition = partial(Recognition, loaded, wait_for_parent) if available(engines) else None
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        # Should the parent be gone or stopped, the kernel ends a hang in its stead.
        signal.alarm(int(seconds) + 10)
        try:
            left_out = dict(request["left_out"])
            document = read_file(Path(request["path"]), request["name"], recognition, begun, left_out)
            data = b'{"document": %b}' % _documents().dump_json(document)
        except ReadError as error:
            data = json.dumps({"error": type(error).__name__, "message": error.message, "hint": error.hint}).encode()
        except MemoryError:
            data = b'{"error": "MemoryError"}'
        signal.alarm(0)
        connection.send_bytes(data)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5])
