"""A question with its evidence -> a draft: what the model wrote, before it is held against the sources."""

import re
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from app.events import Event, Piece, PromptFitted, StepTaken
from app.given import is_small
from app.writing import write
from core.protocols import ChatEngine
from core.settings import Settings
from core.types import Citation, Message, Mode, Sampling, Step, Usage
from prompts.fit import Fitted, fit
from prompts.render import PromptTemplate, load_prompt

SMALL_ANSWER_TOKENS = 80
"""Most tokens that a small model may write: two sentences. What it adds after them is invented."""

THOUGHT_TOKENS = 120
"""Tokens added to the answer's for the line of thoughts: its grammar ends it after 400 characters."""

_ANSWER = re.compile(r"\n\s*Answer:[ \t]*")


@dataclass(frozen=True, slots=True)
class Task:
    """A question to a model: what it may read, and how its answer is drawn."""

    question: str
    sources: tuple[Citation, ...]
    engine: ChatEngine
    settings: Settings
    history: tuple[Message, ...]
    conversation: str
    cancel: threading.Event | None

    @property
    def answer_tokens(self) -> int:
        most = self.settings.answer_tokens
        return min(most, SMALL_ANSWER_TOKENS) if is_small(self.engine) else most

    @property
    def cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote as its answer, the sources it had read, and what it cost."""

    text: str
    sources: tuple[Citation, ...]
    usage: Usage = field(default_factory=Usage)
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def cancelled(self) -> bool:
        return self.usage.stopped == "cancelled"


def draft(task: Task, mode: Mode) -> Generator[Event, None, Draft]:
    """The draft of a mode that asks once: its pieces as they come; the thoughts of "cot" as a step."""
    template = load_prompt(mode)
    tokens = task.answer_tokens + (THOUGHT_TOKENS if mode == "cot" else 0)
    fitted = fit_task(task, template, task.sources, task.history, tokens)
    yield PromptFitted(fitted)
    writing = write(task.engine, fitted.messages, sampling(task, template, fitted), task.conversation, task.cancel)
    if mode == "cot":
        return (yield from _split_thoughts(writing, fitted))
    written: list[str] = []
    usage = yield from _collect(writing, written)
    return Draft("".join(written).strip(), fitted.sources, usage, notes=left_out(fitted))


def fit_task(
    task: Task, template: PromptTemplate, sources: Sequence[Citation], history: Sequence[Message], tokens: int
) -> Fitted:
    """The prompt of a task's turn; raises WindowError where the question is too long."""
    return fit(template, task.question, sources, history, task.engine.window, tokens, task.engine)


def sampling(task: Task, template: PromptTemplate, fitted: Fitted) -> Sampling:
    """How the answer is drawn: as the settings say, under the mode's grammar, within its room."""
    return Sampling(
        temperature=task.settings.temperature,
        seed=task.settings.seed,
        max_tokens=fitted.tokens["answer"],
        grammar=template.grammar,
    )


def left_out(fitted: Fitted) -> tuple[str, ...]:
    """A line for each thing that the model could not be given."""
    return tuple(f"Not read by the model: {dropped.what} ({dropped.why})." for dropped in fitted.dropped)


def added(one: Usage, other: Usage) -> Usage:
    """The cost of two generations of one answer."""
    return replace(
        other,
        prompt=one.prompt + other.prompt,
        reused=one.reused + other.reused,
        answer=one.answer + other.answer,
        first_token_ms=one.first_token_ms or other.first_token_ms,
        total_ms=one.total_ms + other.total_ms,
    )


def _collect(writing: Generator[Event, None, Usage], written: list[str]) -> Generator[Event, None, Usage]:
    """Pass the events on, and keep the pieces."""
    while True:
        try:
            event = next(writing)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if isinstance(event, Piece):
            written.append(event.text)
        yield event


def _split_thoughts(writing: Generator[Event, None, Usage], fitted: Fitted) -> Generator[Event, None, Draft]:
    """Thoughts up to "Answer:" become a step; what follows are the pieces of the answer."""
    held = ""
    steps: list[Step] = []
    answer: list[str] = []
    while True:
        try:
            event = next(writing)
        except StopIteration as end:
            usage: Usage = end.value
            break
        if not isinstance(event, Piece):
            yield event
        elif steps:
            answer.append(event.text)
            yield event
        else:
            held += event.text
            if found := _ANSWER.search(held):
                steps.append(_thought(held[: found.start()]))
                yield StepTaken(steps[0])
                if rest := held[found.end() :]:
                    answer.append(rest)
                    yield Piece(rest)
    if not steps and held.strip():
        steps.append(_thought(held))
        yield StepTaken(steps[0])
    return Draft("".join(answer).strip(), fitted.sources, usage, tuple(steps), left_out(fitted))


def _thought(text: str) -> Step:
    return Step("thought", text.strip().removeprefix("Thoughts:").strip())
