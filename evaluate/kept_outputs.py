"""A chat model's outputs, kept and played back: to ask again after a change that leaves a prompt as it was costs none.

    HOME/evaluation/outputs.sqlite   outputs by the SHA-256 of model file, messages and sampling; counts of tokens

The messages are the whole prompt but for the chat template, which is part of the model's file. A prompt or a sampling
that changed has another key, and so has another version of llama.cpp. What was stopped is never kept.

Played back, an output comes at once. So that figures do not flatter, ``Bill`` says what it took when it was written, to
be added to the time on the clock, and what loading the model took now, to be taken off: a person's model is loaded.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.protocols import ChatEngine, Generation
from core.types import Message, Sampling, Usage

if TYPE_CHECKING:
    from index.store.database import Database

STEPS = (
    """
    CREATE TABLE outputs (
        key TEXT PRIMARY KEY, pieces TEXT NOT NULL, usage TEXT NOT NULL, seconds REAL NOT NULL, first REAL NOT NULL
    );
    CREATE TABLE counts (key TEXT PRIMARY KEY, tokens INTEGER NOT NULL);
    """,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Output:
    """What a model wrote, piece by piece; seconds until the last piece and until the first, from the request on."""

    pieces: tuple[str, ...]
    usage: Usage
    seconds: float
    first: float


@dataclasses.dataclass
class Bill:
    """The difference between the clock's time and the model's for one answer, in seconds; may be below 0."""

    seconds: float = 0.0
    _before: float = 0.0
    _replayed: Output | None = None

    def loaded(self, seconds: float) -> None:
        """The model was loaded meanwhile."""
        self.seconds -= seconds

    def began(self, replayed: Output | None) -> None:
        """An output began: one that is played back, or None for one that is being written."""
        self._before, self._replayed = self.seconds, replayed
        self.seconds += replayed.seconds if replayed else 0.0

    def until(self, piece: str) -> float:
        """What is to be added to the time at which ``piece`` was shown as the first of the answer.

        A piece that is not the output's own first one came later than that: after the whole output at most.
        """
        if self._replayed is None:
            return self._before
        own = self._replayed.pieces[:1] == (piece,)
        return self._before + (self._replayed.first if own else self._replayed.seconds)


class KeptOutputs:
    """The file of outputs and counts. Safe to use from many threads and processes."""

    def __init__(self, home: Path) -> None:
        """Opens or makes the file. Raises LibraryError."""
        from core.files import private_folder
        from index.store.database import Database

        private_folder(home / "evaluation")
        self._database: Database = Database(home / "evaluation" / "outputs.sqlite", STEPS)

    def __enter__(self) -> KeptOutputs:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def output(self, key: str) -> Output | None:
        with self._database.reading() as db:
            row = db.execute("SELECT * FROM outputs WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        pieces, usage = json.loads(row["pieces"]), Usage.from_plain(json.loads(row["usage"]))
        return Output(tuple(pieces), usage, row["seconds"], row["first"])

    def keep(self, key: str, output: Output) -> None:
        pieces, usage = json.dumps(output.pieces), json.dumps(dataclasses.asdict(output.usage))
        values = (key, pieces, usage, output.seconds, output.first)
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO outputs VALUES (?, ?, ?, ?, ?)", values)

    def count(self, key: str) -> int | None:
        with self._database.reading() as db:
            row = db.execute("SELECT tokens FROM counts WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def keep_count(self, key: str, tokens: int) -> None:
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO counts VALUES (?, ?)", (key, tokens))


class KeptEngine:
    """`core.protocols.ChatEngine` that asks ``engine`` for what ``outputs`` do not hold, and only then wakes it.

    ``model`` identifies the model's file by its content. ``bill`` may be put in its place before each answer.
    """

    def __init__(self, engine: ChatEngine, outputs: KeptOutputs, model: str) -> None:
        self.name = engine.name
        self.window = engine.window
        self.size = engine.size
        self.bill = Bill()
        self._engine = engine
        self._outputs = outputs
        self._model = f"{model} {_library()}"
        self._loaded = False

    def load(self, cancel: threading.Event | None = None) -> bool:
        """Nothing yet: the model is loaded by the first request that needs it."""
        return cancel is None or not cancel.is_set()

    def count_tokens(self, text: str) -> int:
        return self._count("text", text, lambda: self._awake().count_tokens(text))

    def count_prompt(self, messages: Sequence[Message]) -> int:
        return self._count("prompt", _plain(messages), lambda: self._awake().count_prompt(messages))

    def prompt_text(self, messages: Sequence[Message]) -> str:
        return self._awake().prompt_text(messages)

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        conversation: str = "",
        cancel: threading.Event | None = None,
        on_queue: Callable[[int], None] | None = None,
    ) -> Generation:
        """The kept output, or one that is written now and kept once it is whole. Raises what the engine raises."""
        key = self._key("output", [_plain(messages), sampling.plain()])
        output = self._outputs.output(key)
        if output is not None:
            self.bill.began(output)
            return _Replayed(output, cancel)
        engine, started = self._awake(), time.perf_counter()
        self.bill.began(None)
        writing = engine.generate(messages, sampling, conversation=conversation, cancel=cancel, on_queue=on_queue)
        return _Recorded(writing, started, lambda written: self._outputs.keep(key, written))

    def _count(self, kind: str, content: object, count: Callable[[], int]) -> int:
        key = self._key(kind, content)
        tokens = self._outputs.count(key)
        if tokens is None:
            tokens = count()
            self._outputs.keep_count(key, tokens)
        return tokens

    def _awake(self) -> ChatEngine:
        """The engine with its model loaded."""
        if not self._loaded:
            started = time.perf_counter()
            self._engine.load()
            self._loaded = True
            self.bill.loaded(time.perf_counter() - started)
        return self._engine

    def _key(self, kind: str, content: object) -> str:
        return hashlib.sha256(json.dumps([kind, self._model, content], sort_keys=True).encode()).hexdigest()


class _Replayed:
    """`core.protocols.Generation` of an output that is kept."""

    def __init__(self, output: Output, cancel: threading.Event | None) -> None:
        self.usage = output.usage
        self._output = output
        self._cancel = cancel

    def __iter__(self) -> Iterator[str]:
        for piece in self._output.pieces:
            if self._cancel is not None and self._cancel.is_set():
                self.usage = dataclasses.replace(self.usage, stopped="cancelled")
                return
            yield piece


class _Recorded:
    """`core.protocols.Generation` that hands what was written to ``keep``, unless it was stopped or left."""

    def __init__(self, writing: Generation, started: float, keep: Callable[[Output], None]) -> None:
        self._writing = writing
        self._started = started
        self._keep = keep

    @property
    def usage(self) -> Usage:
        return self._writing.usage

    def __iter__(self) -> Iterator[str]:
        pieces, first = [], 0.0
        for piece in self._writing:
            first = first or time.perf_counter() - self._started
            pieces.append(piece)
            yield piece
        if self.usage.stopped not in ("cancelled", ""):
            self._keep(Output(tuple(pieces), self.usage, time.perf_counter() - self._started, first))


def _plain(messages: Sequence[Message]) -> list[Any]:
    return [[message.role, message.content] for message in messages]


def _library() -> str:
    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""
