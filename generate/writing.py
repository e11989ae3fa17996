"""An answer that the model's process writes, piece by piece, as its reader iterates over it."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from core.errors import EngineStopped
from core.types import Usage
from generate.child import Child, Request
from generate.death import result

AtHand = Callable[[Child, Callable[[], bool]], Child | None]
"""`generate.client.EngineClient.at_hand`: the process for a request."""

GRACE_S = 1.0
"""Seconds after Stop to wait for the answer's usage; then it ends without."""


class Writing:
    """`core.protocols.Generation`: iterate once for the pieces; ``usage`` is complete after the last one.

    ``place`` is how many answers come before this one; 0 while it is written, and before it is queued.
    """

    def __init__(
        self,
        at_hand: AtHand,
        first: Child,
        request: dict[str, Any],
        prompt: int,
        cancel: threading.Event,
        on_queue: Callable[[int], None] | None,
    ) -> None:
        self._at_hand = at_hand
        self._first = first
        self._request = request
        self._cancel = cancel
        self._closed = threading.Event()
        self._on_queue = on_queue
        self._begun = self._started = False
        self.place = 0
        self.usage = Usage(prompt=prompt)

    def close(self) -> None:
        """Stop the answer, whether it waits, is being read for, or is being written."""
        self._closed.set()

    def __iter__(self) -> Iterator[str]:
        if self._begun:
            raise RuntimeError("an answer can be read once")
        self._begun = True
        try:
            child = self._at_hand(self._first, self._cancelled)
            while child:
                request = child.begin("generate", cancelled=self._cancelled, **self._request)
                try:
                    yield from self._pieces(child, request)
                except EngineStopped:
                    # Who has not had their turn yet shares the next process, once.
                    if self._started or child is not self._first:
                        raise
                    child = self._at_hand(self._first, self._cancelled)
                else:
                    return
            self._note_stop()
        finally:
            self.close()
            self._tell(0)

    def _pieces(self, child: Child, request: Request) -> Iterator[str]:
        pieces, late = 0, 0.0
        while True:
            reply = child.reply(request)
            if self._cancelled() and not self._started:
                self._note_stop()
                return
            if reply is None:
                late = late or (time.monotonic() + GRACE_S if self._cancelled() else 0.0)
                if late and time.monotonic() > late:
                    self._note_stop(pieces)
                    return
            elif "place" in reply:
                self._tell(reply["place"])
            elif "started" in reply:
                self._started = True
                self._tell(0)
            elif "piece" in reply:
                pieces += 1
                yield reply["piece"]
            elif "done" in reply:
                self.usage = Usage.from_plain(reply["done"])
                return
            else:
                result(reply)

    def _note_stop(self, pieces: int = 0) -> None:
        self.usage = dataclasses.replace(self.usage, answer=pieces, stopped="cancelled")

    def _tell(self, place: int) -> None:
        """Note the place in the queue, and pass it on where it has changed."""
        if place != self.place:
            self.place = place
            if self._on_queue:
                self._on_queue(place)

    def _cancelled(self) -> bool:
        return self._cancel.is_set() or self._closed.is_set()
