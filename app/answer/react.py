"""A draft written in steps: think, search again, finish. Each step has the shape of one (Yao et al. 2023, ReAct)."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from app.answer.citations import place_of
from app.answer.draft import Draft, DraftRequest, PieceCollector, fit_prompt, left_out, total_usage, write_turn
from app.answer.events import Event, Piece, PromptFitted, StepTaken
from app.answer.evidence import find_evidence
from app.answer.reading import sources_for
from app.answer.rules.text_features import content_words
from app.answer.services import Services
from app.answer.untrusted import without_orders
from app.answer.writing import CapturedReturn, observed
from core.messages import _
from core.types import Citation, Message, Step, Usage
from prompts.render import PromptTemplate, load_prompt
from prompts.shapes import STEP_TEXT, LastStep

MOST_STEPS = 4
"""Steps of one answer, the last of which must finish."""

STEP_TOKENS = 160
"""Tokens of a step: a thought of at most 160 characters and an action of at most 240, whatever the answer may take."""


@dataclass
class _ReactState:
    """The messages, steps, sources, searches (as stems), notes and tokens of one answer so far."""

    messages: list[Message] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    sources: list[Citation] = field(default_factory=list)
    searched: list[set[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)

    def step(self, kind: str, text: str) -> StepTaken:
        self.steps.append(Step(kind, text))  # type: ignore[arg-type]
        return StepTaken(self.steps[-1])

    def draft(self, text: str) -> Draft:
        return Draft(text, tuple(self.sources), self.usage, tuple(self.steps), tuple(dict.fromkeys(self.notes)))


def draft_in_steps(request: DraftRequest, services: Services) -> Generator[Event, None, Draft]:
    """Write a draft in at most ``MOST_STEPS`` steps of the model, each a thought and either a search or the answer.

    Yields the steps, and the answer as one piece. After a search that was made before or that found nothing new, the
    next step must be the answer. If a step is cut off and cannot be parsed, the draft is empty.
    """
    template = load_prompt("react")
    found_first = request.reading.sources
    state = _ReactState(sources=list(found_first), searched=[content_words(request.question.prompt_text)])
    sources: Sequence[Citation] = found_first
    may_search = True
    for number in range(1, MOST_STEPS + 1):
        last = number == MOST_STEPS or not may_search
        text = yield from _step(request, finishing(template) if last else template, sources, state)
        step = STEP_TEXT.match(text)
        if state.usage.stopped == "cancelled" or step is None:
            break
        if step["thought"]:
            yield state.step("thought", step["thought"])
        if step["action"] == "finish":
            yield state.step("finish", step["words"])
            yield Piece(step["words"])
            return state.draft(step["words"])
        yield state.step("search", step["words"])
        sources = _search(request, step["words"], services, state)
        yield state.step("found", _found_text(sources))
        may_search = bool(sources)
        if request.question.cancelled:
            state.usage = replace(state.usage, stopped="cancelled")
            break
    return state.draft("")


def finishing(template: PromptTemplate) -> PromptTemplate:
    """The same prompt for a step that cannot search."""
    return template.model_copy(update={"shape": LastStep})


def _step(
    request: DraftRequest, template: PromptTemplate, sources: Sequence[Citation], state: _ReactState
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


def _search(request: DraftRequest, words: str, services: Services, state: _ReactState) -> tuple[Citation, ...]:
    """The sources that a search adds to those already read; () if the same was searched before."""
    terms = content_words(words)
    if not terms or terms in state.searched:
        return ()
    state.searched.append(terms)
    question = request.question
    retrieval = services.retriever.search(words, within=question.within, cancel=question.cancel)
    passages = without_orders(retrieval.passages)
    searched = f"{question.prompt_text} {words}"
    evidence = find_evidence(searched, passages, services.embedder, rules=services.rules)
    sources = sources_for(request.engine, request.settings, evidence, passages)
    fresh = tuple(source for source in sources if not _known(source, state.sources))
    state.sources += fresh
    return fresh


def _known(source: Citation, sources: Sequence[Citation]) -> bool:
    return any(s.document_id == source.document_id and s.start <= source.start and source.end <= s.end for s in sources)


def _found_text(sources: Sequence[Citation]) -> str:
    if not sources:
        return _("nothing new")
    return ", ".join(dict.fromkeys(map(place_of, sources)))
