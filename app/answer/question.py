"""A question as the stages of its answer take it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import AnswerBy, Message, Mode

if TYPE_CHECKING:
    from index.search.filters import Filter

SEARCHED_CHARACTERS = 2000
"""Of a question that are searched: far more than a question's, and no more than an embedder reads."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how.

    ``search`` is searched instead of ``text``, where a follow-up does not say what it is about; "" searches the text.
    ``mode`` and ``answer_by`` None are as the settings say; ``answer_by`` "words" answers with the words that answer
    and "evidence" with their sentence, and neither wakes the model. ``history`` holds the earlier turns as they were
    sent; turns of one ``conversation`` share the model's prefix cache. ``within`` limits all searches to a part of the
    library. Setting ``cancel`` ends the model's work.
    """

    text: str
    search: str = ""
    mode: Mode | None = None
    answer_by: AnswerBy | None = None
    history: tuple[Message, ...] = ()
    conversation: str = ""
    within: Filter | None = None
    cancel: threading.Event | None = None

    @property
    def searched(self) -> str:
        """What is searched for, cut to SEARCHED_CHARACTERS."""
        return (self.search or self.text)[:SEARCHED_CHARACTERS]

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning of the question is searched for."""
        return len(self.search or self.text) > SEARCHED_CHARACTERS

    @property
    def cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()
