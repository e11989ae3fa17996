"""Reads every page of a document for one question; what was found is quoted with its place.

pages -> sentences and rows -> a score by facts, by what they state, or by nearness -> [a model's yes or no] -> a list
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np

from app.answer.citations import cite
from app.answer.events import Event, Note, Progressed
from app.read_through.asked import AskedKind, asked_kinds
from app.read_through.judge import ListJudge
from app.read_through.parties import Parties, parties_of
from app.read_through.scoring import FOUND, MAYBE, SURE, unit_scores
from app.read_through.units import Unit, units_by_page
from app.summarize.context import TaskContext
from app.summarize.cost import estimate_cost
from app.summarize.reading import as_sentence, note_orders
from app.summarize.result import build_answer
from core.messages import N_, _, ngettext
from core.types import AnswerSentence, Citation, Document, Page, Usage
from index.language import language_of
from ingest.locate import locate

LONG_CHARACTERS = 500_000
"""Characters of a document from which it is said first how long it takes without a model: 300 pages."""

BATCH = 32
"""Units embedded between two checks for cancellation."""

CLEAR = 2
"""Sentences of each batch that are clearly none, which a model is asked about to know its No."""

OF_OTHERS = 0.4
"""What is left of the score of a sentence that names another party than the question alone: "paid by the landlord"."""

NOTHING = N_("Nothing of it was found on any page.")

Told = list[tuple[str, AnswerSentence]]


def read_through(document: Document, question: str, context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of the list that ``question`` asks for: progress by page, then the answer.

    Every page is read once. Setting ``context.cancel`` ends it with what was found so far; asked again, what a model
    has judged before is not judged anew.
    """
    started = time.perf_counter()
    pages = list(units_by_page(document))
    kinds, language = asked_kinds(question, context.embedder), language_of(document.text)
    judge = ListJudge(context.engine, question, context.cancel) if context.model_writes and context.engine else None
    parties = parties_of(question, document)
    if len(document.text) > LONG_CHARACTERS:
        yield Note(_("This takes {cost}.", cost=estimate_cost(replace(context, engine=None), document)))
    found: Told = []
    read = 0
    for page, units in pages:
        if context.cancel.is_set():
            break
        yield Progressed(_("Reading {name}", name=document.name), read, len(pages))
        listed = _found_on(document, units, question, kinds, language, parties, context, judge)
        found += [(_head(document, page), _sentence(document, unit)) for unit in listed]
        read += not context.cancel.is_set()
    yield from note_orders(document)
    if not pages:
        scan = _("{name} has no text to read: it may be a scan.", name=document.name)
        yield build_answer(question, (), context, started, Usage(), "", nothing=scan)
        return
    said = ngettext("{read} of {count} page read", "{read} of {count} pages read", len(pages), read=read)
    number = ngettext("{count} place found", "{count} places found", len(found))
    yield Note(f"{said}; {number}.", quiet=read == len(pages) and bool(found))
    model = context.engine.name if judge and context.engine else ""
    nothing = _(NOTHING) if read == len(pages) else ""
    yield build_answer(question, found, context, started, Usage(), model, nothing=nothing)


def _found_on(
    document: Document,
    units: Sequence[Unit],
    question: str,
    kinds: Sequence[AskedKind],
    language: str,
    parties: Parties,
    context: TaskContext,
    judge: ListJudge | None,
) -> list[Unit]:
    """The units of one page that are listed, in order."""
    found: list[Unit] = []

    def quote(unit: Unit) -> Citation:
        return cite(document, unit.start, unit.end)

    for first in range(0, len(units), BATCH):
        if context.cancel.is_set():
            break
        batch = units[first : first + BATCH]
        scores = unit_scores(batch, question, kinds, language, context.embedder)
        scores *= [OF_OTHERS if parties.is_of_another(unit.text) else 1 for unit in batch]
        is_open = (scores >= MAYBE) & (scores < SURE)
        if judge and is_open.any():
            judge.learn_no([quote(batch[at]) for at in np.argsort(scores)[:CLEAR] if scores[at] < MAYBE])
        for at, unit in enumerate(batch):
            said = judge.says_yes(quote(unit)) if judge and is_open[at] and not context.cancel.is_set() else None
            if scores[at] >= FOUND if said is None else said:
                found.append(unit)
    return found


def _sentence(document: Document, unit: Unit) -> AnswerSentence:
    return AnswerSentence(as_sentence(document, unit.start, unit.text), (cite(document, unit.start, unit.end),))


def _head(document: Document, page: Page) -> str:
    """The page as its reader names it: "p. 12", "slide 3", a heading."""
    if page.kind == "lines":
        return ""
    start = page.start + len(document.text[page.start : page.end]) - len(document.text[page.start : page.end].lstrip())
    return locate(document.pages, document.text, start).label if page.kind != "sheet" else page.label
