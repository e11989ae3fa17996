"""What a server sends, read on a thread of its own, so that Stop works while the server is silent."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

CANCEL_CHECK_S = 0.05
"""Seconds between checks for Stop."""

Item = TypeVar("Item")


def received(items: Iterable[Item], cancel: threading.Event) -> Iterator[Item]:
    """The ``items``, up to when ``cancel`` is set. Raises what their iterator raises.

    The iterator is gone on with in the background, and left as it is after Stop: a request that was sent is answered.
    """
    arrived: queue.SimpleQueue[tuple[Item] | BaseException | None] = queue.SimpleQueue()
    closed = threading.Event()

    def read() -> None:
        try:
            for item in items:
                if cancel.is_set() or closed.is_set():
                    return
                arrived.put((item,))
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it and else waits for ever
            arrived.put(error)
        else:
            arrived.put(None)

    threading.Thread(target=read, daemon=True, name="remote-model").start()
    try:
        while not cancel.is_set():
            try:
                item = arrived.get(timeout=CANCEL_CHECK_S)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        closed.set()
