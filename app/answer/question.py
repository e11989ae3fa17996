"""A question as the stages of its answer take it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import AnswerBy, AnswerForm, Message, Mode

if TYPE_CHECKING:
    from index.search.filters import Filter
    from prompts.opening import Opening

SEARCHED_CHARACTERS = 2000
"""Longest text that is searched for, in characters. Questions are much shorter; embedders read no more than this."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how.

    ``text`` is the question as it was typed. ``search_override`` is the text to search for instead, for example a
    follow-up rewritten to stand by itself; "" searches for ``text``. ``mode`` and ``answer_by`` override the settings;
    None takes them. ``answer_by`` "words" answers with the words in the documents and "evidence" with their sentence;
    neither loads the model. ``form`` is the form of the answer and ``language`` its language, by its name in English;
    None and "" take those of the question. ``history`` holds the earlier turns as they were sent; turns of one
    ``conversation`` share the model's prefix cache. ``within`` limits all searches to a part of the library.
    ``opening`` are whole documents that the model has read; None: it reads what the search finds. Setting ``cancel``
    stops the model.
    """

    text: str
    search_override: str = ""
    mode: Mode | None = None
    answer_by: AnswerBy | None = None
    form: AnswerForm | None = None
    language: str = ""
    history: tuple[Message, ...] = ()
    conversation: str = ""
    within: Filter | None = None
    opening: Opening | None = None
    cancel: threading.Event | None = None

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
