"""The conversations that are open in the page: kept outside of its sessions, so that a reload finds them again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.answer.events import Answered, Event, Note
from app.answer.window_budget import Budget, budget_of
from app.chat.conversation import nothing_written, save_turn
from app.chat.jobs import STOP_CHECK_S, AnswerJob, Snapshot, start, unless_stopped
from core.errors import Cancelled, ModelError, UsageError
from core.types import Answer, AnswerBy, AnswerWords, Citation, Mode, Strictness
from index.store.chats import Chat, Chats, new_id

if TYPE_CHECKING:
    from app.chat.conversation import Conversation
    from app.chat.open_library import OpenLibrary
    from index.search.filters import Filter

OPEN_TALKS = 200
"""Conversations kept in memory; of those in which nothing is answered the longest unused go first, and reopen from the
library."""

CLOSE_S = 4.0
"""Seconds that all answers together get to end when the program does; the model needs 0.2."""

STOP_S = 10.0
"""Seconds that a stopped answer gets to end before the next one begins without it; the model needs 0.2."""

HANGS = "It was stopped, but the model does not react. If the next answer does not come either, start Lectern again."


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

    ``evidence``, ``words`` and ``answers`` (False where the evidence is only what comes nearest) are those shown before
    an answer failed; ``budget`` says what the last prompt was made of. These, ``choices`` and turns without an answer
    are not kept when a conversation is closed.
    """

    question: str
    answer: Answer | None
    error: str = ""
    evidence: tuple[Citation, ...] = ()
    words: AnswerWords | None = None
    answers: bool = True
    budget: Budget | None = None
    choices: Choices = Choices()


@dataclass(frozen=True, slots=True)
class Look:
    """A conversation at one moment: its turns, and the answers to come, the first of which is being written.

    ``version`` differs between two looks that a person would tell apart, but for how far the first answer is.
    """

    turns: tuple[Turn, ...]
    jobs: tuple[AnswerJob, ...]
    version: tuple[object, ...]


@dataclass
class _Asked:
    """A question on its way; ``after`` is the number of the message before it, ``saved`` that of its saved answer."""

    choices: Choices
    after: int
    saved: int = 0
    job: AnswerJob = field(init=False)


class Talk:
    """One conversation: what the library holds of it, and the questions that are being answered, one after the other.

    ``key`` is its id in the library, also before it is saved there. Every method may be called from any thread.
    """

    def __init__(self, desk: OpenLibrary, key: str, *, saved: bool = False) -> None:
        self.key = key
        self._desk = desk
        self._chats = Chats(desk.library)
        self._saved = saved
        self._asked: deque[_Asked] = deque()
        self._working = False
        self._state = (0, -1)
        self._messages: list[tuple[int, Turn]] = []
        self._answered: dict[int, Turn] = {}
        self._failed: list[tuple[_Asked, Turn]] = []
        self._lock = threading.Lock()

    @property
    def saved(self) -> bool:
        """Whether the library holds it, or held it."""
        return self._saved

    @property
    def busy(self) -> bool:
        with self._lock:
            return any(not asked.job.snapshot().done for asked in self._asked)

    def ask(self, question: str, choices: Choices) -> AnswerJob:
        """Answer in the background, after all that was asked before."""
        with self._lock:
            asked = _Asked(choices, self._chats.last_message(self.key) or 0)
            asked.job = AnswerJob(question, lambda cancel: self._events(question, asked, cancel))
            self._asked.append(asked)
            self._working = self._working or start(self._work, asked.job)
            return asked.job

    def stop(self) -> list[AnswerJob]:
        """Stop the answer that is being written and those that wait; returns them."""
        with self._lock:
            jobs = [asked.job for asked in self._asked]
        for job in jobs:
            job.stop()
        return jobs

    def look(self) -> Look:
        """The conversation as it is, with turns that another process added. Raises UsageError where it was deleted.

        What is saved while an answer is being written stands behind it, once it has ended: until then that answer may
        itself be saved already.
        """
        with self._lock:
            while self._asked and (end := self._asked[0].job.snapshot()).done:
                self._settle(self._asked.popleft(), end)
            saved, last = self._saved, self._chats.last_message(self.key)
            if last is None and saved:
                self._chats.load(self.key)
            if self._asked:
                last = max(self._asked[0].after, *self._answered, 0)
            self._read((last or 0, self._desk.library.generation))
            failed = [(asked.after, turn) for asked, turn in self._failed if not asked.saved]
            turns = sorted([*self._messages, *failed], key=lambda numbered: numbered[0])
            jobs = tuple(asked.job for asked in self._asked)
            waiting = tuple((job.number, job.snapshot().stopping) for job in jobs[1:])
            version = (*self._state, len(failed), jobs[0].number if jobs else 0, waiting)
            return Look(tuple(turn for _, turn in turns), jobs, version)

    def _settle(self, asked: _Asked, end: Snapshot) -> None:
        """Remember of a finished answer what the library does not hold."""
        budget = _budget(end)
        turn = Turn(end.question, end.answer, end.error, end.evidence, end.words, end.answers, budget, asked.choices)
        if asked.saved:
            self._answered[asked.saved] = turn
            self._state = (0, -1)
        else:
            self._failed.append((asked, turn))

    def _read(self, state: tuple[int, int]) -> None:
        """Read the saved turns where messages were added, or documents changed: then less may be left of an answer."""
        if state == self._state:
            return
        saved = turns_of(self._chats.load(self.key)) if state[0] else []
        self._messages = [
            (number, _completed(turn, self._answered.get(number))) for number, turn in saved if number <= state[0]
        ]
        self._failed = [(asked, self._without_removed(turn)) for asked, turn in self._failed]
        self._state = state

    def _without_removed(self, turn: Turn) -> Turn:
        """A failed turn without quotes of documents that are no longer there."""
        quotes = tuple(quote for quote in turn.evidence if self._desk.library.has(quote.document_id))
        return replace(turn, evidence=quotes, words=turn.words if quotes[:1] == turn.evidence[:1] else None)

    def _work(self) -> None:
        """Answer what was asked, in order, until nothing is left."""
        while True:
            with self._lock:
                job = next((asked.job for asked in self._asked if not asked.job.snapshot().done), None)
                if job is None:
                    self._working = False
                    return
            if start(job.run, job):
                while not job.wait(STOP_CHECK_S):
                    if job.stopping_s > STOP_S:
                        job.end(HANGS)

    def _events(self, question: str, asked: _Asked, cancel: threading.Event) -> Iterator[Event]:
        asked.after = self._chats.last_message(self.key) or 0
        choices = asked.choices
        try:
            within, conversation, missing = unless_stopped(
                lambda: (choices.within(), *self._conversation(choices)), cancel
            )
            if missing:
                yield Note(missing)
            try:
                yield from conversation.ask(
                    question,
                    mode=choices.mode,
                    answer_by=choices.answer_by,
                    strictness=choices.strictness,
                    cancel=cancel,
                    within=within,
                )
            finally:
                asked.saved = conversation.saved
                self._saved = self._saved or bool(conversation.chat_id)
        except Cancelled:
            given = nothing_written(question, choices.mode or self._desk.settings.mode)
            save_turn(self._chats, question, question, given, self.key if self._saved else "", self.key)
            self._saved, asked.saved = True, self._chats.last_message(self.key) or 0
            yield Answered(given)

    def _conversation(self, choices: Choices) -> tuple[Conversation, str]:
        """What answers, and why without a model where one is wanted and missing: the evidence is worth showing."""
        chat_id, missing = self.key if self._saved else "", ""
        if (choices.answer_by or self._desk.settings.answer) == "model":
            try:
                return self._desk.conversation(chat_id, new_id=self.key), ""
            except ModelError as error:
                missing = str(error)
        return self._desk.conversation(chat_id, new_id=self.key, with_model=False), missing


class Talks:
    """All open conversations of one library, by their ids: one ``Talk`` for each, whoever asks for it."""

    def __init__(self, desk: OpenLibrary) -> None:
        self._desk = desk
        self._chats = Chats(desk.library)
        self._open: OrderedDict[str, Talk] = OrderedDict()
        self._lock = threading.Lock()

    def new(self) -> Talk:
        """An empty conversation, which is kept as soon as something is asked in it."""
        return Talk(self._desk, new_id())

    def get(self, key: str) -> Talk:
        """The open conversation of that id, else the saved chat. Raises UsageError where there is neither."""
        with self._lock:
            talk = self._open.get(key) or Talk(self._desk, key, saved=True)
            if self._gone(talk):
                raise UsageError(
                    f"there is no such conversation in the library '{self._desk.library.name}'.",
                    "It may have been deleted, or belong to another library.",
                )
            return self._keep(talk)

    def ask(self, talk: Talk, question: str, choices: Choices) -> Talk:
        """Ask in the conversation; returns the one that answers: a new one where that one was deleted meanwhile."""
        with self._lock:
            talk = self._open.get(talk.key) or talk
            talk = self._keep(self.new() if self._gone(talk) else talk)
            talk.ask(question, choices)
            return talk

    def delete(self, chat_id: str) -> None:
        """Delete a saved chat; the answers that are being written in it stop."""
        with self._lock:
            talk = self._open.pop(chat_id, None)
        if talk:
            talk.stop()
        self._chats.delete(chat_id)
        self._desk.models.forget()

    def stop(self) -> list[AnswerJob]:
        """Stop all answers; returns them."""
        with self._lock:
            return [job for talk in self._open.values() for job in talk.stop()]

    def close(self) -> None:
        """Stop all answers, and wait a moment until what was written is saved."""
        until = time.monotonic() + CLOSE_S
        for job in self.stop():
            job.wait(max(0.0, until - time.monotonic()))

    def _gone(self, talk: Talk) -> bool:
        """Whether a conversation that was saved is there no more; it is then open no more."""
        gone = talk.saved and self._chats.last_message(talk.key) is None
        if gone:
            self._open.pop(talk.key, None)
        return gone

    def _keep(self, talk: Talk) -> Talk:
        """Hold on to it as the one used last."""
        self._open[talk.key] = talk
        self._open.move_to_end(talk.key)
        if len(self._open) > OPEN_TALKS:
            idle = (key for key, other in self._open.items() if other is not talk and not other.busy)
            if oldest := next(idle, None):
                del self._open[oldest]
        return talk


def _budget(end: Snapshot) -> Budget | None:
    """What the last prompt was made of; what was read and reused is known where it was the only one."""
    if not end.prompts:
        return None
    return budget_of(end.prompts[-1], end.answer.usage if end.answer and len(end.prompts) == 1 else None)


def _completed(saved: Turn, answered: Turn | None) -> Turn:
    """A saved turn with what is known of it beside: it was answered here."""
    if answered is None or saved.answer is None:
        return saved
    notes = answered.answer.notes if answered.answer else saved.answer.notes
    return replace(saved, answer=replace(saved.answer, notes=notes), budget=answered.budget, choices=answered.choices)


def turns_of(chat: Chat) -> list[tuple[int, Turn]]:
    """A saved chat's messages as turns, each question with the answer that follows it, by the last message's number."""
    turns: list[tuple[int, Turn]] = []
    for message in chat.messages:
        if message.role == "user":
            turns.append((message.id, Turn(message.text, None)))
        elif turns and message.answer is not None:
            turns[-1] = (message.id, Turn(turns[-1][1].question, message.answer))
    return turns
