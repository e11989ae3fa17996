"""A message of a saved conversation."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.types import Answer, Citation, Role


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message as a person reads it (``text``) and as the model read or wrote it (``sent``).

    ``answer`` holds all that was shown with an assistant's message, its citations included; None for a question.
    ``id`` is its number in the library, higher than those of all messages before it; 0 until it is saved.
    ``versions`` are the numbers of all questions that were asked at this place, itself included, () for one alone.
    """

    role: Role
    text: str
    sent: str
    answer: Answer | None = None
    created_at: str = ""
    id: int = field(default=0, compare=False)
    versions: tuple[int, ...] = field(default=(), compare=False)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Those of the answer's sentences, in order, each once."""
        return self.answer.citations if self.answer else ()
