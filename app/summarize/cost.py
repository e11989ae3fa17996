"""Estimates how long a task on whole documents takes, and asks for consent before a long one."""

import shlex
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answer.events import Event, Note
from app.summarize.context import TaskContext
from app.summarize.phrasing import SECTION_CHARACTERS, SECTION_TOKENS, section_prompt
from app.summarize.salience import quotable_sentences
from app.summarize.sections import split_sections
from core.errors import UnknownDocument, UsageError
from core.messages import _
from core.settings import DEFAULT_LIBRARY
from core.types import Document, Sampling

if TYPE_CHECKING:
    from index.store.library import Library

SAMPLE = 16
"""Sentences that are embedded to estimate the time for all."""

LONG_S = 120.0
"""Estimated seconds above which the person must agree first."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimate for a task: ``tokens`` read and written in all, and ``seconds`` on this machine."""

    tokens: int
    seconds: float

    def __str__(self) -> str:
        minutes = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 90 else f"{self.seconds:.0f} seconds"
        return f"about {self.tokens:,} tokens, {minutes} on this machine"


def estimate_cost(context: TaskContext, *documents: Document) -> Cost:
    """The estimate, extrapolated from a timed sample: some sentences embedded, and one section read by the model.

    The model is loaded and timed only if it would write. Raises what the engine raises.
    """
    texts = [s.text for d in documents for s in quotable_sentences(d, split_sections(d, SECTION_CHARACTERS))]
    if not texts:
        return Cost(0, 0.0)
    sample = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    context.embedder.embed_passages(sample[:1])  # loads what the first use loads
    started = time.perf_counter()
    context.embedder.embed_passages(sample)
    share = sum(map(len, texts)) / max(1, sum(map(len, sample)))
    seconds = (time.perf_counter() - started) * share
    tokens = round(sum(map(context.embedder.count_tokens, sample)) * share)
    if context.model_writes and context.engine is not None and context.engine.load(context.cancel):
        texts = [d.text[s.start : s.end] for d in documents for s in split_sections(d, SECTION_CHARACTERS)]
        longest = max(texts, key=len)
        prompt = section_prompt(context, longest, "Summarise it.")
        writing = context.engine.generate(prompt, Sampling(max_tokens=8), cancel=context.cancel)
        list(writing)
        usage = writing.usage
        a_token = (usage.total_ms - usage.first_token_ms) / max(1, usage.answer - 1)
        whole = sum(map(len, texts)) / max(1, len(longest))
        seconds += (usage.first_token_ms * whole + a_token * SECTION_TOKENS * len(texts)) / 1000
        tokens += round(usage.prompt * whole) + SECTION_TOKENS * len(texts)
    return Cost(tokens, seconds)


def require_consent(context: TaskContext, *documents: Document) -> Generator[Event, None, None]:
    """Yields a note of what the task costs, where a model writes on more than a page or two.

    Raises UsageError, with the command that agrees, if it takes more than ``LONG_S`` and nobody agreed.
    """
    if context.agreed or sum(len(d.text) for d in documents) < SECTION_CHARACTERS:
        return
    cost = estimate_cost(context, *documents)
    if context.model_writes:
        yield Note(_("This takes {cost}.", cost=cost), quiet=True)
    if cost.seconds > LONG_S:
        names = " and ".join(f"'{d.name}'" for d in documents)
        library = context.settings.library
        where = () if library == DEFAULT_LIBRARY else ("--library", library)
        arguments = context.document_names or tuple(d.name for d in documents)
        end = ("--",) if any(name.startswith("-") for name in arguments) else ()
        command = shlex.join(("lectern", "summarise", *where, "--yes", *end, *arguments))
        raise UsageError(f"to summarise {names} takes {cost}.", f"If that is well: {command}")


def name_in_library(document: Document, library: "Library") -> str:
    """What commands find a document by: its name, or its id if other documents have the same name."""
    try:
        return document.name if library.find(document.name) == document.id else document.id
    except UnknownDocument:  # several have this name
        return document.id
