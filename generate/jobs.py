"""Requests to a model, from one program or several: answers are written in the fair queue's order, all else at once."""

import contextlib
import dataclasses
import json
import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from core import errors
from core.cores import generating
from core.types import Message, Sampling, Usage
from generate.fair_queue import FairQueue, Ticket
from generate.opening_reader import read_opening
from generate.openings import Openings


class Client(Protocol):
    """Where replies go: the pipes to the parent, or the connection of one of the programs that share an engine."""

    def send(self, **fields: object) -> None: ...


@dataclasses.dataclass(eq=False)
class Job:
    """An answer to write, or caches to drop; ``place`` is what the client was last told of the queue."""

    client: Client
    request: dict[str, Any]
    ticket: Ticket
    place: int = 0

    @property
    def number(self) -> int:
        return int(self.request["id"])

    def send(self, **fields: object) -> None:
        self.client.send(id=self.number, **fields)


class Worker:
    """Answers the requests of its clients: writing on the main thread, one answer after the other in the order of the
    fair queue, all else at once on the thread that read the request.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._openings = Openings()
        self._queue = FairQueue()
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._current: Job | None = None
        self._to_forget: list[tuple[Client, int]] = []
        self._to_warm: list[Message] = []
        self._warm_due = False
        self._reading_ahead = False
        self._used_at = time.monotonic()
        self._quick: dict[str, Callable[[dict[str, Any]], object]] = {
            "count": lambda r: [engine.count_tokens(text) for text in r["texts"]],
            "count_prompt": lambda r: len(engine.template.tokens(_messages(r))),
            "prompt_text": lambda r: engine.template.text(_messages(r)),
            "grammar_for": lambda r: grammar_for(r["schema"]),
            "opening": lambda r: self._openings.state(r["key"]),
            "check": lambda r: len(engine.check(_messages(r), _sampling(r))),
        }

    @property
    def idle_s(self) -> float:
        """Seconds since the last request or the end of the last answer; 0.0 while there is work."""
        with self._changed:
            return 0.0 if self._jobs or self._current else time.monotonic() - self._used_at

    def touch(self) -> None:
        """Count as used from now on: a program has connected."""
        self._used_at = time.monotonic()

    def take(self, client: Client, request: dict[str, Any]) -> None:
        """Answer a request, or note it for the main thread; may be called from any thread."""
        self._used_at = time.monotonic()
        if request["op"] == "cancel":
            self._cancel(lambda job: job.client is client and job.number == request["id"])
        elif answer := self._quick.get(request["op"]):
            _guarded(client, request["id"], lambda: client.send(id=request["id"], result=answer(request)))
        elif request["op"] == "warm":
            with self._changed:
                self._to_warm, self._warm_due = _messages(request), True
                self._changed.notify_all()
            client.send(id=request["id"], result=None)
        elif request["op"] in ("open", "close"):
            with self._changed:
                if request["op"] == "open":
                    self._openings.add(client, request)
                else:
                    self._openings.close(client, request["key"])
                    self._break_off()
                self._changed.notify_all()
            client.send(id=request["id"], result=None)
        elif request["op"] == "forget":
            with self._changed:
                self._openings.clear()
                self._to_forget.append((client, request["id"]))
                self._break_off()
        else:
            with self._changed:
                self._jobs.append(Job(client, request, self._queue.join(request["conversation"])))
                self._tell_places()
                self._break_off()

    def drop(self, client: Client) -> None:
        """Stop all answers of a client that has gone, and read on for it no more."""
        with self._changed:
            self._openings.leave(client)
            if not self._openings.due():
                self._break_off()
        self._cancel(lambda job: job.client is client)

    def work(self, idle_s: float = math.inf, on_idle: Callable[[], bool] = lambda: True) -> None:
        """Write answers, and read ahead while nobody waits for one.

        Returns once nothing was asked for ``idle_s`` seconds and ``on_idle`` returned True.
        """
        while True:
            if forgotten := self._take_forgotten():
                self._engine.cache.forget()
                self._warm_due = bool(self._to_warm)
                for client, number in forgotten:
                    client.send(id=number, result=None)
            elif job := self._next_job():
                try:
                    _guarded(job.client, job.number, lambda job=job: self._write(job))  # type: ignore[misc]
                finally:
                    self._finish(job)
                self._read_ahead()
            elif self._warm_due:
                self._warm_due = not self._while_idle(lambda: self._engine.warm(self._to_warm))
            elif due := self._openings.due():
                self._while_idle(lambda due=due: read_opening(self._engine, *due))  # type: ignore[misc]
            elif self.idle_s >= idle_s:
                if on_idle():
                    return
                self._used_at = time.monotonic()
            else:
                with self._changed:
                    if not self._has_work():
                        self._changed.wait(None if math.isinf(idle_s) else max(0.05, idle_s - self.idle_s))

    def _has_work(self) -> bool:
        """Whether there is something to do on the main thread; the lock is held."""
        return bool(self._jobs or self._to_forget or self._warm_due or self._openings.due())

    def _break_off(self) -> None:
        """End reading ahead and wake the main thread, for something was asked; the lock is held."""
        if self._reading_ahead:
            self._engine.stop()
        self._changed.notify_all()

    def _cancel(self, meant: Callable[[Job], bool]) -> None:
        with self._changed:
            if self._current and meant(self._current):
                self._engine.stop()
            cancelled = [job for job in self._jobs if meant(job)]
            for job in cancelled:
                self._jobs.remove(job)
                self._queue.leave(job.ticket)
            self._tell_places()
            self._changed.notify_all()
        for job in cancelled:
            job.send(done=dataclasses.asdict(Usage(stopped="cancelled")))

    def _tell_places(self) -> None:
        for job in self._jobs:
            place = self._queue.place(job.ticket)
            if place and place != job.place:
                job.place = place
                job.send(place=place)

    def _take_forgotten(self) -> list[tuple[Client, int]]:
        with self._changed:
            forgotten, self._to_forget = self._to_forget, []
            return forgotten

    def _next_job(self) -> Job | None:
        """The job whose turn it is, which is then the current one; None where nobody waits."""
        with self._changed:
            job = next((job for job in self._jobs if job.ticket.called.is_set()), None)
            if job:
                self._jobs.remove(job)
                self._current = job
                self._engine.resume()
            return job

    def _finish(self, job: Job) -> None:
        with self._changed:
            self._current = None
            self._used_at = time.monotonic()
            self._queue.leave(job.ticket)
            self._tell_places()

    def _write(self, job: Job) -> None:
        request = job.request
        job.send(started=True)
        with contextlib.ExitStack() as held:
            if home := request.get("home"):
                with contextlib.suppress(OSError):  # other work then takes its share of the cores
                    held.enter_context(generating(Path(home)))
            prompt, opening = _messages(request), request.get("opening", 1)
            for piece in self._engine.write(prompt, _sampling(request), request["conversation"], opening):
                job.send(piece=piece)
        job.send(done=dataclasses.asdict(self._engine.usage))

    def _read_ahead(self) -> None:
        # What was stopped is no part of what a follow-up reads, and who pressed Stop wants the machine idle.
        if self._engine.usage.stopped != "cancelled":
            self._while_idle(self._engine.read_ahead)

    def _while_idle(self, reading: Callable[[], None]) -> bool:
        """Read for later until something is asked; False where that was so, and the reading is not complete."""
        with self._changed:
            if self._jobs or self._to_forget:
                return False
            self._engine.resume()
            self._reading_ahead = True
        with contextlib.suppress(errors.ModelError):  # the question itself will read it
            reading()
        with self._changed:
            self._reading_ahead = False
            return not self._engine.stopped


def _guarded(client: Client, number: int, work: Callable[[], None]) -> None:
    try:
        work()
    except errors.LecternError as error:
        client.send(id=number, error=described(error))


def grammar_for(schema: dict[str, Any]) -> str:
    """GBNF for JSON of a JSON schema. Raises UsageError where llama.cpp's converter does not know a part of it."""
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        return str(json_schema_to_gbnf(json.dumps(schema)))
    except Exception as error:  # the converter raises what its parsing meets
        raise errors.UsageError(f"the JSON schema has no grammar: {error}", "Use simpler types.") from error


def _messages(request: dict[str, Any]) -> list[Message]:
    return [Message(role, content) for role, content in request["messages"]]


def _sampling(request: dict[str, Any]) -> Sampling:
    fields = dict(request["sampling"])
    return Sampling(**{**fields, "stop": tuple(fields["stop"]), "options": tuple(fields.get("options", ()))})


def described(error: errors.LecternError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
