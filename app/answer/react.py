"""A question answered in steps: think, search again, finish. Each step obeys a grammar (Yao et al. 2023, ReAct)."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.answer.draft import Draft, Task, Text, added, fit_task, left_out, sampling
from app.answer.events import Event, Piece, PromptFitted, StepTaken
from app.answer.evidence import best_sentences, sources_for
from app.answer.rules.text_features import content_words
from app.answer.untrusted import without_orders
from app.answer.writing import Returned, tapped, write
from core.protocols import Embedder
from core.types import Citation, Message, Step, Usage
from prompts.render import PromptTemplate, load_prompt

if TYPE_CHECKING:
    from index.search.retriever import Retriever

MOST_STEPS = 4
"""Steps of one answer, the last of which must finish."""

STEP_TOKENS = 160
"""Tokens of a step: a thought of at most 160 characters and an action of at most 240, whatever the answer may take."""

_STEP = re.compile(
    r'Thought:\s*(?P<thought>.*?)\s*\nAction:\s*(?P<action>search|finish)\("(?P<words>.*?)(?:"\)|$)', re.S
)
_SEARCH_RULE = re.compile(r'"search[^|]*\|\s*')


@dataclass
class _Walk:
    """What has happened so far in one answer."""

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


def draft_in_steps(task: Task, retriever: "Retriever", embedder: Embedder) -> Generator[Event, None, Draft]:
    """The draft of at most ``MOST_STEPS`` steps. A search that was made before, or that finds nothing new, forces the
    next step to finish; a step that cannot be read, for it was cut, ends the walk without an answer."""
    template = load_prompt("react")
    walk = _Walk(sources=list(task.sources), searched=[content_words(task.question)])
    given: Sequence[Citation] = task.sources
    may_search = True
    for number in range(1, MOST_STEPS + 1):
        last = number == MOST_STEPS or not may_search
        written = yield from _step(task, finishing(template) if last else template, given, walk)
        found = _STEP.match(written)
        if walk.usage.stopped == "cancelled" or found is None:
            break
        if found["thought"]:
            yield walk.step("thought", found["thought"])
        if found["action"] == "finish":
            yield walk.step("finish", found["words"])
            yield Piece(found["words"])
            return walk.draft(found["words"])
        yield walk.step("search", found["words"])
        given = _search(task, found["words"], retriever, embedder, walk)
        yield walk.step("found", _found_text(given))
        may_search = bool(given)
        if task.cancelled:
            walk.usage = replace(walk.usage, stopped="cancelled")
            break
    return walk.draft("")


def finishing(template: PromptTemplate) -> PromptTemplate:
    """The same prompt under a grammar that knows no search."""
    return template.model_copy(update={"grammar": _SEARCH_RULE.sub("", template.grammar)})


def _step(task: Task, template: PromptTemplate, given: Sequence[Citation], walk: _Walk) -> Generator[Event, None, str]:
    """One step as it was written; the walk's messages and usage grow by it."""
    fitted = fit_task(task, template, given, [*task.history, *walk.messages], STEP_TOKENS)
    walk.notes += left_out(fitted)
    yield PromptFitted(fitted)
    written = Text()
    writing = tapped(
        write(task.engine, fitted.messages, sampling(task, template, fitted), task.conversation, task.cancel), written
    )
    usage = yield from _without_pieces(writing)
    text = str(written)
    walk.messages += [fitted.messages[-1], Message("assistant", text)]
    walk.usage = added(walk.usage, usage)
    return text


def _without_pieces(events: Generator[Event, None, Usage]) -> Generator[Event, None, Usage]:
    """A step is shown when it is whole: its words are no piece of the answer."""
    with Returned(events) as passing:
        for event in passing:
            if not isinstance(event, Piece):
                yield event
    return passing.value


def _search(task: Task, words: str, retriever: "Retriever", embedder: Embedder, walk: _Walk) -> tuple[Citation, ...]:
    """What a search adds to the sources that the model has read; nothing where it searched the same before."""
    terms = content_words(words)
    if not terms or terms in walk.searched:
        return ()
    walk.searched.append(terms)
    passages = without_orders(retriever.search(words, within=task.within, cancel=task.cancel).passages)
    evidence = best_sentences(f"{task.question} {words}", passages, embedder)
    fresh = tuple(
        c for c in sources_for(task.engine, task.settings.reads, evidence, passages) if not _known(c, walk.sources)
    )
    walk.sources += fresh
    return fresh


def _known(source: Citation, sources: Sequence[Citation]) -> bool:
    return any(s.document_id == source.document_id and s.start <= source.start and source.end <= s.end for s in sources)


def _found_text(sources: Sequence[Citation]) -> str:
    if not sources:
        return "nothing new"
    return ", ".join(dict.fromkeys(f"{s.file}, {s.locator.label}".rstrip(", ") for s in sources))
