"""A conversation that is open in the page: its saved turns, and the questions that wait for their answers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.answer.events import Answered, Event, Note
from app.chat.chat_turns import ChatSnapshot, Choices, Turn, last_budget, saved_turns, with_unsaved
from app.chat.conversation import nothing_written, save_turn
from app.chat.jobs import STOP_CHECK_S, AnswerJob, JobSnapshot, start_thread, unless_stopped
from core.errors import Cancelled, ModelError
from core.messages import N_, _
from index.store.chats import Chats

if TYPE_CHECKING:
    from app.chat.conversation import Conversation
    from app.chat.open_library import OpenLibrary
    from app.chat.temporary import KeepsChats, TemporaryChats

STOP_S = 10.0
"""Seconds that a stopped answer gets to end before the next one begins without it; the model needs 0.2."""

HANGS = N_(
    "It was stopped, but the model does not react. If the next answer does not come either, start Lectern again."
)


@dataclass
class _QueuedQuestion:
    """A question that is being answered or waits for it.

    ``after`` is the number of the saved message before it, ``saved`` that of its own saved answer (0: not saved yet).
    """

    choices: Choices
    after: int
    saved: int = 0
    job: AnswerJob = field(init=False)


class OpenChat:
    """One conversation: its turns saved in the library, and a queue of questions that are answered one at a time.

    ``key`` is its id in the library, fixed before it is saved there; of a temporary one, which leaves nothing, its id
    in ``memory``. Every method may be called from any thread.
    """

    def __init__(
        self, opened: OpenLibrary, key: str, *, saved: bool = False, memory: TemporaryChats | None = None
    ) -> None:
        self.key = key
        self.temporary = memory is not None
        self._opened = opened
        self._chats: KeepsChats = memory or Chats(opened.library)
        self._saved = saved
        self._queue: deque[_QueuedQuestion] = deque()
        self._working = False
        self._state = (0, -1, 0)
        self._messages: list[tuple[int, Turn]] = []
        self._answered: dict[int, Turn] = {}
        self._failed: list[tuple[_QueuedQuestion, Turn]] = []
        self._lock = threading.Lock()

    @property
    def saved(self) -> bool:
        """Whether the library holds it, or held it before it was deleted."""
        return self._saved

    @property
    def busy(self) -> bool:
        with self._lock:
            return any(not queued.job.snapshot().done for queued in self._queue)

    def jobs(self) -> list[AnswerJob]:
        """The answer that is being written and those that wait, and perhaps some that have ended."""
        with self._lock:
            return [queued.job for queued in self._queue]

    def ask(self, question: str, choices: Choices) -> AnswerJob:
        """Queue the question; it is answered in the background after those asked before it."""
        with self._lock:
            queued = _QueuedQuestion(choices, self._chats.last_message(self.key) or 0)
            queued.job = AnswerJob(question, lambda cancel: self._events(question, queued, cancel))
            self._queue.append(queued)
            self._working = self._working or start_thread(self._work, queued.job)
            return queued.job

    def stop(self) -> list[AnswerJob]:
        """Stop the answer that is being written and all that wait; returns these jobs without waiting for their end."""
        jobs = self.jobs()
        for job in jobs:
            job.stop()
        return jobs

    def snapshot(self) -> ChatSnapshot:
        """The conversation at this moment, with the turns that other processes added. Raises UsageError where deleted.

        While an answer is being written, messages saved since its question are left out until it has ended: that answer
        may be among them already.
        """
        with self._lock:
            while self._queue and (end := self._queue[0].job.snapshot()).done:
                self._finish(self._queue.popleft(), end)
            saved, last = self._saved, self._chats.last_message(self.key)
            if last is None and saved:
                self._chats.load(self.key)
            if self._queue:
                last = max(self._queue[0].after, *self._answered, 0)
            self._read((last or 0, self._opened.library.generation, self._chats.head(self.key)))
            failed = [(queued.after, turn) for queued, turn in self._failed if not queued.saved]
            edited = self._queue[0].choices.in_place_of if self._queue else 0
            kept = [(number, turn) for number, turn in self._messages if not edited or turn.asked < edited]
            turns = sorted([*kept, *failed], key=lambda numbered: numbered[0])
            jobs = tuple(queued.job for queued in self._queue)
            waiting = tuple((job.number, job.snapshot().stopping) for job in jobs[1:])
            version = (*self._state, len(failed), jobs[0].number if jobs else 0, waiting)
            return ChatSnapshot(tuple(turn for _, turn in turns), jobs, version)

    def _finish(self, queued: _QueuedQuestion, end: JobSnapshot) -> None:
        """Keep what the library does not store of an answer that has ended."""
        budget = last_budget(end)
        turn = Turn(end.question, end.answer, end.error, end.evidence, end.words, end.answers, budget, queued.choices)
        if queued.saved:
            self._answered[queued.saved] = turn
            self._state = (0, -1, 0)
        else:
            self._failed.append((queued, turn))

    def _read(self, state: tuple[int, int, int]) -> None:
        """Read the saved turns again if ``state``, (last message, library's generation, last one shown), has changed.

        A change of the documents counts: quotes of removed documents may have been taken out of the saved answers.
        """
        if state == self._state:
            return
        saved = saved_turns(self._chats.load(self.key)) if state[0] else []
        self._messages = [
            (number, with_unsaved(turn, self._answered.get(number))) for number, turn in saved if number <= state[0]
        ]
        if self.temporary:  # the numbers are not those of the library's messages
            self._messages = [(number, replace(turn, message=0)) for number, turn in self._messages]
        self._failed = [(queued, self._without_removed(turn)) for queued, turn in self._failed]
        self._state = state

    def _without_removed(self, turn: Turn) -> Turn:
        """A failed turn without the quotes of documents that were removed from the library."""
        quotes = tuple(quote for quote in turn.evidence if self._opened.library.has(quote.document_id))
        return replace(turn, evidence=quotes, words=turn.words if quotes[:1] == turn.evidence[:1] else None)

    def _work(self) -> None:
        """Answer the queued questions in order, until none is left; the body of the working thread."""
        while True:
            with self._lock:
                job = next((queued.job for queued in self._queue if not queued.job.snapshot().done), None)
                if job is None:
                    self._working = False
                    return
            if start_thread(job.run, job):
                while not job.wait(STOP_CHECK_S):
                    if job.stopping_s > STOP_S:
                        job.end(_(HANGS))

    def _events(self, question: str, queued: _QueuedQuestion, cancel: threading.Event) -> Iterator[Event]:
        """The events of the answer; a question that is stopped before its search is saved with an empty answer."""
        queued.after = self._chats.last_message(self.key) or 0
        choices = queued.choices
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
                    opened=self._opened.open_documents,
                    in_place_of=choices.in_place_of,
                    own_words=choices.own_words,
                )
            finally:
                queued.saved = conversation.saved
                self._saved = self._saved or bool(conversation.chat_id)
        except Cancelled:
            answer = nothing_written(question, choices.mode or self._opened.settings.mode)
            chat_id = self.key if self._saved else ""
            save_turn(self._chats, question, question, answer, chat_id, self.key, self._before(choices.in_place_of))
            self._saved, queued.saved = True, self._chats.last_message(self.key) or 0
            yield Answered(answer)

    def _before(self, message: int) -> int | None:
        """The message that a version of the question ``message`` follows; None for a question at the end."""
        if not message:
            return None
        before = [one.id for one in self._chats.load(self.key).messages if one.id < message]
        return before[-1] if before else 0

    def show_version(self, message: int) -> None:
        """Show this version of a question, with what followed it."""
        self._chats.show_version(self.key, message)

    def _conversation(self, choices: Choices) -> tuple[Conversation, str]:
        """The conversation that answers, and a line that says why it has no model where one is wanted but missing.

        Without a model the evidence is still worth showing.
        """
        chat_id, missing = self.key if self._saved else "", ""
        try:
            if choices.own_words or self._opened.models.answer_by(choices.answer_by) == "model":
                return self._opened.conversation(chat_id, new_id=self.key, chats=self._chats), ""
        except ModelError as error:
            missing = str(error)
        return self._opened.conversation(chat_id, new_id=self.key, with_model=False, chats=self._chats), missing
