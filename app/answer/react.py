"""A draft written in steps: think, search or look up, finish. Each step has one shape (Yao et al. 2023, ReAct).

A server's model that calls tools gets the same ones through LangChain's agent (`app.answer.agent`).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from app.answer.draft import Draft, DraftRequest, PieceCollector, draft, fit_prompt, left_out, total_usage, write_turn
from app.answer.events import Event, Piece, PromptFitted, StepTaken
from app.answer.library_tools import MOST_STEPS, STEP_TOKENS, LibraryTools, found_text
from app.answer.services import Services, phrases_only
from app.answer.writing import CapturedReturn, observed
from core.types import Citation, Message, Step, Usage
from prompts.render import PromptTemplate, load_prompt
from prompts.shapes import STEP_TEXT, LastStep


@dataclass
class StepState:
    """The steps, messages, notes and tokens of one answer so far, and the tools with what they have found."""

    tools: LibraryTools
    steps: list[Step] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)

    def step(self, kind: str, text: str) -> StepTaken:
        self.steps.append(Step(kind, text))  # type: ignore[arg-type]
        return StepTaken(self.steps[-1])

    def draft(self, text: str) -> Draft:
        notes = tuple(dict.fromkeys(self.notes))
        return Draft(text, tuple(self.tools.sources), self.usage, tuple(self.steps), notes)

    def stopped(self) -> Draft:
        self.usage = replace(self.usage, stopped="cancelled")
        return self.draft("")


def draft_in_steps(request: DraftRequest, services: Services) -> Generator[Event, None, Draft]:
    """Write a draft in at most ``MOST_STEPS`` steps of the model, each a thought and either a tool or the answer.

    Yields the steps, and the answer as one piece. After a tool that was used so before or that found nothing new, the
    next step must be the answer. If a step is cut off and cannot be read, the model answers from what was found; one
    that only phrases leaves the draft empty.
    """
    template = load_prompt("react")
    state = StepState(LibraryTools(request, services))
    sources: Sequence[Citation] = request.reading.sources
    for number in range(1, MOST_STEPS + 1):
        last = number == MOST_STEPS or not state.tools.may_go_on
        text = yield from _step(request, finishing(template) if last else template, sources, state)
        step = STEP_TEXT.match(text)
        if state.usage.stopped == "cancelled":
            return state.stopped()
        if step is None:
            break
        if step["thought"]:
            yield state.step("thought", step["thought"])
        if step["action"] == "finish":
            yield state.step("finish", step["words"])
            yield Piece(step["words"])
            return state.draft(step["words"])
        yield state.step(step["action"], step["words"])
        use = state.tools.search if step["action"] == "search" else state.tools.look_up
        sources = use(step["words"])
        yield state.step("found", found_text(sources))
        if request.question.cancelled:
            return state.stopped()
    return (yield from answer_from_found(request, state))


def answer_from_found(request: DraftRequest, state: StepState) -> Generator[Event, None, Draft]:
    """The draft where no step was the answer: asked straight, over all that was found."""
    if phrases_only(request.engine):
        return state.draft("")
    found = replace(request, reading=replace(request.reading, sources=tuple(state.tools.sources)))
    written = yield from draft(found, "direct")
    state.usage = total_usage(state.usage, written.usage)
    state.notes += written.notes
    return state.draft(written.text)


def finishing(template: PromptTemplate) -> PromptTemplate:
    """The same prompt for a step that cannot search."""
    return template.model_copy(update={"shape": LastStep})


def _step(
    request: DraftRequest, template: PromptTemplate, sources: Sequence[Citation], state: StepState
) -> Generator[Event, None, str]:
    """Write one step and return its text; adds its messages, notes and usage to ``state``."""
    history = [*request.question.history, *state.messages]
    fitted = fit_prompt(request, template, sources, history, STEP_TOKENS)
    state.notes += left_out(fitted)
    yield PromptFitted(fitted)
    step = PieceCollector()
    usage = yield from _without_pieces(observed(write_turn(request, template, fitted), step))
    text = str(step)
    state.messages += [fitted.messages[-1], Message("assistant", text)]
    state.usage = total_usage(state.usage, usage)
    return text


def _without_pieces(events: Generator[Event, None, Usage]) -> Generator[Event, None, Usage]:
    """The events without the pieces of text: a step is shown once it is complete."""
    with CapturedReturn(events) as captured:
        for event in captured:
            if not isinstance(event, Piece):
                yield event
    return captured.value
