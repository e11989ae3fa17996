"""Documents that are no versions of each other: what each says on each point, and which say nothing on it."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from itertools import combinations

from app.answer.citations import cite
from app.answer.events import Event, Note
from app.compare.points import sections_of, share_points
from app.compare.report.wording import LONGEST, shorten
from app.compare.result import Point, Side
from app.compare.units import split_units
from app.summarize.context import TaskContext
from app.summarize.reading import note_orders
from app.summarize.result import build_answer
from core.messages import _, ngettext
from core.types import AnswerSentence, Document, Usage
from ingest.orders import find_orders


def compare_several(documents: Sequence[Document], context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of a comparison of two or more documents, point by point."""
    started = time.perf_counter()
    yield from note_orders(*documents)
    points = share_points([sections_of(one, split_units(one)) for one in documents], context.embedder)
    for document in documents:
        if not document.text.strip():
            yield Note(_("{name} has no text to compare: it may be a scan.", name=document.name))
    for one, other in combinations(documents, 2):
        if one.text == other.text and one.text.strip():
            yield Note(_("Not a word differs between {one} and {other}.", one=one.name, other=other.name))
    shared = sum(all(side.there for side in point.sides) for point in points)
    counted = ngettext("{count} point", "{count} points", len(points))
    if points:
        yield Note(_("{points}, {shared} of which all documents speak of.", points=counted, shared=shared), quiet=True)
    names = [document.name for document in documents]
    asked = _("Compare {names}", names=", ".join(names))
    nothing = _("They have no headings to compare them by. Two of them can be compared word by word.")
    yield build_answer(asked, told_on(points, documents), context, started, Usage(), "", names, nothing)


def told_on(points: Sequence[Point], documents: Sequence[Document]) -> list[tuple[str, AnswerSentence]]:
    """What each document says on each point, and which say nothing: (heading, sentence) in order."""
    return [
        (point.heading, _said(document, side))
        for point in points
        for document, side in zip(documents, point.sides, strict=True)
    ]


def _said(document: Document, side: Side) -> AnswerSentence:
    """What a document says below a heading, cited; what gives orders to a model is not repeated."""
    if not side.there:
        return AnswerSentence(_("{name} says nothing under such a heading.", name=document.name), ())
    if find_orders(side.text):
        return AnswerSentence(_("{name}: what it says gives orders to a model.", name=document.name), ())
    quote = cite(document, side.first, side.last)
    return AnswerSentence(f"{document.name}: {shorten(side.text, LONGEST)}", (quote,))
