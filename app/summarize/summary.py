"""Summarises a whole document; every sentence is quoted from it, or supported by the pages it cites.

    sections -> the most salient sentences of each -> the best of all sections, without repeats

All of the document is read. A model that is good enough writes each section's sentences itself, and those that the
section supports are kept. Without one, the document's own sentences are the summary.
"""

import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from app.answer.draft import total_usage
from app.answer.events import Event, Note, Progressed
from app.answer.support import supported_sentences
from app.answer.untrusted import plain_text
from app.summarize.context import TaskContext
from app.summarize.cost import require_consent
from app.summarize.phrasing import write_on
from app.summarize.reading import READING, ReadDocument, note_orders, read_document
from app.summarize.result import build_answer
from app.summarize.salience import select_sentences
from app.summarize.sections import Section
from core.messages import _, ngettext
from core.protocols import ChatEngine
from core.types import AnswerSentence, Citation, Document, Usage
from ingest.locate import locate

PER_ROOT = 1.4
"""A summary of n sentences has ``PER_ROOT`` times the square root of n: 9 of 42, 19 of 180, 50 of 1,300."""

FEWEST, MOST = 4, 40
"""Fewest and most sentences of a summary."""


def summarise(document: Document, context: TaskContext, sentences: int = 0) -> Generator[Event, None, None]:
    """Yields the events of a summary in about ``sentences`` sentences (0: by the document's length).

    They stand under the headings of the document's sections. Setting ``context.cancel`` ends it within 200 ms with what
    was read so far. Raises UsageError if it would take more than ``LONG_S`` seconds and nobody agreed.
    """
    started = time.perf_counter()
    require_consent(context, document)
    read = yield from read_document(document, context, _(READING, name=document.name))
    count = sentences or min(MOST, max(FEWEST, round(PER_ROOT * len(read.sentences) ** 0.5)))
    chosen = select_sentences(read.sentences, read.values, read.vectors, count)
    found = [(_heading(read, read.sentences[at].section), read.cite(at)) for at in chosen]
    usage, model = Usage(), ""
    if context.model_writes and chosen and not context.cancel.is_set():
        assert context.engine is not None
        found, usage = yield from _phrase(read, chosen, context, context.engine)
        model = context.engine.name
    yield from note_orders(document)
    yield build_answer(_("Summarise {name}", name=document.name), found, context, started, usage, model)


def _heading(read: ReadDocument, section: int) -> str:
    return read.sections[section].heading or read.document.title or read.document.name


def _phrase(
    read: ReadDocument, chosen: Sequence[int], context: TaskContext, engine: ChatEngine
) -> Generator[Event, None, tuple[list[tuple[str, AnswerSentence]], Usage]]:
    """Have the model write each section's sentences; returns (heading, sentence) in order, and the usage.

    Sentences that their section does not support are dropped; a section left with none keeps its own ``chosen`` ones.
    """
    by_section: dict[int, list[int]] = {}
    for at in chosen:
        by_section.setdefault(read.sentences[at].section, []).append(at)
    found: list[tuple[str, AnswerSentence]] = []
    usage, dropped = Usage(), 0
    for done, (number, members) in enumerate(by_section.items()):
        yield Progressed(_("Writing on {name}", name=read.document.name), done, len(by_section))
        section = read.sections[number]
        own = [read.cite(at) for at in members]
        if not context.cancel.is_set() and engine.load(context.cancel):
            text = plain_text(read.document.text, section.start, section.end)
            instruction = f"Summarise it in at most {len(members)} short sentence{'s' if len(members) > 1 else ''}."
            written, spent = yield from write_on(context, engine, text, instruction)
            usage = total_usage(usage, spent)
            said = supported_sentences(written, (_whole(read.document, section),), "", context.embedder, None)
            kept = [_placed(sentence, read.document) for sentence in said if sentence.supported][: len(members) + 1]
            dropped += len(said) - len(kept)
            own = kept or own
        found += [(_heading(read, number), sentence) for sentence in own]
    if dropped:
        yield Note(
            ngettext(
                "{count} sentence of the model that its part does not support was left out.",
                "{count} sentences of the model that its part does not support were left out.",
                dropped,
            )
        )
    return found, usage


def _whole(document: Document, section: Section) -> Citation:
    """A citation of the whole section."""
    place = locate(document.pages, document.text, section.start)
    text = document.text[section.start : section.end]
    return Citation(document.id, document.name, place, text, section.start, section.end, 1.0)


def _placed(sentence: AnswerSentence, document: Document) -> AnswerSentence:
    """The sentence with each citation's locator set to the quote's own page instead of its section's."""
    citations = (replace(c, locator=locate(document.pages, document.text, c.start)) for c in sentence.citations)
    return replace(sentence, citations=tuple(citations))
