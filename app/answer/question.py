"""A question as the stages of its answer take it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import AnswerChoice, AnswerForm, Message, Mode

if TYPE_CHECKING:
    from index.search.filters import Filter
    from prompts.opening import Opening

SEARCHED_CHARACTERS = 2000
"""Longest text that is searched for, in characters. Questions are much shorter; embedders read no more than this."""


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """One of several questions of a turn.

    ``asked`` is as it stands in the turn. ``text`` is what a model reads, made standalone and with the statements that
    belong to it; ``search_text`` is what is searched for.
    """

    asked: str
    text: str
    search_text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how.

    ``text`` is the question as it was typed, and ``asked`` as the model reads it, "" where that is the same: a
    question at the end of a story comes without most of the story. ``search_override`` is the text to search for
    instead, for example a follow-up rewritten to stand by itself; "" searches for ``text``. ``mode`` and
    ``answer_by`` override the settings; None takes them. ``answer_by`` "words" answers with the words in the
    documents and their sentence, "evidence" with the sentence; neither loads the model. ``form`` is the form of the
    answer and ``language`` its language, by its name in English; None and "" take those of the question. ``notes`` are
    a person's own for all questions, "" for none.
    ``history`` holds the earlier turns as they were sent; turns of one ``conversation`` share the model's prefix
    cache. ``within`` limits all searches to a part of the library. ``opening``
    are whole documents that the model has read; None: it reads what the search finds. Setting ``cancel`` stops the
    model.
    """

    text: str
    asked: str = ""
    search_override: str = ""
    mode: Mode | None = None
    answer_by: AnswerChoice | None = None
    form: AnswerForm | None = None
    language: str = ""
    notes: str = ""
    history: tuple[Message, ...] = ()
    conversation: str = ""
    within: Filter | None = None
    opening: Opening | None = None
    cancel: threading.Event | None = None

    @property
    def prompt_text(self) -> str:
        """The question as the model reads it."""
        return (self.asked or self.text).strip()

    @property
    def search_text(self) -> str:
        """The text to search for, cut to SEARCHED_CHARACTERS."""
        return (self.search_override or self.text)[:SEARCHED_CHARACTERS]

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning of the question is searched for."""
        return len(self.search_override or self.text) > SEARCHED_CHARACTERS

    @property
    def cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()
