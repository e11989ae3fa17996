"""A prompt -> the model's text as events, piece by piece; stopped if the person stops it or goes away."""

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

from app.answer.events import Event, Piece, Queued
from core.protocols import ChatEngine
from core.types import Message, Sampling, Usage

CANCEL_CHECK_S = 0.02
"""Seconds between two looks at ``cancel``: short compared with the 200 ms that the engine needs to stop."""

JOIN_S = 2.0
"""Longest wait in seconds for the engine to end after it was stopped; it needs 0.2."""

Result = TypeVar("Result")

_Item = Piece | Queued | Usage | BaseException


def write(
    engine: ChatEngine,
    messages: Sequence[Message],
    sampling: Sampling,
    conversation: str,
    cancel: threading.Event | None,
) -> Generator[Event, None, Usage]:
    """Write an answer: yields its pieces, and before them the place in the queue; returns the usage.

    The engine runs in a thread, so that the place in the queue can be yielded while it waits. Setting ``cancel`` or
    closing the generator stops the engine. Raises what the engine raises.
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
        except BaseException as error:  # noqa: BLE001 - raised again below, outside the thread
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


def generate_text(
    engine: ChatEngine, messages: Sequence[Message], sampling: Sampling, cancel: threading.Event | None = None
) -> str:
    """The whole text that the engine writes. Raises what the engine raises."""
    return "".join(engine.generate(messages, sampling, cancel=cancel))


class CapturedReturn(Generic[Result]):
    """Iterates over the events of a generator and captures its return value as ``value``, once it is exhausted.

    A context manager that closes the generator:

        with CapturedReturn(write(...)) as captured:
            for event in captured:
                ...
        usage = captured.value
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


def observed(
    events: Generator[Event, None, Result], observe: Callable[[Event], None]
) -> Generator[Event, None, Result]:
    """The events of ``events``, each given to ``observe`` before it is yielded; returns what ``events`` returns."""
    with CapturedReturn(events) as captured:
        for event in captured:
            observe(event)
            yield event
    return captured.value


def changed(events: Generator[Event, None, Result], change: Callable[[Event], Event]) -> Generator[Event, None, Result]:
    """The events of ``events`` as ``change`` makes them; returns what ``events`` returns."""
    with CapturedReturn(events) as captured:
        for event in captured:
            yield change(event)
    return captured.value
