"""The result of a comparison: differences by weight, each with its place in both documents, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.messages import N_
from core.types import Document, Locator

Kind = Literal["changed", "added", "removed", "moved", "split", "joined", "cell", "column added", "column removed"]
Weight = Literal["must", "wording", "layout"]
Tag = Literal["number", "unit", "date", "name", "small word", "clause"]

WEIGHTS: tuple[Weight, ...] = ("must", "wording", "layout")

HEADINGS: dict[Weight, str] = {
    "must": N_("Not to be missed"),
    "wording": N_("Wording"),
    "layout": N_("Place and layout"),
}

TAGS: dict[Tag, str] = {
    "number": N_("number"),
    "unit": N_("unit"),
    "date": N_("date"),
    "name": N_("name"),
    "small word": N_("small word"),
    "clause": N_("clause"),
}

KINDS: dict[Kind, str] = {
    "changed": N_("changed"),
    "added": N_("added"),
    "removed": N_("removed"),
    "moved": N_("moved"),
    "split": N_("split"),
    "joined": N_("joined"),
    "cell": N_("table cell changed"),
    "column added": N_("table column added"),
    "column removed": N_("table column removed"),
}


NOWHERE = Locator(None, "")


@dataclass(frozen=True, slots=True)
class Side:
    """What a difference is in one of the documents.

    ``start``..``end`` are the characters that differ, empty where something is missing here; ``first``..``last`` those
    of the sentence or clause that they stand in; all are -1 where the whole clause is missing. ``sentence`` is what
    these say on one line, without what a page's margins put between, and ``sentence[at:to]`` the part that differs.
    ``place`` is the heading or number that it stands under.
    """

    start: int = -1
    end: int = -1
    first: int = -1
    last: int = -1
    sentence: str = ""
    at: int = 0
    to: int = 0
    place: str = ""
    locator: Locator = NOWHERE

    @property
    def there(self) -> bool:
        return self.first >= 0

    @property
    def text(self) -> str:
        """The part that differs, on one line."""
        return self.sentence[self.at : self.to]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. ``old`` and ``new`` say what it is in either document; ``tags`` why it weighs what it does.

    ``label`` names a table's cell, "Rent, 2024"; "" elsewhere.
    """

    kind: Kind
    weight: Weight
    tags: tuple[Tag, ...]
    old: Side
    new: Side
    label: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A heading that unlike documents may share; ``sides`` are what each says below it, in order, one that is not
    ``there`` where it is missing."""

    heading: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Aligned:
    """A row of the view side by side: characters of the old and of the new document, None where there is none."""

    old: tuple[int, int] | None
    new: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that two documents differ in.

    ``differences`` are all there are, the weightiest first, in the documents' order. ``same_words`` counts the words of
    the old document that stand unchanged in the new one, of ``old_words`` and ``new_words`` in all. ``renumbered``
    counts clauses and rows whose number alone is another. ``versions`` is False where the documents have too little in
    common to be versions of one another: ``points`` are then what they say under headings alike. ``notes`` are lines
    that a reader must know. ``rows`` align all of both texts, in order.
    """

    old: Document
    new: Document
    differences: tuple[Difference, ...]
    old_words: int
    new_words: int
    same_words: int
    renumbered: int
    versions: bool = True
    points: tuple[Point, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[Aligned, ...] = ()

    def of(self, weight: Weight) -> tuple[Difference, ...]:
        return tuple(one for one in self.differences if one.weight == weight)

    @property
    def identical(self) -> bool:
        """Whether not a word differs."""
        return not self.differences

    def counts(self) -> dict[Kind, int]:
        """How many differences there are of each kind that there are any of."""
        found: dict[Kind, int] = {}
        for one in self.differences:
            found[one.kind] = found.get(one.kind, 0) + 1
        return found


def numbered(comparison: Comparison) -> Sequence[tuple[int, Difference]]:
    """The differences with their numbers, from 1."""
    return tuple(enumerate(comparison.differences, 1))
