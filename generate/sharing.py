"""A process that the programs of one user share: `python -m MODULE FOLDER NAME`, its stdin a bound socket.

Each program that connects sends one JSON object a line: first what is to be loaded, of which that of the first program
counts, then requests; the replies are those of `generate.worker`. {"op": "status"}, {"op": "end"} and {"op": "forget"}
are also taken as a connection's first line, without waiting for the models. It outlives the programs, and ends where
nothing was asked of it for the first line's "idle_s" seconds.
"""

import contextlib
import faulthandler
import json
import os
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from core import errors
from core.files import keep_private
from generate.jobs import Client, described
from generate.links import CLOSED, FAILED
from generate.running import BACKLOG, about_file, locked, socket_file
from generate.worker import go_first

SEND_S = 5
"""Seconds that a program may leave its replies unread; a longer one, most likely suspended, is let go."""

FIRST_S = 60.0
"""Seconds to wait for the first program's first line; who started this process has it ready."""

LATE_S = 0.1
"""Seconds in which a program that connected at the last moment is noticed."""


class Work(Protocol):
    """Loaded models that answer requests; `generate.jobs.Worker` is one."""

    @property
    def idle_s(self) -> float:
        """Seconds since the last request or the end of the last work; 0.0 while there is work."""
        ...

    def touch(self) -> None:
        """Count as used from now on: a program has connected."""
        ...

    def take(self, client: Client, request: dict[str, Any]) -> None:
        """Answer a request, or note it; called from any thread."""
        ...

    def drop(self, client: Client) -> None:
        """Stop all work for a client that has gone."""
        ...

    def work(self, idle_s: float, on_idle: Callable[[], bool]) -> None:
        """Do what is not done in ``take``; returns once nothing was asked for ``idle_s`` seconds and ``on_idle()``."""
        ...


Load = Callable[[dict[str, Any]], tuple[Work, dict[str, Any]]]
"""Loads what the first line tells; returns it with what programs are told once it is ready. Raises LecternError."""


class Connection:
    """One program that uses the process."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        if sys.platform != "win32":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_S, 0))

    def send(self, **fields: object) -> None:
        """Send a reply; one to a program that has gone is dropped."""
        data = json.dumps(fields).encode() + b"\n"
        with self._lock:
            try:
                self._connection.sendall(data)
            except OSError:
                self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Requests, until the program has gone."""
        with self._connection, contextlib.suppress(OSError), self._connection.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)


class Server:
    """Lets programs in, each on a thread of its own, and ends the process."""

    def __init__(self, load: Load, listener: socket.socket, folder: Path, name: str) -> None:
        self._load = load
        self._listener = listener
        self._folder = folder
        self._name = name
        self._connections: set[Connection] = set()
        self._told: dict[str, Any] = {}
        self._named = threading.Event()
        self._loaded = threading.Event()
        self._first: dict[str, Any] = {}
        self._work: Work | None = None

    def run(self) -> None:
        """Load what the first program names, and answer until nothing is asked any more."""
        threading.Thread(target=self._let_in, daemon=True, name="let-in").start()
        if not self._named.wait(FIRST_S):
            self.end()
        try:
            work, ready = self._load(self._told)
        except errors.LecternError as error:
            self._first = {"error": described(error)}
            self._take_away()
            self._loaded.set()
            time.sleep(LATE_S)
            for connection in list(self._connections):
                connection.close()
            self.end()
        self._work = work
        self._first = {"ready": ready}
        self._loaded.set()
        work.work(self._told["idle_s"], self._may_end)
        self.end()

    def end(self) -> None:
        """End this process at once, and say in the log that this was meant."""
        self._take_away()
        print(CLOSED, file=sys.stderr, flush=True)
        os._exit(0)

    def _may_end(self) -> bool:
        """Take the process away from where others find it; False where one has found it just before."""
        self._take_away()
        time.sleep(LATE_S)
        assert self._work
        return self._work.idle_s >= LATE_S / 2

    def _take_away(self) -> None:
        """Whoever needs a process from here on starts another, unless this one was replaced already."""
        with contextlib.suppress(OSError), locked(self._folder):
            about = about_file(self._folder, self._name)
            if json.loads(about.read_bytes())["pid"] == os.getpid():
                socket_file(self._folder, self._name).unlink(missing_ok=True)
                about.unlink()

    def _let_in(self) -> None:
        while True:
            connection = Connection(self._listener.accept()[0])
            threading.Thread(target=self._serve, args=(connection,), daemon=True, name="program").start()

    def _serve(self, connection: Connection) -> None:
        try:
            requests = iter(connection)
            first = next(requests, None)
            if first and "op" in first:
                self._command(connection, first)
            elif first:
                self._attend(connection, first, requests)
        except Exception:  # noqa: BLE001 - a program that sends nonsense harms no other
            traceback.print_exc()
        finally:
            connection.close()

    def _attend(self, connection: Connection, told: dict[str, Any], requests: Iterator[dict[str, Any]]) -> None:
        """Answer a program's requests until it has gone."""
        self._connections.add(connection)
        if not self._named.is_set():
            self._told = told
            self._named.set()
        if self._work:
            self._work.touch()
        self._loaded.wait()
        connection.send(**self._first)
        try:
            for request in requests if self._work else ():
                assert self._work
                self._work.take(connection, request)
        finally:
            self._connections.discard(connection)
            if self._work:
                self._work.drop(connection)

    def _command(self, connection: Connection, request: dict[str, Any]) -> None:
        if request["op"] == "end":
            connection.send(id=request["id"], result=None)
            self.end()
        elif request["op"] == "forget" and self._work:
            self._work.take(connection, request)
            connection.send(id=request["id"], result=None)
        elif request["op"] == "status":
            idle_s = self._work.idle_s if self._work else 0.0
            connection.send(id=request["id"], result={"clients": len(self._connections), "idle_s": idle_s})
        else:
            connection.send(id=request["id"], result=None)


def serve(load: Load) -> None:
    """Be the process: load with ``load`` what the first program names, and answer until nothing is asked any more."""
    keep_private()
    faulthandler.enable()  # a signal that ends this process is told in the log
    listener = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    go_first()
    listener.listen(BACKLOG)  # its starter does so, too; whoever is the first
    try:
        Server(load, listener, Path(sys.argv[1]), sys.argv[2]).run()
    except Exception:  # noqa: BLE001 - the last line of it is shown to the person
        traceback.print_exc()
        print(FAILED, file=sys.stderr, flush=True)
        os._exit(1)
