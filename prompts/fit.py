"""What of system text, history, sources and question goes into the model's window, and what was left out and why."""

from dataclasses import dataclass

from core.types import Citation, Message


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that was left out of the prompt: ``tokens`` of the chat model were saved."""

    what: str
    why: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that fits.

    ``messages`` is the whole prompt, system text first; ``messages[-1]`` is this turn's user message as it is sent.
    ``sources`` are what the model reads, in the order of their numbers, cut where they had to be cut.
    ``tokens`` maps each part of the window (system, history, sources, question, template, answer, free) to its
    tokens; together they are ``window``.
    """

    messages: tuple[Message, ...]
    sources: tuple[Citation, ...]
    dropped: tuple[Dropped, ...]
    tokens: dict[str, int]
    window: int
