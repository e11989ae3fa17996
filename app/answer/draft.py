"""Fifth stage: what the model reads -> a draft: the model's text, before it is compared with the sources."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.answer.events import Event, Piece, PromptFitted, StepTaken
from app.answer.question import Question
from app.answer.reading import Reading
from app.answer.services import phrases_only, tells_logits
from app.answer.writing import CapturedReturn, observed, write
from app.answer.yes_or_no import decide
from core.messages import _
from core.protocols import ChatEngine
from core.settings import Settings
from core.types import AnswerForm, Citation, Message, Mode, Sampling, Step, Usage
from prompts.fit import Fitted, fit
from prompts.forms import ENGLISH, form_template
from prompts.render import PromptTemplate, load_prompt
from prompts.shapes import ANSWER_LINE

SMALL_ANSWER_TOKENS = 80
"""Most tokens of an answer by a model that only phrases: two sentences. What such models add is invented."""

FORM_TOKENS: Mapping[AnswerForm, int] = {"plain": 100, "yes_no": 100, "why": 100}
"""Most tokens of an answer in one or two sentences; steps and lists may take what the settings allow."""

THOUGHT_TOKENS = 120
"""Tokens added to the answer's for the line of thoughts: its grammar ends it after 400 characters."""

STOP = ("</source", "<source", "\n\nQuestion:")
"""Texts that end the generation: small models go on to write sources and questions of their own."""


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A draft to be written: the question, what the model reads, the engine that writes, and the settings."""

    question: Question
    reading: Reading
    engine: ChatEngine
    settings: Settings

    @property
    def answer_tokens(self) -> int:
        """Most tokens of the answer."""
        most = self.settings.answer_tokens
        if phrases_only(self.engine):
            return min(most, SMALL_ANSWER_TOKENS)
        return min(most, FORM_TOKENS.get(self.question.form or "plain", most))


@dataclass(frozen=True, slots=True)
class Draft:
    """The text that a model wrote, the sources that it read, and the tokens and time that it took."""

    text: str
    sources: tuple[Citation, ...]
    usage: Usage = field(default_factory=Usage)
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def cancelled(self) -> bool:
        return self.usage.stopped == "cancelled"


def draft(request: DraftRequest, mode: Mode) -> Generator[Event, None, Draft]:
    """Write a draft with one prompt; yields its pieces as they come. The thoughts of mode "cot" become a step.

    Raises WindowError where the question is too long, and what the engine raises.
    """
    question, before = request.question, Usage()
    dated = request.reading.dated
    template = prompt_for(request.engine, mode, question.form or "plain", question.language or ENGLISH, dated=dated)
    if question.form == "yes_no" and mode == "direct" and tells_logits(request.engine, request.settings):
        opening = request.reading.opening.messages if request.reading.opening else ()
        decision = yield from decide(question, request.reading.sources, request.engine, opening)
        before = decision.usage
        template = form_template("yes_no", question.language or ENGLISH, is_yes=decision.is_yes, dated=dated)
    template = template.with_notes(question.notes)
    tokens = request.answer_tokens + (THOUGHT_TOKENS if mode == "cot" else 0)
    fitted = fit_prompt(request, template, request.reading.sources, request.question.history, tokens)
    yield PromptFitted(fitted)
    events = write_turn(request, template, fitted)
    if mode == "cot":
        return (yield from _split_thoughts(events, fitted))
    text = PieceCollector()
    usage = yield from observed(events, text)
    opened = request.reading.opening.sources if request.reading.opening else ()
    read = (*fitted.sources, *opened)
    return Draft(template.without_hint(str(text)), read, total_usage(before, usage), notes=left_out(fitted))


def prompt_for(
    engine: ChatEngine, mode: Mode, form: AnswerForm = "plain", language: str = ENGLISH, *, dated: bool = False
) -> PromptTemplate:
    """The prompt of a mode; asked straight, a model that reads gets the one of the answer's form."""
    if mode != "direct" or phrases_only(engine):
        return load_prompt(mode)
    return form_template(form, language, dated=dated)


def fit_prompt(
    request: DraftRequest,
    template: PromptTemplate,
    sources: Sequence[Citation],
    history: Sequence[Message],
    tokens: int,
) -> Fitted:
    """The prompt of a turn with ``tokens`` left for the answer; raises WindowError where the question is too long."""
    turn = template.with_hint(request.question.prompt_text, request.reading.hint)
    engine, opening = request.engine, request.reading.opening
    return fit(template, turn, sources, history, engine.window, tokens, engine, opening.messages if opening else ())


def write_turn(request: DraftRequest, template: PromptTemplate, fitted: Fitted) -> Generator[Event, None, Usage]:
    """The model's answer to a fitted prompt, sampled with the settings' temperature, in the template's shape."""
    sampling = Sampling(
        temperature=request.settings.temperature,
        seed=request.settings.seed,
        max_tokens=fitted.tokens["answer"],
        repeat_penalty=Sampling().repeat_penalty if phrases_only(request.engine) else 1.0,
        stop=STOP,
        shape=template.shape,
    )
    question = request.question
    return write(request.engine, fitted.messages, sampling, question.conversation, question.cancel)


def left_out(fitted: Fitted) -> tuple[str, ...]:
    """A note for each thing that did not fit into the prompt."""
    line = _("Not read by the model: {what} ({why}).")
    return tuple(line.format(what=dropped.what, why=_(dropped.why)) for dropped in fitted.dropped)


def total_usage(one: Usage, other: Usage) -> Usage:
    """The usage of two generations together; the time to the first token is that of the first one."""
    return replace(
        other,
        prompt=one.prompt + other.prompt,
        reused=one.reused + other.reused,
        answer=one.answer + other.answer,
        first_token_ms=one.first_token_ms or other.first_token_ms,
        total_ms=one.total_ms + other.total_ms,
    )


class PieceCollector:
    """Collects the pieces of text among the events that it is called with; ``str`` gives the text so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Piece):
            self._pieces.append(event.text)

    def __str__(self) -> str:
        return "".join(self._pieces).strip()


def _split_thoughts(events: Generator[Event, None, Usage], fitted: Fitted) -> Generator[Event, None, Draft]:
    """Turn the text before "Answer:" into a step, and yield the text after it as the pieces of the answer."""
    thoughts, answer = "", PieceCollector()
    steps: list[Step] = []
    with CapturedReturn(events) as captured:
        for event in captured:
            if isinstance(event, Piece) and not steps:
                thoughts += event.text
                found = ANSWER_LINE.search(thoughts)
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
    return Draft(str(answer), fitted.sources, captured.value, tuple(steps), left_out(fitted))


def _thought(text: str) -> Step:
    return Step("thought", text.strip().removeprefix("Thoughts:").strip())
