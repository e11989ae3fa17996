"""A queue for one worker: one answer at a time, conversations in rotation, first come first served within each."""

import itertools
import threading
from dataclasses import dataclass, field


@dataclass(eq=False)
class Ticket:
    """A place in the queue, served by ``round``, then by ``arrival``; ``called`` is set when its turn comes."""

    round: int
    arrival: int
    called: threading.Event = field(default_factory=threading.Event)


class FairQueue:
    """A fair queue for one worker (start-time fair queuing with requests of equal size).

    Each conversation has one request in each round. While two conversations wait, each gets every second answer,
    however many questions either has queued. No request waits for ever behind a conversation that keeps asking.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals = itertools.count(1)
        self._waiting: list[Ticket] = []
        self._latest: dict[str, int] = {}
        self._round = 0
        self._current: Ticket | None = None

    def join(self, conversation: str) -> Ticket:
        """A ticket at the end of the conversation's queue; it is called at once if nothing else waits or runs.

        Requests of the conversation "" belong to no conversation: each is queued as if it were one of its own.
        """
        with self._lock:
            last = self._latest.get(conversation, -1) if conversation else -1
            ticket = Ticket(max(self._round, last + 1), next(self._arrivals))
            if conversation:
                self._latest[conversation] = ticket.round
            self._waiting.append(ticket)
            self._call_next()
            return ticket

    def place(self, ticket: Ticket) -> int:
        """The number of answers before this one, including the one being written; 0 once the ticket was called."""
        with self._lock:
            if ticket not in self._waiting:
                return 0
            mine = (ticket.round, ticket.arrival)
            return sum((other.round, other.arrival) < mine for other in self._waiting) + (self._current is not None)

    def leave(self, ticket: Ticket) -> None:
        """Give the ticket back, whether it was called or still waits; a second call changes nothing."""
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            if self._current is ticket:
                self._current = None
            self._call_next()

    def _call_next(self) -> None:
        if self._current or not self._waiting:
            return
        self._current = min(self._waiting, key=lambda ticket: (ticket.round, ticket.arrival))
        self._waiting.remove(self._current)
        self._round = self._current.round
        # Those behind the present round would join it anyway, so nothing need be remembered of them.
        self._latest = {name: latest for name, latest in self._latest.items() if latest >= self._round}
        self._current.called.set()
