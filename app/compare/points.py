"""What two documents that are no versions of one another say under headings alike."""

from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz import fuzz, process

from app.compare.result import Point, Side
from app.compare.sides import Sides, side_of
from app.compare.units import Unit
from core.types import Document

SAME_HEADING = 80
"""Least likeness of two headings, in per cent of their words and letters."""


def share_points(sides: Sides) -> tuple[Point, ...]:
    """The headings of both documents, each with what stands below it there, those that both have first."""
    old, new = sections_of(sides.old, sides.old_units), sections_of(sides.new, sides.new_units)
    names = [name.casefold() for name, _ in new]
    taken: set[int] = set()
    shared, alone = [], []
    for name, side in old:
        free = [one if at not in taken else "" for at, one in enumerate(names)]
        near = process.extractOne(name.casefold(), free, scorer=fuzz.token_sort_ratio, score_cutoff=SAME_HEADING)
        if near:
            taken.add(near[2])
            shared.append(Point(name, side, new[near[2]][1]))
        else:
            alone.append(Point(name, side, Side()))
    missing = [Point(name, Side(), side) for at, (name, side) in enumerate(new) if at not in taken]
    return (*shared, *alone, *missing)


def sections_of(document: Document, units: Sequence[Unit]) -> list[tuple[str, Side]]:
    """Each heading's own words, and what stands below it until the next."""
    found = []
    heads = [at for at, unit in enumerate(units) if unit.kind == "heading"]
    for at, after in pairwise([*heads, len(units)]):
        below = [unit for unit in units[at + 1 : after] if unit.kind != "margin"]
        name = " ".join(document.text[units[at].start : units[at].end].split())
        if below and name:
            found.append((name, side_of(document, below)))
    return found
