"""What documents that are no versions of one another say under headings alike."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from app.compare.result import Point, Side
from app.compare.sides import side_of
from app.compare.units import Unit
from core.protocols import Embedder
from core.types import Document
from index.relatedness import relatedness

SAME_WORDS = 80
"""Least likeness of two headings of one point, in per cent of their words and letters."""

SAME_MEANING = 0.7
"""Least relatedness of two headings of one point: "Rent" and "Monthly rent", "Miete"."""

Sections = Sequence[tuple[str, Side]]
"""Each heading of a document, and what stands below it."""


def share_points(documents: Sequence[Sections], embedder: Embedder | None = None) -> tuple[Point, ...]:
    """The points of all documents, those that most of them speak of first; a heading belongs to one.

    Headings are of one point by their words, and where there is an ``embedder`` by what they mean, too. A point is
    called by its first heading.
    """
    names = list(dict.fromkeys(name for own in documents for name, _ in own))
    vectors = dict(zip(names, embedder.embed_passages(names), strict=True)) if embedder and names else {}
    points: list[tuple[str, dict[int, Side]]] = []
    for at, own in enumerate(documents):
        left = dict(enumerate(own))
        alike = _likeness([heading for heading, _ in points], [name for name, _ in own], vectors, embedder)
        for (_, sides), row in zip(points, alike, strict=True):
            best = max(left, key=row.__getitem__, default=None)
            if best is not None and row[best] >= 1.0:
                sides[at] = left.pop(best)[1]
        points += [(name, {at: side}) for name, side in left.values()]
    points.sort(key=lambda point: -len(point[1]))
    return tuple(
        Point(heading, tuple(sides.get(at, Side()) for at in range(len(documents)))) for heading, sides in points
    )


def _likeness(
    ones: Sequence[str],
    others: Sequence[str],
    vectors: Mapping[str, NDArray[np.float32]],
    embedder: Embedder | None,
) -> list[list[float]]:
    """For each of ``ones`` how much each of the ``others`` is a heading of the same point: 1 and up where it is."""
    if not ones or not others:
        return [[] for _ in ones]
    folded = [[name.casefold() for name in names] for names in (ones, others)]
    likeness = process.cdist(*folded, scorer=fuzz.token_sort_ratio, dtype=np.float32) / SAME_WORDS
    if embedder:
        cosines = np.stack([vectors[name] for name in ones]) @ np.stack([vectors[name] for name in others]).T
        likeness = np.maximum(likeness, relatedness(cosines, embedder, "passages") / SAME_MEANING)
    rows: list[list[float]] = likeness.tolist()
    return rows


def sections_of(document: Document, units: Sequence[Unit]) -> Sections:
    """Each heading's own words, and what stands below it until the next."""
    found = []
    heads = [at for at, unit in enumerate(units) if unit.kind == "heading"]
    for at, after in pairwise([*heads, len(units)]):
        below = [unit for unit in units[at + 1 : after] if unit.kind != "margin"]
        name = " ".join(document.text[units[at].start : units[at].end].lstrip("# ").split())
        if below and name:
            found.append((name, side_of(document, below)))
    return found
