"""What prompts begin with and a model reads ahead of all questions: whole documents that a person keeps open."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.types import Message


@dataclass(eq=False)
class Opening:
    """The messages that prompts begin with, system text first, and how much of them is read.

    ``documents`` are the ids of the documents in them and ``folder`` is where their state is kept on disk. ``read`` of
    ``tokens`` are read; ``ready``: all of them. ``kept``: the state is on disk; ``problem`` says why it cannot be, or
    why the model could not read on. ``users`` are the programs that keep it open.
    """

    messages: tuple[Message, ...]
    documents: tuple[str, ...]
    folder: Path
    tokens: int = 0
    read: int = 0
    ready: bool = False
    kept: bool = False
    problem: str = ""
    users: set[object] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        return bool(self.problem) or (self.ready and self.kept)


@dataclass(frozen=True, slots=True)
class OpeningState:
    """How far an opening is, as programs are told: the fields of `Opening` of these names."""

    tokens: int
    read: int
    ready: bool
    kept: bool
    problem: str


class Openings:
    """The openings of one engine, by the key that programs gave them. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Opening] = {}

    def add(self, user: object, request: dict[str, Any]) -> None:
        """Keep open what ``request`` names, for ``user``."""
        messages = tuple(Message(role, content) for role, content in request["messages"])
        with self._lock:
            fresh = Opening(messages, tuple(request["documents"]), Path(request["folder"]))
            self._known.setdefault(request["key"], fresh).users.add(user)

    def close(self, user: object, key: str) -> None:
        """``user`` needs that opening no more."""
        with self._lock:
            if opening := self._known.get(key):
                opening.users.discard(user)
                if not opening.users:
                    del self._known[key]

    def leave(self, user: object) -> None:
        """``user`` has gone: what nobody else keeps open is not read on."""
        for key in list(self._known):
            self.close(user, key)

    def clear(self) -> None:
        """Forget them all: something was deleted, perhaps one of their documents."""
        with self._lock:
            self._known.clear()

    def due(self) -> tuple[str, Opening] | None:
        """One that is to be read or kept on disk, the first that was opened."""
        with self._lock:
            return next(((key, one) for key, one in self._known.items() if not one.is_done), None)

    def state(self, key: str) -> dict[str, Any] | None:
        """The fields of its `OpeningState`; None where there is none of that key."""
        with self._lock:
            one = self._known.get(key)
        return asdict(OpeningState(one.tokens, one.read, one.ready, one.kept, one.problem)) if one else None


def request_of(messages: Sequence[Message], documents: Sequence[str], folder: Path) -> dict[str, Any]:
    """What a program sends to keep ``messages`` open, but the key."""
    plain = [(message.role, message.content) for message in messages]
    return {"messages": plain, "documents": list(documents), "folder": str(folder)}
