"""Summarises a whole document; every sentence is quoted from it, or supported by the pages it cites.

    sections -> the most salient sentences of each -> overview, by section, key figures, dates, parties, open points

All of the document is read. A model that is good enough writes each section's sentences itself, and then the overview
over what it wrote; those that the document supports are kept. Without one, the summary is the document's own sentences.
"""

import time
from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from app.answer.events import Event
from app.summarize.context import TaskContext
from app.summarize.cost import require_consent
from app.summarize.focus import choose_focused, heeded
from app.summarize.key_figures import figures_of
from app.summarize.key_points import key_points
from app.summarize.overview import identity
from app.summarize.reading import READING, ReadDocument, note_orders, read_document
from app.summarize.request import SummaryRequest
from app.summarize.result import build_answer
from app.summarize.salience import select_sentences
from app.summarize.written import write_overview, write_sections
from core.facets import Facets
from core.messages import N_, _
from core.types import AnswerSentence, Document, Usage
from ingest.facets.read import read_facets

PER_ROOT = 1.4
"""The part by section has ``PER_ROOT`` times the square root of n sentences: 9 of 42, 19 of 180, 50 of 1,300."""

FEWEST, MOST = 4, 40
"""Fewest and most sentences by section."""

OVERVIEW = 4
"""Sentences of the overview below the line that says what the document is; a third of them may be key figures."""

OVERVIEW_FIGURES = 3
"""Key figures of tables that the overview tells."""

HEAD = N_("Overview")
FOCUSED = N_("What concerns “{focus}”")

WHOLE = SummaryRequest()

Told = list[tuple[str, AnswerSentence]]
"""Sentences in order, each with the heading that it stands under."""


def summarise(
    document: Document, context: TaskContext, request: SummaryRequest = WHOLE, facets: Facets | None = None
) -> Generator[Event, None, None]:
    """Yields the events of a summary as ``request`` asks for it; ``facets`` are read from the document where None.

    Setting ``context.cancel`` ends it within 200 ms with what was read so far. Raises UsageError if it would take more
    than ``LONG_S`` seconds and nobody agreed, or if the document has no section of the number that is asked for.
    """
    started = time.perf_counter()
    facets = facets or read_facets(document)
    yield from require_consent(context, document)
    orders = list(note_orders(document))  # before it is read: it may be stopped in the middle of that
    read = yield from read_document(document, context, _(READING, name=document.name))
    request, near = heeded(read, request, context.embedder)
    found: Told = []
    usage = Usage()
    if not read.sentences:
        found = [(_(HEAD), one) for one in figures_of(document, facets)]
    elif request.is_partial or request.sentences:
        found = _as_asked(read, request, near, facets)
    else:
        found, usage = yield from _whole(read, facets, context)
    yield from orders
    scan = "" if document.text.strip() else _("{name} has no text to summarise: it may be a scan.", name=document.name)
    model = context.engine.name if usage.answer and context.engine else ""
    said = _("Summarise {name}", name=document.name)
    yield build_answer(said, found, context, started, usage, model, nothing=scan)


def _as_asked(read: ReadDocument, request: SummaryRequest, near: NDArray[np.float32] | None, facets: Facets) -> Told:
    """As many sentences as are asked for, of the section or what concerns the focus, in the document's order.

    Of all of the document, what it is and its key figures are the first of them. ``near`` is how much each sentence
    concerns the focus.
    """
    told: list[AnswerSentence] = []
    if not request.is_partial:
        most = min(request.sentences // 3, request.sentences // 2 - 1)
        told = [identity(read.document, facets), *(figures_of(read.document, facets)[:most] if most > 0 else ())]
    chosen = choose_focused(read, request, near, request.sentences - len(told))
    head = _(FOCUSED, focus=request.focus) if request.focus else ""
    return [("", one) for one in told] + [
        (head or (_heading(read, at) if request.is_partial else ""), read.cite(at)) for at in chosen
    ]


def _whole(read: ReadDocument, facets: Facets, context: TaskContext) -> Generator[Event, None, tuple[Told, Usage]]:
    figures = figures_of(read.document, facets)
    chosen = _overview(read, max(1, min(OVERVIEW - min(2, len(figures)), len(read.sentences) // 3)))
    overview = [read.cite(at) for at in chosen]
    sections = _by_section(read, chosen)
    by_section = [(_heading(read, at), read.cite(at)) for at in sections]
    usage = Usage()
    if context.model_writes and sections and not context.cancel.is_set():
        by_section, usage = yield from write_sections(read, sections, context)
        written, usage = yield from write_overview(read.document, [one for _, one in by_section], context, usage)
        overview = written or overview
    told = [identity(read.document, facets), *figures[:OVERVIEW_FIGURES], *overview]
    by_section = _with_tables(read, by_section, figures)
    found: Told = [(_(HEAD), sentence) for sentence in told]
    found += by_section
    if not context.cancel.is_set():
        found += key_points(read, facets, figures, [one for _, one in found], context.embedder)
    return _each_once(found), usage


def _each_once(found: Told) -> Told:
    """Without the sentences whose quote another one's holds: "He resigned." beside "Mr Hill wrote. He resigned."."""
    spans = [one.citations[0] for _, one in found if len(one.citations) == 1]
    places = {(one.start, one.end) for one in spans}

    def is_within(one: AnswerSentence) -> bool:
        if len(one.citations) != 1:
            return False
        start, end = one.citations[0].start, one.citations[0].end
        return any(first <= start and end <= last and (first, last) != (start, end) for first, last in places)

    return [(name, one) for name, one in found if not is_within(one)]


def _overview(read: ReadDocument, count: int) -> list[int]:
    """The best sentences of the whole document, in its order."""
    return select_sentences(read.sentences, read.values, read.vectors, count, [0] * len(read.sections))


def _with_tables(read: ReadDocument, by_section: Told, figures: Sequence[AnswerSentence]) -> Told:
    """Also the last key figure of each section that has tables alone: financial statements."""
    names = {name for name, _ in by_section}
    found = {}
    for figure in figures:
        start = figure.citations[0].start
        name = next((one.heading for one in read.sections if one.start <= start < one.end), "")
        if name and name not in names:
            found[name] = figure
    return sorted([*by_section, *found.items()], key=lambda told: told[1].citations[0].start)


def _by_section(read: ReadDocument, told: Sequence[int]) -> list[int]:
    """The best sentences of each section that the overview has not told; one at least of each, where it has another."""
    groups = read.groups
    left = [at for at in range(len(read.sentences)) if at not in told]
    there = {groups[read.sentences[at].section] for at in left}
    count = min(MOST, max(FEWEST, len(there), round(PER_ROOT * len(read.sentences) ** 0.5)))
    sentences = [read.sentences[at] for at in left]
    chosen = select_sentences(sentences, read.values[left], read.vectors[left], count, groups)
    return [left[at] for at in chosen]


def _heading(read: ReadDocument, at: int) -> str:
    """The heading that a sentence stands under."""
    section = read.sections[read.sentences[at].section]
    return section.heading or read.document.title or read.document.name
