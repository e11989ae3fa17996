"""The process that runs the model: `python -m generate.worker`, one JSON object a line in and out.

In, first of all, the model: {"path", "window", "threads", "flash_attention", "optimise"}; then requests, each with
an "id": {"op": "generate", "messages", "sampling", "conversation", "home", "opening"}, {"op": "count", "texts"},
{"op": "count_prompt", "messages"}, {"op": "check", "messages", "sampling"}, {"op": "grammar_for", "schema"},
{"op": "warm", "messages"}, {"op": "open", "key", "messages", "documents", "folder"}, {"op": "opening", "key"},
{"op": "close", "key"}, {"op": "forget"}, {"op": "cancel"}.
Out: {"ready": {...}} or {"error"}; then {"id", "place": answers before this one}, {"id", "started"}, {"id", "piece"},
{"id", "done": usage}, {"id", "result"}, {"id", "error": {"kind", "message", "hint"}}.

Whoever closes this process's input ends it: it never outlives the page or command that started it.
"""

import contextlib
import functools
import json
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import errors
from core.files import keep_private
from generate.jobs import Worker, described
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


def load_engine(model: dict[str, Any]) -> Any:
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


def go_first() -> None:
    """Ask Linux to end this process first where memory runs out."""
    with contextlib.suppress(OSError):  # another system than Linux: it chooses by itself
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))


def _listen(lines: Lines, worker: Worker) -> None:
    """Take requests in, on a thread of its own, for as long as the parent lives."""
    try:
        for request in lines:
            worker.take(lines, request)
    except Exception:  # noqa: BLE001 - the last line of it is shown to the person
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    keep_private()
    lines = Lines()
    go_first()
    # From the first moment: loading, too, ends with the parent.
    threading.Thread(target=lines.guard, daemon=True, name="guard").start()
    model = next(iter(lines), None)
    if model is None:
        return
    try:
        engine = load_engine(model)
    except errors.LecternError as error:
        lines.send(error=described(error))
        sys.exit(1)
    worker = Worker(engine)
    threading.Thread(target=_listen, args=(lines, worker), daemon=True, name="listen").start()
    lines.send(ready={"window": engine.window})
    worker.work()


if __name__ == "__main__":
    main()
