"""Reads files in a child process, one after the other, so that a file that crashes its reader harms nothing else.

The child speaks length-prefixed JSON over a socket of its own (`ingest.child_process`); nothing is pickled.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from core import errors
from core.errors import Cancelled, ReaderKilled, ReadError
from core.settings import Settings
from core.types import Document
from ingest.child_process import ChildProcess, end_with_parent, limit_memory
from ingest.recognition.lines import Recognized, recognized_page

if TYPE_CHECKING:
    from pydantic import TypeAdapter

NICENESS = 10
"""Added to the child's niceness (0 to 19), so that what a person waits for comes first; idle machines are no slower."""

RECOGNIZING_MEGABYTES = 2560
"""Least limit on memory, in MiB, where text is recognized: ONNX Runtime takes 0.9 GB for a page and reserves 1.4."""

POLL_SECONDS = 0.1
"""Seconds between checks for cancellation while a file is read."""

TOLD_SECONDS = 0.3
"""Seconds between two pages of a PDF that are told; the reader waits there while an answer is written."""

MOST_LEFT_OUT = 3
"""Files inside a file that are left out, one after the other, before it is given up."""


@dataclass
class _Inside:
    """The number of the file inside a file that is being read, 0 for none, since when, and whether it took too long."""

    number: int = 0
    since: float = 0.0
    slow: bool = False


@dataclass(frozen=True)
class Heard:
    """What is done with what a reader tells while it reads a file.

    ``reads`` is called now and then before a page of a PDF, with its number from 1 and that of all, ``recognizes``
    before a page is recognized, and ``recognized`` with what was, by its place: the number of the file inside the file,
    0 for itself, and of the page ("0:12"). ``known`` are places that were recognized before.
    """

    reads: Callable[[int, int], None] = lambda _page, _pages: None
    recognizes: Callable[[int], None] = lambda _page: None
    recognized: Callable[[str, Recognized], None] = lambda _place, _page: None
    known: Mapping[str, Recognized] = field(default_factory=dict)


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
        heard: Heard | None = None,
    ) -> Document:
        """As ``ingest.read.read_file``, within the limits; of a file that tells of its pages the limit on time is for
        each of these.

        ``heard`` is told how far the reader is, which waits for it.
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
                return self._read(path, name, cancel, heard or Heard(), left_out, inside)
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
        heard: Heard,
        left_out: dict[int, str],
        inside: _Inside,
    ) -> Document:
        """As ``read``, once; notes ``inside`` which of the files inside it is being read."""
        connection = self._child.connection()
        deadline = time.monotonic() + self._seconds
        request: dict[str, Any] = {"path": os.fspath(path.absolute()), "name": name, "left_out": list(left_out.items())}
        request["known"] = {place: asdict(page) for place, page in heard.known.items()}
        try:
            connection.send_bytes(json.dumps(request).encode())
            while True:
                reply = self._reply(connection, name, deadline, cancel, inside)
                if "inside" in reply:
                    inside.number, inside.since = reply["inside"], time.monotonic()
                elif "recognized" in reply:
                    heard.recognized(reply["recognized"], recognized_page(reply["result"]))
                elif "page" in reply:
                    self._tell(heard, reply)
                    self._stop_where(cancel, name)  # the next reply may be there before anybody waits for it
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

    def _tell(self, heard: Heard, reply: Mapping[str, int]) -> None:
        """Tell how far the reader is; where that raises, as a person has stopped it, the child ends."""
        try:
            if "pages" in reply:
                heard.reads(reply["page"], reply["pages"])
            else:
                heard.recognizes(reply["page"])
        except BaseException:
            self.close()
            raise

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
            self._stop_where(cancel, name)
            if time.monotonic() > deadline:
                inside.slow = True
                self.close()
                raise ReaderKilled(
                    f"{name} took longer than {self._seconds:g} s to read.",
                    "Split it, or raise LECTERN_READER_SECONDS.",
                )
        reply: dict[str, Any] = json.loads(connection.recv_bytes())
        return reply

    def _stop_where(self, cancel: threading.Event | None, name: str) -> None:
        if cancel is not None and cancel.is_set():
            self.close()
            raise Cancelled(f"{name} was not read to the end.")

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

    inside, told_at = 0, 0.0
    known: dict[str, Recognized] = {}

    def wait_for_parent(**told: int) -> None:
        nonlocal told_at
        connection.send_bytes(json.dumps(told).encode())
        signal.alarm(0)  # it may let an answer go first
        connection.recv_bytes()
        signal.alarm(int(seconds) + 10)
        told_at = time.monotonic()

    def reads(page: int, pages: int) -> None:
        if time.monotonic() - told_at >= TOLD_SECONDS:
            wait_for_parent(page=page, pages=pages)

    def begun(number: int) -> None:
        nonlocal inside
        inside = number
        connection.send_bytes(b'{"inside": %d}' % number)

    def recognition() -> Recognition:
        at = f"{inside}:"

        def done(page: int, found: Recognized) -> None:
            connection.send_bytes(json.dumps({"recognized": f"{at}{page}", "result": asdict(found)}).encode())

        here = {int(place.removeprefix(at)): page for place, page in known.items() if place.startswith(at)}
        return Recognition(loaded, lambda page: wait_for_parent(page=page), known=here, done=done)

    recognizing = recognition if available(engines) else None
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        # Should the parent be gone or stopped, the kernel ends a hang in its stead.
        signal.alarm(int(seconds) + 10)
        try:
            left_out = dict(request["left_out"])
            inside, told_at = 0, time.monotonic()
            known = {place: recognized_page(page) for place, page in request["known"].items()}
            document = read_file(Path(request["path"]), request["name"], recognizing, begun, left_out, reads)
            data = b'{"document": %b}' % _documents().dump_json(document)
        except ReadError as error:
            data = json.dumps({"error": type(error).__name__, "message": error.message, "hint": error.hint}).encode()
        except MemoryError:
            data = b'{"error": "MemoryError"}'
        signal.alarm(0)
        connection.send_bytes(data)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5])
