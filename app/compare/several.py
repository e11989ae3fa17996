"""Documents that are no versions of each other: what each says on each point, and which say nothing on it."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz import fuzz

from app.answer.events import Event, Note
from app.compare.points import sections_of
from app.compare.report.wording import LONGEST, shorten
from app.compare.result import Side
from app.compare.units import split_units
from app.summarize.context import TaskContext
from app.summarize.key_figures import cite
from app.summarize.reading import note_orders
from app.summarize.result import build_answer
from core.messages import _, ngettext
from core.protocols import Embedder
from core.types import AnswerSentence, Document, Usage
from index.relatedness import relatedness
from ingest.orders import find_orders

SAME_WORDS = 80
"""Least likeness of two headings of one point, in per cent of their words and letters."""

SAME_MEANING = 0.7
"""Least relatedness of two headings of one point: "Rent" and "Monthly rent", "Miete"."""


@dataclass(slots=True)
class SharedPoint:
    """A point by its first heading; ``sides`` are what documents say below such a heading, by their place in order."""

    heading: str
    vector: np.ndarray[tuple[int], np.dtype[np.float32]]
    sides: dict[int, Side] = field(default_factory=dict)


def compare_several(documents: Sequence[Document], context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of a comparison of two or more documents, point by point."""
    started = time.perf_counter()
    yield from note_orders(*documents)
    points = points_of_all(documents, context.embedder)
    for document in documents:
        if not document.text.strip():
            yield Note(_("{name} has no text to compare: it may be a scan.", name=document.name))
    shared = sum(len(point.sides) == len(documents) for point in points)
    counted = ngettext("{count} point", "{count} points", len(points))
    yield Note(_("{points}, {shared} of which all documents speak of.", points=counted, shared=shared), quiet=True)
    found = [
        (point.heading, _said(document, point.sides.get(at)))
        for point in points
        for at, document in enumerate(documents)
    ]
    names = ", ".join(document.name for document in documents)
    yield build_answer(_("Compare {names}", names=names), found, context, started, Usage(), "")


def points_of_all(documents: Sequence[Document], embedder: Embedder) -> list[SharedPoint]:
    """The points of all documents, those that most of them speak of first; a heading belongs to one."""
    points: list[SharedPoint] = []
    for at, document in enumerate(documents):
        sections = sections_of(document, split_units(document))
        if not sections:
            continue
        vectors = embedder.embed_passages([heading for heading, _ in sections])
        for (heading, side), vector in zip(sections, vectors, strict=True):
            free = [point for point in points if at not in point.sides]
            best = max(free, key=lambda point: _likeness(point, heading, vector, embedder), default=None)
            if best is None or _likeness(best, heading, vector, embedder) < 1.0:
                best = SharedPoint(heading, vector)
                points.append(best)
            best.sides[at] = side
    return sorted(points, key=lambda point: -len(point.sides))


def _likeness(
    point: SharedPoint, heading: str, vector: np.ndarray[tuple[int], np.dtype[np.float32]], embedder: Embedder
) -> float:
    """1 and up for two headings of one point."""
    words = fuzz.token_sort_ratio(point.heading.casefold(), heading.casefold()) / SAME_WORDS
    cosine = np.array([float(point.vector @ vector)], dtype=np.float32)
    return max(words, float(relatedness(cosine, embedder, "passages")[0]) / SAME_MEANING)


def _said(document: Document, side: Side | None) -> AnswerSentence:
    if side is None:
        return AnswerSentence(_("{name} says nothing under such a heading.", name=document.name), ())
    if find_orders(side.text):
        return AnswerSentence(_("{name}: what it says gives orders to a model.", name=document.name), ())
    quote = cite(document, side.first, side.last)
    return AnswerSentence(f"{document.name}: {shorten(side.text, LONGEST)}", (quote,))
