"""What a task over whole documents will take, and the person's leave where that is long."""

import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.summarize.phrasing import PART_CHARACTERS, PART_TOKENS, Tools, messages
from app.summarize.salience import parts_of, quotable
from core.errors import UnknownDocument, UsageError
from core.settings import DEFAULT_LIBRARY
from core.types import Document, Sampling

if TYPE_CHECKING:
    from index.store.library import Library

SAMPLE = 16
"""Sentences that are embedded to know how long all of them take."""

LONG_S = 120.0
"""Seconds from which a person is asked before it begins."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a task will take: ``tokens`` to be read and written in all, ``seconds`` by what a sample of it took here."""

    tokens: int
    seconds: float

    def __str__(self) -> str:
        minutes = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 90 else f"{self.seconds:.0f} seconds"
        return f"about {self.tokens:,} tokens, {minutes} on this machine"


def cost_of(tools: Tools, *documents: Document) -> Cost:
    """What the task will take, from how long the embedder, and the model where it writes, need for a sample of it."""
    texts = [s.text for d in documents for s in quotable(d, parts_of(d, PART_CHARACTERS))]
    if not texts:
        return Cost(0, 0.0)
    sample = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    tools.embedder.embed_passages(sample[:1])  # loads what the first use loads
    started = time.perf_counter()
    tools.embedder.embed_passages(sample)
    share = sum(map(len, texts)) / max(1, sum(map(len, sample)))
    seconds = (time.perf_counter() - started) * share
    tokens = round(sum(map(tools.embedder.count_tokens, sample)) * share)
    if tools.phrases and tools.engine is not None and tools.engine.load(tools.cancel):
        parts = [d.text[p.start : p.end] for d in documents for p in parts_of(d, PART_CHARACTERS)]
        part = max(parts, key=len)
        prompt = messages(tools, part, "Summarise it.")
        writing = tools.engine.generate(prompt, Sampling(max_tokens=8), cancel=tools.cancel)
        list(writing)
        usage = writing.usage
        a_token = (usage.total_ms - usage.first_token_ms) / max(1, usage.answer - 1)
        whole = sum(map(len, parts)) / max(1, len(part))
        seconds += (usage.first_token_ms * whole + a_token * PART_TOKENS * len(parts)) / 1000
        tokens += round(usage.prompt * whole) + PART_TOKENS * len(parts)
    return Cost(tokens, seconds)


def ask_first(tools: Tools, *documents: Document) -> None:
    """Raise UsageError with the command that agrees, where the task takes more than ``LONG_S`` and nobody agreed."""
    if tools.agreed or sum(len(d.text) for d in documents) < PART_CHARACTERS:
        return
    cost = cost_of(tools, *documents)
    if cost.seconds > LONG_S:
        names = " and ".join(f"'{d.name}'" for d in documents)
        task = "summarise" if len(documents) == 1 else "compare"
        library = tools.settings.library
        where = () if library == DEFAULT_LIBRARY else ("--library", library)
        names_given = tools.called or tuple(d.name for d in documents)
        end = ("--",) if any(name.startswith("-") for name in names_given) else ()
        command = shlex.join(("lectern", task, *where, "--yes", *end, *names_given))
        raise UsageError(f"to {task} {names} takes {cost}.", f"If that is well: {command}")


def called(document: Document, library: "Library") -> str:
    """What the library's commands know a document by: its name, or where that is another's too, its id."""
    try:
        return document.name if library.find(document.name) == document.id else document.id
    except UnknownDocument:  # several are called so
        return document.id
