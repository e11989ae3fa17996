"""Words of a page -> lines, and their segments: words that stand close together, in a row of a table a cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import regex

from core.tables import Box
from ingest.tables.numbers import figure, is_none

Kind = Literal["figure", "sign", "text"]
"""A figure or a dash; a sign that belongs to one beside it; anything else."""

SAME_LINE = 0.35
"""Of the letters' height: two words whose baselines differ by less stand on one line."""

WORD_GAP = 0.45
"""Of the height: a wider space ends a segment of a row that has wide gaps; words stand some 0.25 apart."""

CELL_GAP = 0.8
"""Of the height: a space as wide tells a row of cells from prose, whose justified lines stretch their spaces to 0.7."""

_SIGN = regex.compile(r"\p{Lu}{0,3}\p{Sc}|[%)‰]{1,2}|\p{Sc}?\(")
_YEAR = regex.compile(r"(?:FY\s?)?(?:19|20)\d\d[AEFBP]?(?:\s?\(\w\)|[*†¹²³])?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page: its box as the page is shown, in points from its lower left corner; ``base`` is the baseline.

    ``first`` and ``last`` number its characters in the page's own order, ``height`` is that of its letters' line.
    """

    text: str
    left: float
    right: float
    base: float
    height: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A line drawn across a page, in points as `Word`."""

    left: float
    right: float
    at: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a line that stand close together."""

    words: tuple[Word, ...]
    kind: Kind
    text: str
    left: float
    right: float

    @property
    def center(self) -> float:
        return (self.left + self.right) / 2

    @property
    def box(self) -> Box:
        base, height = min(word.base for word in self.words), max(word.height for word in self.words)
        return self.left, base - 0.25 * height, self.right, base + 0.75 * height

    @property
    def digits(self) -> tuple[float, float]:
        """The left and right end without the sign of a currency that stands apart, by which columns are told."""
        bare = [word for word in self.words if not _SIGN.fullmatch(word.text)] or list(self.words)
        return bare[0].left, bare[-1].right

    @property
    def is_year(self) -> bool:
        return bool(_YEAR.fullmatch(self.text))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page; ``segments`` from left to right. ``height`` is that of its letters."""

    segments: tuple[Segment, ...]
    base: float
    height: float
    page: int = 0

    @property
    def left(self) -> float:
        return self.segments[0].left

    @property
    def right(self) -> float:
        return self.segments[-1].right

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)

    @property
    def figures(self) -> list[Segment]:
        return [segment for segment in self.segments if segment.kind == "figure"]


@dataclass
class _Gathered:
    base: float
    height: float
    words: list[Word] = field(default_factory=list)


def lines_of(words: Sequence[Word], page: int) -> list[Line]:
    """The lines of a page, from top to bottom."""
    gathered: list[_Gathered] = []
    for word in sorted(words, key=lambda word: -word.base):
        near = next((one for one in gathered[-3:] if abs(one.base - word.base) < SAME_LINE * one.height), None)
        if near is None:
            near = _Gathered(word.base, word.height)
            gathered.append(near)
        near.words.append(word)
    lines = []
    for one in gathered:
        ordered = sorted(one.words, key=lambda word: word.left)
        height = sorted(word.height for word in ordered)[len(ordered) // 2]
        lines.append(Line(tuple(_segments(ordered, height)), one.base, height, page))
    return lines


def join(words: Iterable[Word]) -> str:
    """The text of words in reading order, with a space where there is a gap."""
    shown = ""
    before: Word | None = None
    for word in words:
        gap = before is not None and word.left - before.right > 0.1 * word.height
        shown += f" {word.text}" if gap else word.text
        before = word
    return shown


def segment_of(words: Sequence[Word]) -> Segment:
    text = join(words)
    return Segment(tuple(words), kind_of(text), text, words[0].left, max(word.right for word in words))


@lru_cache(maxsize=4096)
def kind_of(text: str) -> Kind:
    """Whether a text is a figure or a dash in its place, a sign of one, or words."""
    if _SIGN.fullmatch(text):
        return "sign"
    return "figure" if is_none(text) or figure(text, ".") or figure(text, ",") else "text"


def runs(words: Sequence[Word], gap: float) -> list[list[Word]]:
    """The words of a line, parted where a space is wider than ``gap`` points."""
    found: list[list[Word]] = []
    for word in words:
        if found and word.left - found[-1][-1].right <= gap:
            found[-1].append(word)
        else:
            found.append([word])
    return found


def _segments(words: list[Word], height: float) -> list[Segment]:
    if len(runs(words, CELL_GAP * height)) == 1:
        return [segment_of(words)]
    return _with_signs([segment_of(run) for run in runs(words, WORD_GAP * height)], height)


def _with_signs(segments: list[Segment], height: float) -> list[Segment]:
    """Figures with the signs beside them: "$" before, however far, ")" and "%" close behind."""
    found: list[Segment] = []
    for segment in segments:
        if found and _belong(found[-1], segment, height):
            found[-1] = _joined(found[-1], segment)
        else:
            found.append(segment)
    return found


def _belong(before: Segment, after: Segment, height: float) -> bool:
    gap = after.left - before.right
    match before.kind, after.kind:
        case "sign", "figure":
            return before.text[-1] not in "%)"
        case "figure", "sign":
            return after.text[0] in "%)‰" and gap < 2 * height
        case "text", "text":  # a space between words, a little wide
            return gap < CELL_GAP * height
        case _:
            return False


def _joined(before: Segment, after: Segment) -> Segment:
    words = (*before.words, *after.words)
    text = f"{before.text} {after.text}"
    kind: Kind = "figure" if "figure" in (before.kind, after.kind) else "text"
    return Segment(words, kind, text, before.left, max(before.right, after.right))
