"""Whether the answer to a question is yes or no, before a model that reads writes it down with its reason.

Told to begin with Yes or No, a 1.5B begins with No whatever it reads, and then gives the reason for Yes; asked for the
one word alone, the logits of its first token tell better (docs/answers.md).
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from app.answer.events import Event, Piece
from app.answer.question import Question
from app.answer.writing import CapturedReturn, write
from core.protocols import ChatEngine
from core.types import Citation, Message, Sampling, Usage
from prompts.fit import fit
from prompts.forms import decision_template

ONE_WORD = Sampling(max_tokens=1, repeat_penalty=1.0, options=("Yes", "No"))
"""Asks for the logits of one of the two words."""

LEANS_TO_NO = 0.8
"""By how much the logit of No is too high: 21 of 29 questions over contracts and everyday papers are told right with
it, 13 without."""


@dataclass(frozen=True, slots=True)
class Decision:
    """``is_yes`` is None where the engine tells no logits, or was stopped; ``usage`` is what it took."""

    is_yes: bool | None
    usage: Usage


def decide(
    question: Question, sources: Sequence[Citation], engine: ChatEngine, opening: Sequence[Message] = ()
) -> Generator[Event, None, Decision]:
    """Ask for the one word. What is read for it stays in the prefix cache for the answer.

    Raises WindowError where the question is too long, and what the engine raises.
    """
    fitted = fit(
        decision_template(), question.prompt_text, sources, question.history, engine.window, 1, engine, opening
    )
    with CapturedReturn(write(engine, fitted.messages, ONE_WORD, question.conversation, question.cancel)) as asked:
        for event in asked:
            if not isinstance(event, Piece):
                yield event
    leaning = yes_over_no(asked.value)
    return Decision(None if leaning is None else leaning + LEANS_TO_NO > 0, asked.value)


def lean_to_yes(
    engine: ChatEngine, messages: Sequence[Message], conversation: str, cancel: threading.Event | None
) -> float | None:
    """Ask for the one word, and tell the difference of the logits of Yes and No as `yes_over_no` does.

    Raises what the engine raises.
    """
    writing = engine.generate(messages, ONE_WORD, conversation=conversation, cancel=cancel)
    for _ in writing:
        pass
    return yes_over_no(writing.usage)


def yes_over_no(usage: Usage) -> float | None:
    """The difference of the logits that ONE_WORD asked for; None if the engine tells none, or was stopped."""
    if len(usage.logits) != len(ONE_WORD.options):
        return None
    yes, no = usage.logits
    return yes - no
