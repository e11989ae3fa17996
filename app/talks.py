"""The conversations that are open in the page: kept outside of its sessions, so that a reload finds them again."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.budget import Budget, budget_of
from app.events import Event, Note
from app.jobs import AnswerJob, Snapshot
from core.errors import ModelError, UsageError
from core.types import Answer, AnswerBy, AnswerWords, Citation, Mode, Strictness
from index.chats import Chat, Chats

if TYPE_CHECKING:
    from app.services import Desk
    from app.session import Conversation
    from index.filters import Filter

OPEN_TALKS = 200
"""Conversations kept in memory; the longest unused go first, and reopen from the library."""

CLOSE_S = 2.0
"""Seconds that an answer gets to end when the program does; the model needs 0.2."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a question is answered; what is None is as the settings say. ``within`` makes the filter, or raises."""

    mode: Mode | None = None
    answer_by: AnswerBy | None = None
    strictness: Strictness | None = None
    within: Callable[[], Filter | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer, or the one line that says why there is none.

    ``evidence`` and ``words`` are those shown before an answer failed; ``budget`` says what the last prompt was made
    of. These and ``choices`` are not kept when a conversation is closed.
    """

    question: str
    answer: Answer | None
    error: str = ""
    evidence: tuple[Citation, ...] = ()
    words: AnswerWords | None = None
    budget: Budget | None = None
    choices: Choices = Choices()


class Talk:
    """One conversation: its finished turns, and the answer that is being written."""

    def __init__(self, desk: Desk, key: str, chat_id: str = "", turns: tuple[Turn, ...] = ()) -> None:
        self.key = key
        self.chat_id = chat_id
        self.turns = list(turns)
        self.job: AnswerJob | None = None
        self._choices = Choices()
        self._desk = desk
        self._conversation: Conversation | None = None
        self._lock = threading.Lock()

    def ask(self, question: str, choices: Choices) -> None:
        """Start to answer in the background; a question while another is being answered is ignored."""
        with self._lock:
            if self.job is None:
                self._choices = choices
                self.job = AnswerJob(question, lambda cancel: self._events(question, choices, cancel))

    def stop(self) -> None:
        with self._lock:
            if self.job is not None:
                self.job.stop()

    def settle(self) -> bool:
        """Move a finished answer to the turns; True where there was one."""
        with self._lock:
            if self.job is None or not (end := self.job.snapshot()).done:
                return False
            self.turns.append(
                Turn(end.question, end.answer, end.error, end.evidence, end.words, _budget(end), self._choices)
            )
            self.job = None
            return True

    def _events(self, question: str, choices: Choices, cancel: threading.Event) -> Iterator[Event]:
        within = choices.within()
        conversation = self._conversation
        if conversation is None and (choices.answer_by or self._desk.settings.answer) != "model":
            conversation = self._desk.conversation(self.chat_id, with_model=False)
        elif conversation is None:
            try:
                conversation = self._conversation = self._desk.conversation(self.chat_id)
            except ModelError as error:
                # The evidence is worth showing without a model; the next question looks for one again.
                yield Note(str(error))
                conversation = self._desk.conversation(self.chat_id, with_model=False)
        yield from conversation.ask(
            question,
            mode=choices.mode,
            answer_by=choices.answer_by,
            strictness=choices.strictness,
            cancel=cancel,
            within=within,
        )
        self.chat_id = conversation.chat_id


class Talks:
    """All open conversations of one library, by key: the id of a saved chat, or one that was made for a new one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: OrderedDict[str, Talk] = OrderedDict()
        self._lock = threading.Lock()

    def new(self) -> Talk:
        return self._keep(Talk(self._desk, f"new-{uuid.uuid4().hex}"))

    def get(self, key: str) -> Talk:
        """The open conversation of that key, else the saved chat of that id, else a new one, as for ""."""
        with self._lock:
            for talk in self._open.values():
                if key and key in (talk.key, talk.chat_id):
                    self._open.move_to_end(talk.key)
                    return talk
        try:
            saved = Chats(self._desk.library).load(key)
        except UsageError:
            return self.new()
        return self._keep(Talk(self._desk, saved.id, saved.id, turns_of(saved)))

    def delete(self, chat_id: str) -> None:
        """Delete a saved chat; an answer that is being written in it stops."""
        with self._lock:
            for talk in [talk for talk in self._open.values() if chat_id in (talk.key, talk.chat_id)]:
                talk.stop()
                del self._open[talk.key]
        Chats(self._desk.library).delete(chat_id)
        self._desk.models.forget()

    def close(self) -> None:
        """Stop all answers, and wait a moment until what was written is saved."""
        with self._lock:
            jobs = [talk.job for talk in self._open.values() if talk.job is not None]
        for job in jobs:
            job.stop()
        for job in jobs:
            job.wait(CLOSE_S)

    def _keep(self, talk: Talk) -> Talk:
        with self._lock:
            self._open[talk.key] = talk
            while len(self._open) > OPEN_TALKS:
                _, oldest = self._open.popitem(last=False)
                oldest.stop()
        return talk


def _budget(end: Snapshot) -> Budget | None:
    """What the last prompt was made of; what was read and reused is known where it was the only one."""
    if not end.prompts:
        return None
    return budget_of(end.prompts[-1], end.answer.usage if end.answer and len(end.prompts) == 1 else None)


def turns_of(chat: Chat) -> tuple[Turn, ...]:
    """A saved chat's messages as turns: each question with the answer that follows it."""
    turns: list[Turn] = []
    for message in chat.messages:
        if message.role == "user":
            turns.append(Turn(message.text, None))
        elif turns and message.answer is not None:
            turns[-1] = Turn(turns[-1].question, message.answer)
    return tuple(turns)
