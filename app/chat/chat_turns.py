"""The turns of a conversation as the page shows them, and how a question is to be answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.answer.window_budget import Budget, budget_of
from app.chat.jobs import AnswerJob, JobSnapshot
from core.types import Answer, AnswerChoice, AnswerWords, Citation, Mode, Strictness
from index.store.chats import Chat

if TYPE_CHECKING:
    from index.search.filters import Filter


@dataclass(frozen=True, slots=True)
class Choices:
    """How a question is answered; None stands for the value of the settings.

    ``within`` returns the filter of the search; it raises LecternError where the filter is not valid. ``in_place_of``
    is the number of the message whose question this one is another version of, 0 for none. ``own_words``: the model
    answers by itself, without the documents.
    """

    mode: Mode | None = None
    answer_by: AnswerChoice | None = None
    strictness: Strictness | None = None
    within: Callable[[], Filter | None] = lambda: None
    in_place_of: int = 0
    own_words: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer, or with ``error``, one line that says why there is no answer.

    ``evidence``, ``words`` and ``answers`` (False where the evidence is only what comes nearest) are what was shown
    before an answer failed; ``budget`` says what the last prompt consisted of. The library does not store these four,
    nor ``choices``, nor turns without an answer: they are lost when the conversation is closed. ``message`` is the
    number of the answer's message in the library, 0 where it is not saved, and ``asked`` that of the question's, of
    which ``versions`` are all questions that were asked at this place, () for one alone.
    """

    question: str
    answer: Answer | None
    error: str = ""
    evidence: tuple[Citation, ...] = ()
    words: AnswerWords | None = None
    answers: bool = True
    budget: Budget | None = None
    choices: Choices = Choices()
    message: int = 0
    asked: int = 0
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatSnapshot:
    """A conversation at one moment: its finished turns, and the answers to come, of which the first is being written.

    Two snapshots with the same ``version`` look the same on the page, except for the progress of the first answer.
    """

    turns: tuple[Turn, ...]
    jobs: tuple[AnswerJob, ...]
    version: tuple[object, ...]


def saved_turns(chat: Chat) -> list[tuple[int, Turn]]:
    """The messages of a saved chat as turns, each with the number of its last message.

    A question without an answer is a turn of its own.
    """
    turns: list[tuple[int, Turn]] = []
    for message in chat.messages:
        if message.role == "user":
            turns.append((message.id, Turn(message.text, None, asked=message.id, versions=message.versions)))
        elif turns and message.answer is not None:
            turns[-1] = (message.id, replace(turns[-1][1], answer=message.answer, message=message.id))
    return turns


def last_budget(end: JobSnapshot) -> Budget | None:
    """The window budget of an answer's last prompt, None where no model was asked.

    The tokens read and reused are known only where there was a single prompt.
    """
    if not end.prompts:
        return None
    return budget_of(end.prompts[-1], end.answer.usage if end.answer and len(end.prompts) == 1 else None)


def with_unsaved(saved: Turn, answered: Turn | None) -> Turn:
    """The saved turn, completed with what this process knows of it from answering it and the library does not store."""
    if answered is None or saved.answer is None:
        return saved
    notes = answered.answer.notes if answered.answer else saved.answer.notes
    return replace(saved, answer=replace(saved.answer, notes=notes), budget=answered.budget, choices=answered.choices)
