"""A prompt -> its answer as events, piece by piece, stopped when the reader stops or goes away."""

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

from app.answer.events import Event, Piece, Queued
from core.protocols import ChatEngine
from core.types import Message, Sampling, Usage

CANCEL_CHECK_S = 0.02
"""Seconds between looks at Stop: together with the engine's own 200 ms nobody notices."""

JOIN_S = 2.0
"""Seconds to wait for the engine to end after Stop; it needs 0.2."""

Result = TypeVar("Result")

_Item = Piece | Queued | Usage | BaseException


def write(
    engine: ChatEngine,
    messages: Sequence[Message],
    sampling: Sampling,
    conversation: str,
    cancel: threading.Event | None,
) -> Generator[Event, None, Usage]:
    """The pieces as they come, and the place in the queue while others are written; returns the usage.

    The engine is read in a thread, so that a wait for others can be told. Closing the generator stops the engine.
    Raises what the engine raises.
    """
    stop = threading.Event()
    items: queue.SimpleQueue[_Item] = queue.SimpleQueue()

    def read() -> None:
        try:
            writing = engine.generate(
                messages,
                sampling,
                conversation=conversation,
                cancel=stop,
                on_queue=lambda place: items.put(Queued(place)),
            )
            for piece in writing:
                items.put(Piece(piece))
            items.put(writing.usage)
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it
            items.put(error)

    reader = threading.Thread(target=read, name="writing", daemon=True)
    reader.start()
    try:
        while True:
            if cancel is not None and cancel.is_set():
                stop.set()
            try:
                item = items.get(timeout=CANCEL_CHECK_S)
            except queue.Empty:
                continue
            match item:
                case Usage():
                    return item
                case BaseException():
                    raise item
                case _:
                    yield item
    finally:
        stop.set()
        reader.join(JOIN_S)


def written(
    engine: ChatEngine, messages: Sequence[Message], sampling: Sampling, cancel: threading.Event | None = None
) -> str:
    """The whole text. Raises what the engine raises."""
    return "".join(engine.generate(messages, sampling, cancel=cancel))


class Returned(Generic[Result]):
    """Iterates the events of a generator and keeps what it returned; a context manager that closes the generator.

    ``value`` is there once all events have passed.
    """

    value: Result

    def __init__(self, events: Generator[Event, None, Result]) -> None:
        self._events = events

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        try:
            return next(self._events)
        except StopIteration as end:
            self.value = end.value
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.close()


def tapped(events: Generator[Event, None, Result], tap: Callable[[Event], None]) -> Generator[Event, None, Result]:
    """The events as they come, each shown to ``tap`` first; closed together with ``events``."""
    with Returned(events) as passing:
        for event in passing:
            tap(event)
            yield event
    return passing.value
