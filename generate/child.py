"""The model's process as its users see it: sends it requests, receives replies, reports its death."""

import itertools
import json
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core import errors
from generate.death import closed, hung, result, unreadable, unstarted
from generate.links import END_S, Link, Pipes
from generate.pipes import readable

CANCEL_CHECK_S = 0.03
"""Seconds between checks for Stop: a small part of the 200 ms within which it must take effect."""

IDLE_CHECK_S = 1.0
"""Seconds between checks that an idle process is alive."""

PATIENCE_S = 60.0
"""Most seconds for a quick request, which takes milliseconds; a process that needs more is taken to hang, and ended."""

STOP_PATIENCE_S = 10.0
"""Most seconds from Stop to the end of the writing (usually 0.2); a process that needs more is ended too."""


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
    """A running `generate.worker`, or the connection to a shared process.

    Every request ends: with its result, or with EngineStopped when the process dies, hangs, or sends a reply that
    cannot be read. One thread reads from the process and another writes to it, so that no caller waits for a full pipe.
    """

    def __init__(
        self, model: dict[str, Any], command: tuple[str, ...] = ("-m", "generate.worker"), link: Link | None = None
    ) -> None:
        """Start the process, which loads ``model`` (the fields that it takes first: see `generate.worker`).

        ``command`` is what Python runs; with ``link`` nothing is started, for it leads to a process that runs. Raises
        EngineStopped if the system cannot start it.
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
        self._link = link or Pipes(command)
        self._listener = threading.Thread(target=self._listen, daemon=True, name="engine-listen")
        try:
            threading.Thread(target=self._talk, daemon=True, name="engine-talk").start()
            self._listener.start()
        except RuntimeError as error:  # the system has no more threads
            self._link.kill() if link is None else self._link.hang_up()
            self._mourn()
            raise unstarted(error) from error

    @property
    def alive(self) -> bool:
        return self._death is None and self._reason is None and not self._link.ended()

    @property
    def pid(self) -> int:
        return self._link.pid

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

    def ask(
        self, op: str, cancelled: Callable[[], bool] = never, *, patience_s: float = PATIENCE_S, **fields: Any
    ) -> Any:
        """Send a quick request and return its result; a process that needs more than ``patience_s`` is ended.

        Raises the error that the process reports, EngineStopped if it died or hangs, Cancelled if ``cancelled``.
        """
        request = self.begin(op, cancelled=cancelled, **fields)
        late = time.monotonic() + patience_s
        while (reply := self.reply(request)) is None:
            if cancelled():
                raise errors.Cancelled("stopped.", "Ask again.")
            if time.monotonic() > late:
                self._kill(hung())
        return result(reply)

    def close(self) -> None:
        """End the process, or the connection to a shared one. Requests still open get EngineStopped."""
        if not self._link.ended():
            self._reason = self._reason or closed()
        self._outgoing.put(None)
        self._link.end()
        self._listener.join(END_S)

    def _talk(self) -> None:
        """Send queued requests to the process, until None is queued; then hang up, which ends a child."""
        with suppress(OSError):  # it is dead: `_listen` tells everybody who waits
            while (data := self._outgoing.get()) is not None:
                self._link.write(data)
        self._link.hang_up()

    def _listen(self) -> None:
        """Deliver replies until the process ends. On any error, the process and all open requests are ended."""
        try:
            self._hand_out()
        except Exception as error:  # noqa: BLE001 - told to everybody who waits
            self._kill(unreadable(error))
        finally:
            self._mourn()

    def _hand_out(self) -> None:
        source, rest = self._link.source, b""
        while True:
            if readable(source, CANCEL_CHECK_S if self._requests else IDLE_CHECK_S):
                try:
                    data = os.read(source, 1 << 16)
                except ConnectionResetError:  # a shared engine that was killed with requests unread
                    return
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._deliver(json.loads(line))
            elif self._link.ended():  # another process may have inherited the pipe, so that it stays open
                return
            self._pass_on_stops()

    def _deliver(self, reply: dict[str, Any]) -> None:
        if "id" not in reply:
            if not reply.keys() & {"ready", "error"}:
                raise ValueError(f"not a reply: {str(reply)[:60]}")
            self._first = reply
            self._loaded.set()
            return
        last = not reply.keys() & {"place", "started", "piece"}
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
        self._link.kill()

    def _require_listener(self) -> None:
        """Raise EngineStopped if the thread that delivers replies has ended."""
        if not self._listener.is_alive():
            result({"raise": self._death or closed()})

    def _mourn(self) -> None:
        """End all open requests with the reason why the process ended, and release its resources."""
        why = self._link.finish()
        with self._lock:
            self._death = self._reason or why
            open_requests = list(self._requests.values())
            self._requests.clear()
        self._first = self._first or {"raise": self._death}
        self._loaded.set()
        self._outgoing.put(None)
        for request in open_requests:
            with suppress(Exception):  # the others' turn must end, too
                request.end({"raise": self._death})


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
