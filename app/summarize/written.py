"""What a model writes of a summary: each section's sentences, then the overview over them, checked against the text."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Generator, Sequence

from app.answer.citations import cite, on_their_pages
from app.answer.draft import total_usage
from app.answer.events import Event, Note, Progressed
from app.answer.support import supported_sentences
from app.answer.untrusted import plain_text
from app.summarize.context import TaskContext
from app.summarize.phrasing import write_on
from app.summarize.reading import ReadDocument
from app.summarize.sections import Section
from core.messages import _, ngettext
from core.types import AnswerSentence, Document, Usage

WITHIN_S = 300.0
"""Seconds that a model writes on sections; the others are quoted, and the same summary asked for again goes on."""

KEPT = 400
"""Sections whose sentences are remembered, so that a summary that was stopped goes on where it was."""

OVERVIEW_SENTENCES = 4

OVERVIEW_CHARACTERS = 8000
"""Characters of the sections' sentences that the overview is written over."""

_written: OrderedDict[tuple[str, str, int, int, int], str] = OrderedDict()
_remembering = threading.Lock()

Told = list[tuple[str, AnswerSentence]]


def write_sections(
    read: ReadDocument, chosen: Sequence[int], context: TaskContext
) -> Generator[Event, None, tuple[Told, Usage]]:
    """Have the model write each section's sentences; returns (heading, sentence) in order, and the usage.

    Sentences that their section does not support are dropped; a section left with none keeps its own ``chosen`` ones,
    and so do those that are left after ``WITHIN_S`` seconds. What was written is remembered.
    """
    by_section: dict[int, list[int]] = {}
    for at in chosen:
        by_section.setdefault(read.sentences[at].section, []).append(at)
    found: Told = []
    usage, dropped, late, started = Usage(), 0, 0, time.perf_counter()
    for done, (number, members) in enumerate(by_section.items()):
        yield Progressed(_("Writing on {name}", name=read.document.name), done, len(by_section))
        section = read.sections[number]
        own = [read.cite(at) for at in members]
        is_late = time.perf_counter() - started > WITHIN_S
        written, spent = yield from _section_text(read, section, len(members), context, is_late=is_late)
        usage = total_usage(usage, spent)
        late += is_late and not written
        if written:
            whole = cite(read.document, section.start, section.end)
            said = supported_sentences(written, (whole,), "", context.embedder, None)
            supported = [sentence for sentence in said if sentence.supported][: len(members) + 1]
            kept = on_their_pages(supported, {read.document.id: read.document})
            dropped += len(said) - len(kept)
            own = list(kept) or own
        heading = section.heading or read.document.title or read.document.name
        found += [(heading, sentence) for sentence in own]
    yield from _notes(dropped, late)
    return found, usage


def write_overview(
    document: Document, sentences: Sequence[AnswerSentence], context: TaskContext, usage: Usage
) -> Generator[Event, None, tuple[list[AnswerSentence], Usage]]:
    """Have the model write an overview over the sentences of all sections; only what their quotes support is kept."""
    engine = context.engine
    if engine is None or context.cancel.is_set() or not engine.load(context.cancel):
        return [], usage
    text = "\n".join(one.text for one in sentences)
    yield Progressed(_("Writing on {name}", name=document.name), 1, 1)
    instruction = f"Say what it is and what it comes to, in {OVERVIEW_SENTENCES} short sentences."
    written, spent = yield from write_on(context, engine, text[:OVERVIEW_CHARACTERS], instruction)
    sources = tuple(dict.fromkeys(citation for one in sentences for citation in one.citations))
    said = supported_sentences(written, sources, "", context.embedder, None)
    return [one for one in said if one.supported], total_usage(usage, spent)


def _section_text(
    read: ReadDocument, section: Section, count: int, context: TaskContext, *, is_late: bool
) -> Generator[Event, None, tuple[str, Usage]]:
    """What the model writes on a section, or wrote before; "" where it may not write any more."""
    engine = context.engine
    assert engine is not None, "called where a model writes"
    key = (read.document.id, engine.name, section.start, section.end, count)
    with _remembering:
        known = _written.get(key, "")
    if known or is_late or context.cancel.is_set() or not engine.load(context.cancel):
        return known, Usage()
    text = plain_text(read.document.text, section.start, section.end)
    instruction = f"Summarise it in at most {count} short sentence{'s' if count > 1 else ''}."
    written, spent = yield from write_on(context, engine, text, instruction)
    if not context.cancel.is_set():
        with _remembering:
            _written[key] = written
            while len(_written) > KEPT:
                _written.popitem(last=False)
    return written, spent


def _notes(dropped: int, late: int) -> Generator[Event, None, None]:
    if late:
        said = _(
            "The model wrote for {seconds} seconds; {count} parts are quoted instead. Ask again, and it goes on there.",
            seconds=round(WITHIN_S),
            count=late,
        )
        yield Note(said)
    if dropped:
        yield Note(
            ngettext(
                "{count} sentence of the model that its part does not support was left out.",
                "{count} sentences of the model that its part does not support were left out.",
                dropped,
            )
        )
