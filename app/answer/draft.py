"""A question with its evidence -> a draft: what the model wrote, before it is held against the sources."""

import re
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.answer.events import Event, Piece, PromptFitted, StepTaken
from app.answer.evidence import is_small
from app.answer.writing import Returned, tapped, write
from core.protocols import ChatEngine
from core.settings import Settings
from core.types import AnswerWords, Citation, Message, Mode, Sampling, Step, Usage
from prompts.fit import Fitted, fit
from prompts.render import PromptTemplate, load_prompt

if TYPE_CHECKING:
    from index.search.filters import Filter

SMALL_ANSWER_TOKENS = 80
"""Most tokens that a small model may write: two sentences. What it adds after them is invented."""

THOUGHT_TOKENS = 120
"""Tokens added to the answer's for the line of thoughts: its grammar ends it after 400 characters."""

STOP = ("</source", "<source", "\n\nQuestion:")
"""Where a small model goes on to write sources and questions of its own; no answer holds these."""

_ANSWER = re.compile(r"\n\s*Answer:[ \t]*")


@dataclass(frozen=True, slots=True)
class Task:
    """A question to a model: what it may read, the words that may answer, and how its answer is drawn.

    ``within`` is where further searches look.
    """

    question: str
    sources: tuple[Citation, ...]
    engine: ChatEngine
    settings: Settings
    history: tuple[Message, ...]
    conversation: str
    cancel: threading.Event | None
    words: AnswerWords | None = None
    within: "Filter | None" = None

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
    text = Text()
    usage = yield from tapped(writing, text)
    return Draft(template.without_hint(str(text)), fitted.sources, usage, notes=left_out(fitted))


def fit_task(
    task: Task, template: PromptTemplate, sources: Sequence[Citation], history: Sequence[Message], tokens: int
) -> Fitted:
    """The prompt of a task's turn; raises WindowError where the question is too long."""
    asked = template.with_hint(task.question, task.words.text if task.words else "")
    return fit(template, asked, sources, history, task.engine.window, tokens, task.engine)


def sampling(task: Task, template: PromptTemplate, fitted: Fitted) -> Sampling:
    """How the answer is drawn: as the settings say, under the mode's grammar, within its room."""
    return Sampling(
        temperature=task.settings.temperature,
        seed=task.settings.seed,
        max_tokens=fitted.tokens["answer"],
        stop=STOP,
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


class Text:
    """The pieces of an answer, put together while they pass."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Piece):
            self._pieces.append(event.text)

    def __str__(self) -> str:
        return "".join(self._pieces).strip()


def _split_thoughts(writing: Generator[Event, None, Usage], fitted: Fitted) -> Generator[Event, None, Draft]:
    """Thoughts up to "Answer:" become a step; what follows are the pieces of the answer."""
    thoughts, answer = "", Text()
    steps: list[Step] = []
    with Returned(writing) as passing:
        for event in passing:
            if isinstance(event, Piece) and not steps:
                thoughts += event.text
                found = _ANSWER.search(thoughts)
                if not found:
                    continue
                steps.append(_thought(thoughts[: found.start()]))
                yield StepTaken(steps[0])
                event = Piece(thoughts[found.end() :])
            answer(event)
            yield event
    if not steps and thoughts.strip():
        steps.append(_thought(thoughts))
        yield StepTaken(steps[0])
    return Draft(str(answer), fitted.sources, passing.value, tuple(steps), left_out(fitted))


def _thought(text: str) -> Step:
    return Step("thought", text.strip().removeprefix("Thoughts:").strip())
