"""The process that runs the model: `python -m generate.worker`, one JSON object a line in and out.

In, first of all, the model: {"path", "window", "threads", "flash_attention", "optimise"}; then requests, each with
an "id": {"op": "generate", "messages", "sampling", "conversation"}, {"op": "count", "texts"}, {"op": "count_prompt",
"messages"}, {"op": "check", "messages", "sampling"}, {"op": "grammar_for", "schema"}, {"op": "forget"},
{"op": "cancel"}.
Out: {"ready": {...}} or {"error"}; then {"id", "started"}, {"id", "piece"}, {"id", "done": usage}, {"id", "result"},
{"id", "error": {"kind", "message", "hint"}}.

Whoever closes this process's input ends it: it never outlives the page or command that started it.
"""

import contextlib
import dataclasses
import functools
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core import errors
from core.files import keep_private
from core.types import Message, Sampling
from generate.pipes import left_alone

PARENT_CHECK_S = 2.0
"""Seconds between looks at whether the parent lives, for the case that a fork of it holds our input open."""

OOM_SCORE = 500
"""Where memory runs out, Linux shall end this process (of 1000 that never, of -1000 that always survive) and not the
page, which keeps the chat and can start another."""


class Lines:
    """The pipes of this process, kept apart from stdin and stdout: native code may print what it likes."""

    def __init__(self) -> None:
        self._in = os.dup(0)
        self._out = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        self._lock = threading.Lock()
        self._parent = os.getppid()
        self._buffer = b""

    def send(self, **fields: object) -> None:
        data = json.dumps(fields).encode() + b"\n"
        with self._lock:
            while data:
                data = data[os.write(self._out, data) :]

    def guard(self) -> None:
        """End this process once the parent closes the pipe or is gone, whatever its other threads wait for."""
        while os.getppid() == self._parent and not left_alone(self._in, PARENT_CHECK_S):
            pass
        os._exit(0)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Requests, until the parent closes the pipe."""
        while True:
            while b"\n" in self._buffer:
                line, self._buffer = self._buffer.split(b"\n", 1)
                yield json.loads(line)
            data = os.read(self._in, 1 << 20)
            if not data:
                return
            self._buffer += data


class Worker:
    """Answers requests: writing on the main thread, one answer after the other, all else at once on the reader's."""

    def __init__(self, engine: Any, lines: Lines) -> None:
        self._engine = engine
        self._lines = lines
        self._jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: set[int] = set()
        self._writing = 0
        self._reading_ahead = False
        self._quick: dict[str, Callable[[dict[str, Any]], object]] = {
            "count": lambda r: [engine.count_tokens(text) for text in r["texts"]],
            "count_prompt": lambda r: len(engine.template.tokens(_messages(r))),
            "prompt_text": lambda r: engine.template.text(_messages(r)),
            "grammar_for": lambda r: grammar_for(r["schema"]),
            "check": lambda r: len(engine.check(_messages(r), _sampling(r))),
        }

    def listen(self) -> None:
        """Take requests in, on a thread of its own, for as long as the parent lives."""
        try:
            for request in self._lines:
                self._take(request)
        except Exception:  # noqa: BLE001 - the last line of it is shown to the person
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def _take(self, request: dict[str, Any]) -> None:
        if request["op"] == "cancel":
            with self._lock:
                if request["id"] == self._writing:
                    self._engine.stop()
                self._waiting.discard(request["id"])
        elif answer := self._quick.get(request["op"]):
            self._guarded(request["id"], lambda: self._lines.send(id=request["id"], result=answer(request)))
        else:
            with self._lock:
                self._waiting.add(request["id"])
                if self._reading_ahead:
                    self._engine.stop()
            self._jobs.put(request)

    def work(self) -> None:
        """Write answers, for ever; read ahead while nobody waits for one."""
        while True:
            request = self._jobs.get()
            work = self._write if request["op"] == "generate" else self._forget
            self._guarded(request["id"], lambda work=work, request=request: work(request))  # type: ignore[misc]
            self._read_ahead()

    def _read_ahead(self) -> None:
        with self._lock:
            # What was stopped is no part of what a follow-up reads, and who pressed Stop wants the machine idle.
            if self._waiting or self._engine.usage.stopped == "cancelled":
                return
            self._engine.resume()
            self._reading_ahead = True
        with contextlib.suppress(errors.ModelError):  # the follow-up will read it
            self._engine.read_ahead()
        with self._lock:
            self._reading_ahead = False

    def _write(self, request: dict[str, Any]) -> None:
        number = request["id"]
        with self._lock:
            self._engine.resume()
            self._writing = number
            if number not in self._waiting:
                self._engine.stop()
            self._waiting.discard(number)
        self._lines.send(id=number, started=True)
        try:
            for piece in self._engine.write(_messages(request), _sampling(request), request["conversation"]):
                self._lines.send(id=number, piece=piece)
        finally:
            with self._lock:
                self._writing = 0
        self._lines.send(id=number, done=dataclasses.asdict(self._engine.usage))

    def _forget(self, request: dict[str, Any]) -> None:
        with self._lock:
            self._waiting.discard(request["id"])
        self._engine.cache.forget()
        self._lines.send(id=request["id"], result=None)

    def _guarded(self, number: int, work: Callable[[], None]) -> None:
        try:
            work()
        except errors.LecternError as error:
            self._lines.send(id=number, error=_described(error))


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
    return Sampling(**{**fields, "stop": tuple(fields["stop"])})


def _described(error: errors.LecternError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


def _load(model: dict[str, Any]) -> Any:
    from generate import native
    from generate.engine import Engine

    native.start()
    path = Path(model["path"])
    load = functools.partial(
        Engine, window=model["window"], threads=model["threads"], flash_attention=model["flash_attention"]
    )
    if model["optimise"]:
        from generate.requantize import fastest_copy

        copy = fastest_copy(path, Path(model["optimise"]), threads=model["threads"])
        try:
            return load(copy)
        except errors.ModelDamaged:
            if copy == path:
                raise
            copy.unlink(missing_ok=True)  # the next start makes it anew
    return load(path)


def main() -> None:
    keep_private()
    lines = Lines()
    with contextlib.suppress(OSError):  # another system than Linux: it chooses by itself
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
    # From the first moment: loading, too, ends with the parent.
    threading.Thread(target=lines.guard, daemon=True, name="guard").start()
    model = next(iter(lines), None)
    if model is None:
        return
    try:
        engine = _load(model)
    except errors.LecternError as error:
        lines.send(error=_described(error))
        sys.exit(1)
    worker = Worker(engine, lines)
    threading.Thread(target=worker.listen, daemon=True, name="listen").start()
    lines.send(ready={"window": engine.window})
    worker.work()


if __name__ == "__main__":
    main()
