"""The conversations that are open in the page: kept outside of its sessions, so that a reload finds them again."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.events import Event, Note
from app.jobs import AnswerJob
from core.errors import ModelError
from core.types import Answer, Citation, Mode

if TYPE_CHECKING:
    from app.services import Desk
    from app.session import Conversation

OPEN_TALKS = 200
"""Conversations kept in memory; the longest unused go first, and reopen from the library."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer, or the one line that says why there is none."""

    question: str
    answer: Answer | None
    error: str = ""
    evidence: tuple[Citation, ...] = ()


class Talk:
    """One conversation: its finished turns, and the answer that is being written."""

    def __init__(self, desk: Desk, key: str, chat_id: str = "", turns: tuple[Turn, ...] = ()) -> None:
        self.key = key
        self.chat_id = chat_id
        self.turns = list(turns)
        self.job: AnswerJob | None = None
        self._desk = desk
        self._conversation: Conversation | None = None
        self._lock = threading.Lock()

    def ask(self, question: str, mode: Mode) -> None:
        """Start to answer in the background; a question while another is being answered is ignored."""
        with self._lock:
            if self.job is None:
                self.job = AnswerJob(question, mode, lambda cancel: self._events(question, mode, cancel))

    def stop(self) -> None:
        with self._lock:
            if self.job is not None:
                self.job.stop()

    def settle(self) -> bool:
        """Move a finished answer to the turns; True where there was one."""
        with self._lock:
            if self.job is None or not (end := self.job.snapshot()).done:
                return False
            self.turns.append(Turn(end.question, end.answer, end.error, end.evidence))
            self.job = None
            return True

    def _events(self, question: str, mode: Mode, cancel: threading.Event) -> Iterator[Event]:
        if self._conversation is None:
            try:
                self._conversation = self._desk.conversation(self.chat_id)
            except ModelError as error:
                # The evidence is worth showing without a model; the next question looks for one again.
                yield Note(str(error))
                yield from self._desk.conversation(self.chat_id, with_model=False).ask(
                    question, mode=mode, cancel=cancel
                )
                return
        yield from self._conversation.ask(question, mode=mode, cancel=cancel)
        self.chat_id = self._conversation.chat_id


class Talks:
    """All open conversations of one library, by key: the id of a saved chat, or one that was made for a new one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: OrderedDict[str, Talk] = OrderedDict()
        self._lock = threading.Lock()

    def new(self) -> Talk:
        return self._keep(Talk(self._desk, f"new-{uuid.uuid4().hex}"))

    def get(self, key: str) -> Talk:
        """The open conversation of that key, else the saved chat of that id, else a new one."""
        with self._lock:
            for talk in self._open.values():
                if key in (talk.key, talk.chat_id):
                    self._open.move_to_end(talk.key)
                    return talk
        saved = saved_turns(self._desk, key)
        return self.new() if saved is None else self._keep(Talk(self._desk, key, key, saved))

    def forget(self, chat_id: str) -> None:
        """Close a conversation whose saved chat is deleted; its answer stops."""
        with self._lock:
            for talk in [talk for talk in self._open.values() if chat_id in (talk.key, talk.chat_id)]:
                talk.stop()
                del self._open[talk.key]

    def _keep(self, talk: Talk) -> Talk:
        with self._lock:
            self._open[talk.key] = talk
            while len(self._open) > OPEN_TALKS:
                _, oldest = self._open.popitem(last=False)
                oldest.stop()
        return talk
