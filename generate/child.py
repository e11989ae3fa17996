"""The model's process as its owner sees it: started, spoken to, and missed when it dies."""

import itertools
import json
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import errors
from generate.cores import WAITING

CANCEL_CHECK_S = 0.03
"""Seconds between looks at whether somebody pressed Stop: a small part of the 200 ms within which it must work."""

LAST_WORDS = 600
"""Characters of the dead process's own last output that go into the error's message."""

Inbox = queue.SimpleQueue[dict[str, Any]]


class Child:
    """A running `generate.worker`. Every request put to it gets an answer: its own, or EngineStopped when it dies."""

    def __init__(self, model: dict[str, Any]) -> None:
        """Start the process, which loads ``model`` (the fields that `generate.worker` takes first)."""
        self._numbers = itertools.count(1)
        self._inboxes: dict[int, Inbox] = {}
        self._watched: dict[int, Callable[[], bool]] = {}
        self._ended: dict[int, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._send_lock = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._death: errors.LecternError | None = None
        self._first: dict[str, Any] = {}
        self._ended_by_us = False
        self._loaded = threading.Event()
        self._process = subprocess.Popen(
            # -P keeps the folder in which the person stands out of the child's import path.
            [sys.executable, "-P", "-m", "generate.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
            env=_environment(),
            # Ctrl-C in the terminal is for the command, which cancels the answer and keeps the model.
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True, name="engine-listen").start()
        self._send(model)

    @property
    def alive(self) -> bool:
        return self._death is None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, cancel: threading.Event | None = None) -> bool:
        """Whether the model is loaded, waited for; False where ``cancel`` was set before it was.

        Raises ModelError as the process reports it, EngineStopped where it died.
        """
        while not self._loaded.wait(CANCEL_CHECK_S if cancel else None):
            if cancel and cancel.is_set():
                return False
        result(self._first)
        return True

    def number(self) -> int:
        """A number for a request, unique in this process."""
        return next(self._numbers)

    def open(
        self,
        number: int,
        cancelled: Callable[[], bool] | None = None,
        ended: Callable[[], None] | None = None,
    ) -> Inbox:
        """A place for the answers to request ``number``.

        ``cancelled`` is asked, often, until the last of them has come; ``ended`` is called then, on another thread.
        """
        inbox = Inbox()
        with self._lock:
            if self._death is None:
                self._inboxes[number] = inbox
                if cancelled:
                    self._watched[number] = cancelled
                if ended:
                    self._ended[number] = ended
                return inbox
        inbox.put({"raise": self._death})
        if ended:
            ended()
        return inbox

    def ask(self, op: str, **fields: object) -> Any:
        """Put a quick request and wait for its result. Raises what the process reports, or EngineStopped."""
        number = self.number()
        inbox = self.open(number)
        try:
            self._send({"id": number, "op": op, **fields})
            return result(inbox.get())
        finally:
            with self._lock:
                self._inboxes.pop(number, None)

    def begin(self, number: int, op: str, **fields: object) -> None:
        """Put a request whose answers arrive in the inbox opened for ``number``."""
        self._send({"id": number, "op": op, **fields})

    def cancel(self, number: int) -> None:
        self._send({"id": number, "op": "cancel"})

    def close(self) -> None:
        """End the process. Requests still open get EngineStopped."""
        self._ended_by_us = self._process.poll() is None
        if not self._loaded.is_set():  # while it loads it does not listen
            self._process.kill()
        with self._send_lock:
            if self._process.stdin and not self._process.stdin.closed:
                self._process.stdin.close()
        try:
            self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, request: dict[str, Any]) -> None:
        data = json.dumps(request).encode() + b"\n"
        with self._send_lock:
            stream = self._process.stdin
            try:
                while stream and data:
                    data = data[stream.write(data) or 0 :]
            except (OSError, ValueError):
                pass  # it is dead or closed: `_listen` tells everybody who waits

    def _listen(self) -> None:
        """Hand answers to those who wait for them, until the process ends."""
        assert self._process.stdout
        source, buffer = self._process.stdout.fileno(), b""
        while True:
            if self._watched and not select.select([source], [], [], CANCEL_CHECK_S)[0]:
                self._pass_on_cancels()
                continue
            data = os.read(source, 1 << 16)
            if not data:
                break
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                self._deliver(json.loads(line))
            self._pass_on_cancels()
        self._mourn()

    def _deliver(self, reply: dict[str, Any]) -> None:
        if "id" not in reply:
            self._first = reply
            self._loaded.set()
            return
        number = reply["id"]
        ended = None
        with self._lock:
            inbox = self._inboxes.get(number)
            if "done" in reply or "error" in reply:
                self._watched.pop(number, None)
                self._inboxes.pop(number, None)
                ended = self._ended.pop(number, None)
        if ended:
            ended()
        if inbox:
            inbox.put(reply)

    def _pass_on_cancels(self) -> None:
        with self._lock:
            stopped = [number for number, cancelled in self._watched.items() if cancelled()]
            for number in stopped:
                del self._watched[number]
        for number in stopped:
            self.cancel(number)

    def _mourn(self) -> None:
        code = self._process.wait()
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 4 * LAST_WORDS))
        words = self._log.read().decode("utf-8", "replace").strip()[-LAST_WORDS:]
        self._log.close()
        assert self._process.stdout
        self._process.stdout.close()
        with self._lock:
            self._death = _cause(0 if self._ended_by_us else code, words)
            waiting, ended = list(self._inboxes.values()), list(self._ended.values())
            self._inboxes.clear()
            self._ended.clear()
            self._watched.clear()
        self._first = self._first or {"raise": self._death}
        self._loaded.set()
        for end in ended:
            end()
        for inbox in waiting:
            inbox.put({"raise": self._death})


def result(reply: dict[str, Any]) -> Any:
    """What a reply holds. Raises the error that it reports."""
    if "raise" in reply:
        # A new one each time: a traceback must not grow with every reader.
        death: errors.LecternError = reply["raise"]
        raise type(death)(death.message, death.hint)
    if "error" in reply:
        report = reply["error"]
        kind = getattr(errors, report["kind"], errors.ModelError)
        raise kind(report["message"], report["hint"])
    return reply.get("result")


def _environment() -> dict[str, str]:
    """This process's environment, in which the child finds this very program and prints no native backtrace."""
    here = str(Path(__file__).resolve().parent.parent)
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**WAITING, **os.environ, "PYTHONPATH": os.pathsep.join(paths), "GGML_NO_BACKTRACE": "1"}


def _cause(code: int, words: str) -> errors.EngineStopped:
    """Why the process ended, from its exit code, in words that say what to do next."""
    if code == -signal.SIGILL:
        return errors.EngineStopped(
            "the model stopped: llama-cpp-python on this machine was built for another processor.",
            "Rebuild it: pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python",
        )
    if code == -signal.SIGKILL:
        return errors.EngineStopped(
            "the model was killed, most likely because memory ran out.",
            "Ask again; choose a smaller model or context_tokens if it happens often.",
        )
    if code == 0:
        return errors.EngineStopped("the model was closed.", "Ask again.")
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    last = words.splitlines()[-1] if words else "it left no message"
    return errors.EngineStopped(f"the model stopped ({how}): {last}", "Ask again; `lectern doctor` checks the set-up.")
