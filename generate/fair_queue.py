"""Whose turn it is: one answer at a time, conversations in rotation, first come first served within one."""

import itertools
import threading
from dataclasses import dataclass, field


@dataclass(eq=False)
class Ticket:
    """A place in the queue: by ``round`` first, then by ``arrival``."""

    round: int
    arrival: int
    turn: threading.Event = field(default_factory=threading.Event)


class Turns:
    """A fair queue for one worker (start-time fair queuing with requests of equal size).

    Each conversation has one request in each round. So who has three questions waiting gets every second turn, not the
    next three, while another asks too; and nobody waits for ever behind those who ask again and again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals = itertools.count(1)
        self._waiting: list[Ticket] = []
        self._latest: dict[str, int] = {}
        self._round = 0
        self._current: Ticket | None = None

    def join(self, conversation: str) -> Ticket:
        """Queue up; the turn comes at once where nobody is before.

        Requests of the conversation "" belong to nobody, each counts by itself.
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
        """How many answers come before this one, the one being written counted; 0 when it is its turn."""
        with self._lock:
            if ticket not in self._waiting:
                return 0
            mine = (ticket.round, ticket.arrival)
            return sum((other.round, other.arrival) < mine for other in self._waiting) + (self._current is not None)

    def leave(self, ticket: Ticket) -> None:
        """End one's turn, or stop waiting for it; a second call changes nothing."""
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
        self._current.turn.set()
