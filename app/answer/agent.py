"""The draft of a server's model that calls tools: LangChain's agent with the tools and limits of `app.answer.react`."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache, partial

from app.answer.draft import Draft, DraftRequest, fit_prompt, left_out, total_usage
from app.answer.events import Event, Piece, PromptFitted
from app.answer.library_tools import MOST_STEPS, STEP_TOKENS, LibraryTools, found_text
from app.answer.react import StepState, answer_from_found
from app.answer.services import Services
from core.errors import LecternError
from core.types import Citation, Message, Sampling
from generate.agent import AgentStep, Tool, ToolResult, run_agent
from generate.remote import RemoteEngine
from prompts.render import HERE, PromptTemplate, fence, label, read_template, shown

TOOLS = {
    "search": "Search in all documents, by meaning and words, for what the sources do not say.",
    "lookup": "Find a word or a name in the documents found so far, and read what stands around it.",
}
"""The tools as the model reads of them."""

NOTHING_NEW = "Nothing new. Answer now."
"""What the model reads of a tool that found nothing, or nothing that there is room for."""


def has_agent(request: DraftRequest) -> bool:
    """Whether the engine is a server's model that calls tools. Raises ModelError where the server does not answer."""
    engine = request.engine
    return isinstance(engine, RemoteEngine) and engine.calls_tools(request.question.cancel)


def draft_by_agent(request: DraftRequest, services: Services) -> Generator[Event, None, Draft]:
    """Write a draft in at most ``MOST_STEPS`` steps of the model, each calls of tools or the answer.

    Yields the steps, and the answer as one piece. Where the steps end without an answer, the model is asked straight
    over all that was found, as far as it fits. Raises ModelError, and what the tools raise.
    """
    engine = request.engine
    assert isinstance(engine, RemoteEngine)
    cancel = request.question.cancel or threading.Event()
    fitted = fit_prompt(
        request, agent_template(), request.reading.sources, request.question.history, engine.window // 2
    )
    yield PromptFitted(fitted)
    state = StepState(LibraryTools(request, services), notes=list(left_out(fitted)))
    running = _Running(request, engine, state, engine.window - engine.count_prompt(fitted.messages))
    for step in running.steps(fitted.messages, cancel):
        if isinstance(step, ToolResult):
            if isinstance(step.result, tuple):
                yield state.step("found", found_text(step.result))
            continue
        state.usage = total_usage(state.usage, step.usage)
        if step.text and step.calls:
            yield state.step("thought", step.text)
        for call in step.calls:
            if call.name in TOOLS:
                yield state.step(call.name, call.words)
        if step.text and not step.calls:
            yield state.step("finish", step.text)
            yield Piece(step.text)
            return state.draft(step.text)
    if cancel.is_set():
        return state.stopped()
    return (yield from answer_from_found(request, state))


@cache
def agent_template() -> PromptTemplate:
    """The prompt of a model that calls tools; read once."""
    return read_template(HERE / "agent.yaml", "react")


class _Running:
    """An agent at work over ``request``; ``room`` is how many tokens of the window are left for what its tools find."""

    def __init__(self, request: DraftRequest, engine: RemoteEngine, state: StepState, room: int) -> None:
        self._engine, self._state = engine, state
        self._tokens = max(STEP_TOKENS, request.answer_tokens)
        self._options = engine.options(Sampling(temperature=request.settings.temperature, max_tokens=self._tokens))
        self._room = room - self._tokens
        self._begun = 0
        self._is_full = False
        self._using = threading.Lock()

    def steps(self, messages: Sequence[Message], cancel: threading.Event) -> Iterator[AgentStep | ToolResult]:
        """The model's steps and the results of the tools that it calls. Raises ModelError, and what tools raise."""
        uses = {"search": self._state.tools.search, "lookup": self._state.tools.look_up}
        tools = [Tool(name, TOOLS[name], partial(self._use, use)) for name, use in uses.items()]
        try:
            yield from run_agent(self._engine.model, messages, tools, self._options, self._is_over, cancel)
        except LecternError:
            raise
        except Exception as error:  # client libraries raise what they like
            raise self._engine.error(error) from error

    def _is_over(self) -> bool:
        """Whether the next step must be the answer; counts the steps."""
        self._begun += 1
        return self._begun >= MOST_STEPS or self._is_full or not self._state.tools.may_go_on

    def _use(self, tool: Callable[[str], tuple[Citation, ...]], words: str) -> tuple[str, tuple[Citation, ...]]:
        """What the model reads of what a tool finds, and all of that. What there is no room for ends the steps.

        The calls of one step come at once on several threads: the next one's sources are numbered after this one's.
        """
        with self._using:
            found = tool(words)
            return self._fitting(found), found

    def _fitting(self, found: Sequence[Citation]) -> str:
        """What there is room for of the sources that were found last, numbered."""
        self._room -= self._tokens
        texts = []
        for number, source in enumerate(found, len(self._state.tools.sources) - len(found) + 1):
            text = fence(number, label(source), shown(source))
            cost = self._engine.count_tokens(text)
            if cost <= self._room:
                texts.append(text)
                self._room -= cost
            else:
                self._is_full = True
        return "\n".join(texts) or NOTHING_NEW
