"""Starts the model's process, sends it requests and receives replies, and reports its death."""

import itertools
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from core import errors
from generate.death import cause, closed, hung, result, unreadable, unstarted
from generate.pipes import readable
from generate.threads import WAITING

CANCEL_CHECK_S = 0.03
"""Seconds between checks for Stop: a small part of the 200 ms within which it must take effect."""

IDLE_CHECK_S = 1.0
"""Seconds between checks that an idle process is alive."""

PATIENCE_S = 60.0
"""Most seconds for a quick request, which takes milliseconds; a process that needs more is taken to hang, and ended."""

STOP_PATIENCE_S = 10.0
"""Most seconds from Stop to the end of the writing (usually 0.2); a process that needs more is ended too."""

END_S = 2.0
"""Seconds to wait for the process to end by itself, and again after it was killed."""

LAST_WORDS = 600
"""Characters of the dead process's last output that the error's message quotes."""


def never() -> bool:
    """For requests that cannot be stopped."""
    return False


@dataclass(eq=False)
class Request:
    """A request to the process. ``stopped_at`` is the monotonic time at which Stop was passed on, 0.0 before."""

    number: int
    cancelled: Callable[[], bool] = never
    ended: Callable[[], None] | None = None
    replies: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    stopped_at: float = 0.0

    def end(self, reply: dict[str, Any]) -> None:
        """Deliver the last reply, even if ``ended`` raises."""
        try:
            if self.ended:
                self.ended()
        finally:
            self.replies.put(reply)


class Child:
    """A running `generate.worker`.

    Every request ends: with its result, or with EngineStopped when the process dies, hangs, or sends a reply that
    cannot be read. One thread reads from the process and another writes to it, so that no caller waits for a full pipe.
    """

    def __init__(self, model: dict[str, Any], command: tuple[str, ...] = ("-m", "generate.worker")) -> None:
        """Start the process, which loads ``model`` (the fields that `generate.worker` takes first).

        ``command`` is what Python runs. Raises EngineStopped if the system cannot start it.
        """
        self._numbers = itertools.count(1)
        self._requests: dict[int, Request] = {}
        self._lock = threading.Lock()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._death: errors.EngineStopped | None = None
        self._reason: errors.EngineStopped | None = None
        self._first: dict[str, Any] = {}
        self._loaded = threading.Event()
        self._outgoing.put(_line(model))
        self._log, self._process = _start(command)
        self._listener = threading.Thread(target=self._listen, daemon=True, name="engine-listen")
        try:
            threading.Thread(target=self._talk, daemon=True, name="engine-talk").start()
            self._listener.start()
        except RuntimeError as error:  # the system has no more threads
            self._process.kill()
            self._mourn()
            raise unstarted(error) from error

    @property
    def alive(self) -> bool:
        return self._death is None and self._reason is None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, cancelled: Callable[[], bool] = never) -> bool:
        """Wait until the model is loaded; False if ``cancelled`` returned True before.

        Raises the ModelError that the process reports, EngineStopped if it died.
        """
        while not self._loaded.wait(CANCEL_CHECK_S):
            if cancelled():
                return False
            self._require_listener()
        result(self._first)
        return True

    def begin(
        self,
        op: str,
        *,
        cancelled: Callable[[], bool] = never,
        ended: Callable[[], None] | None = None,
        **fields: Any,
    ) -> Request:
        """Send a request; `reply` returns its replies.

        ``cancelled`` is called often until the last reply has come; then ``ended`` is called, on another thread.
        """
        request = Request(next(self._numbers), cancelled, ended)
        data = _line({"id": request.number, "op": op, **fields})
        with self._lock:
            death = self._death
            if death is None:
                self._requests[request.number] = request
                self._outgoing.put(data)
        if death:
            request.end({"raise": death})
        return request

    def reply(self, request: Request) -> dict[str, Any] | None:
        """The next reply to ``request``; None if none has come for a moment. Raises EngineStopped."""
        with suppress(queue.Empty):
            return request.replies.get(timeout=CANCEL_CHECK_S)
        self._require_listener()
        return None

    def ask(self, op: str, cancelled: Callable[[], bool] = never, **fields: Any) -> Any:
        """Send a quick request and return its result.

        Raises the error that the process reports, EngineStopped if it died or hangs, Cancelled if ``cancelled``.
        """
        request = self.begin(op, cancelled=cancelled, **fields)
        late = time.monotonic() + PATIENCE_S
        while (reply := self.reply(request)) is None:
            if cancelled():
                raise errors.Cancelled("stopped.", "Ask again.")
            if time.monotonic() > late:
                self._kill(hung())
        return result(reply)

    def close(self) -> None:
        """End the process. Requests still open get EngineStopped."""
        if self._process.poll() is None:
            self._reason = self._reason or closed()
        self._outgoing.put(None)
        self._end()
        self._listener.join(END_S)

    def _talk(self) -> None:
        """Send queued requests to the process, until None is queued; closing its input then ends the process."""
        assert self._process.stdin
        with suppress(OSError), self._process.stdin as stream:  # it is dead: `_listen` tells everybody who waits
            while (data := self._outgoing.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[stream.write(rest) or 0 :]

    def _listen(self) -> None:
        """Deliver replies until the process ends. On any error, the process and all open requests are ended."""
        try:
            self._hand_out()
        except Exception as error:  # noqa: BLE001 - told to everybody who waits
            self._kill(unreadable(error))
        finally:
            self._mourn()

    def _hand_out(self) -> None:
        assert self._process.stdout
        source, rest = self._process.stdout.fileno(), b""
        while True:
            if readable(source, CANCEL_CHECK_S if self._requests else IDLE_CHECK_S):
                data = os.read(source, 1 << 16)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._deliver(json.loads(line))
            elif self._process.poll() is not None:  # another process may have inherited the pipe, so that it stays open
                return
            self._pass_on_stops()

    def _deliver(self, reply: dict[str, Any]) -> None:
        if "id" not in reply:
            if not reply.keys() & {"ready", "error"}:
                raise ValueError(f"not a reply: {str(reply)[:60]}")
            self._first = reply
            self._loaded.set()
            return
        last = not reply.keys() & {"started", "piece"}
        with self._lock:
            request = self._requests.pop(reply["id"], None) if last else self._requests.get(reply["id"])
        if request and last:
            request.end(reply)
        elif request:
            request.replies.put(reply)

    def _pass_on_stops(self) -> None:
        with self._lock:
            open_requests = list(self._requests.values())
        for request in open_requests:
            if request.stopped_at:
                if time.monotonic() - request.stopped_at > STOP_PATIENCE_S:
                    self._kill(hung())
            elif request.cancelled():
                request.stopped_at = time.monotonic()
                self._outgoing.put(_line({"id": request.number, "op": "cancel"}))

    def _kill(self, reason: errors.EngineStopped) -> None:
        self._reason = self._reason or reason
        self._process.kill()

    def _require_listener(self) -> None:
        """Raise EngineStopped if the thread that delivers replies has ended."""
        if not self._listener.is_alive():
            result({"raise": self._death or closed()})

    def _end(self) -> int:
        """The exit code of the process, which is killed if it does not end by itself."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(END_S)
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(END_S)
        return 0  # held in the system's kernel; it goes when that lets it

    def _mourn(self) -> None:
        """End all open requests with the reason why the process ended, and release its resources."""
        code, words = self._end(), ""
        with suppress(Exception), self._log as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4 * LAST_WORDS))
            words = log.read().decode("utf-8", "replace").strip()[-LAST_WORDS:]
        with self._lock:
            self._death = self._reason or cause(code, words)
            open_requests = list(self._requests.values())
            self._requests.clear()
        self._first = self._first or {"raise": self._death}
        self._loaded.set()
        self._outgoing.put(None)
        for request in open_requests:
            with suppress(Exception):  # the others' turn must end, too
                request.end({"raise": self._death})
        assert self._process.stdout
        self._process.stdout.close()


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _start(command: tuple[str, ...]) -> tuple[IO[bytes], subprocess.Popen[bytes]]:
    """Start the process; returns the file that its stderr goes to, and the process. Raises EngineStopped."""
    try:
        log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
    except OSError as error:
        raise unstarted(error) from error
    try:
        process = subprocess.Popen(
            # -P keeps the folder in which the person stands out of the child's import path.
            [sys.executable, "-P", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            env=_environment(),
            # Ctrl-C in the terminal is for the command, which cancels the answer and keeps the model.
            start_new_session=True,
        )
    except OSError as error:
        log.close()
        raise unstarted(error) from error
    return log, process


def _environment() -> dict[str, str]:
    """The child's environment: this process's, with its import path, and without native backtraces."""
    here = str(Path(__file__).resolve().parent.parent)
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**WAITING, **os.environ, "PYTHONPATH": os.pathsep.join(paths), "GGML_NO_BACKTRACE": "1"}
