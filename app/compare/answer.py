"""A comparison as the answer of a turn of a conversation: every difference on a line, cited in both documents."""

import time
from collections.abc import Generator

from app.answer.citations import cite
from app.answer.events import Event, Note
from app.compare.comparison import compare_documents
from app.compare.gist import write_gist
from app.compare.report.wording import as_line, head_of, summary_lines
from app.compare.result import HEADINGS, Comparison, Side
from app.compare.several import told_on
from app.summarize.context import TaskContext
from app.summarize.reading import note_orders
from app.summarize.result import build_answer
from core.messages import N_, _
from core.types import AnswerSentence, Citation, Document, Usage
from ingest.orders import find_orders

MOST = 400
"""Differences that a conversation lists; a page with thousands of lines cannot be read, nor quickly drawn."""

MORE = N_("The weightiest {most} of {count} differences are listed here. All of them: {command}")
GIST = N_("What it comes to")
ORDERS = N_("what differs gives orders to a model, and is not repeated here")


def compare(old: Document, new: Document, context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of a comparison, which is made by code alone; what it comes to is put above it by a model."""
    started = time.perf_counter()
    comparison = compare_documents(old, new)
    yield from note_orders(old, new)
    if len(comparison.differences) > MOST and not comparison.points:
        names = " ".join(f"'{name}'" for name in (context.document_names or (old.name, new.name)))
        command = f"lectern compare {names} --html changes.html"
        yield Note(_(MORE, most=MOST, count=f"{len(comparison.differences):,}", command=command))
    for line in summary_lines(comparison):
        yield Note(line, quiet=line not in comparison.notes)
    found = told_on(comparison.points, (old, new)) if comparison.points else _differences(comparison)
    usage = Usage()
    if comparison.differences and not comparison.points:
        cited = [sentence.citations for _, sentence in found]
        gist, usage = yield from write_gist(comparison, cited, context)
        found = [*((_(GIST), sentence) for sentence in gist), *found]
    if comparison.identical and comparison.same_words:
        found = [("", AnswerSentence(comparison.notes[-1], (_begins(old), _begins(new))))]
    model = context.engine.name if usage.answer and context.engine else ""
    said = _("Compare {one} with {other}", one=old.name, other=new.name)
    compared = (old.name, new.name) if comparison.points else ()
    yield build_answer(said, found, context, started, usage, model, compared)


def _differences(comparison: Comparison) -> list[tuple[str, AnswerSentence]]:
    found = []
    for one in comparison.differences[:MOST]:
        sides = ((comparison.old, one.old), (comparison.new, one.new))
        citations = tuple(_cite(document, side) for document, side in sides if side.there)
        line = as_line(one)
        said = f"{head_of(one)}: {_(ORDERS)}" if find_orders(line) else line
        found.append((_(HEADINGS[one.weight]), AnswerSentence(said, citations)))
    return found


def _begins(document: Document) -> Citation:
    """The first line of a document."""
    start = len(document.text) - len(document.text.lstrip())
    end = document.text.find("\n", start)
    return cite(document, start, len(document.text) if end < 0 else end)


def _cite(document: Document, side: Side) -> Citation:
    quote = document.text[side.first : side.last]
    return Citation(document.id, document.name, side.locator, quote, side.first, side.last, 1.0)
