"""Where the characters of a quote stand on a page: the text that was read is found again among the page's own signs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares (0..1) of the page as it is shown, from its upper left corner."""

FOUND_SHARE = 0.6
"""Of a quote's letters that must stand on the page in order; with fewer nothing is boxed."""

SHORTEST_RUN = 4
"""Letters in a row that count as found where a quote does not stand on the page letter by letter."""

AROUND = 600
"""Letters before and after the place where a quote is expected, in which its parts are looked for."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a text, folded; ``places[i]`` is the index in the text of letter i."""

    text: str
    places: tuple[int, ...]


def letters_of(text: str) -> Letters:
    """What two readings of a page share: no white space, no signs, no ligatures, no difference of case."""
    letters: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for letter in unicodedata.normalize("NFKC", sign).casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return Letters("".join(letters), tuple(places))


def find_quote(page: str, quote: str, before: str) -> list[int]:
    """The indices in ``page`` of the characters of ``quote``, in order; [] where it does not stand there.

    ``before`` is the text that was read of the page before the quote: of several places the one nearest to it is taken.
    """
    on_page, wanted = letters_of(page), letters_of(quote).text
    if not wanted:
        return []
    expected = len(letters_of(before).text)
    starts = _occurrences(on_page.text, wanted)
    if starts:
        start = min(starts, key=lambda at: abs(at - expected))
        return list(dict.fromkeys(on_page.places[start : start + len(wanted)]))
    first = max(0, expected - AROUND)
    window = on_page.text[first : expected + len(wanted) + AROUND]
    runs = SequenceMatcher(None, window, wanted, autojunk=False).get_matching_blocks()
    found = [first + run.a + at for run in runs if run.size >= SHORTEST_RUN for at in range(run.size)]
    if len(found) < FOUND_SHARE * len(wanted):
        return []
    return list(dict.fromkeys(on_page.places[at] for at in found))


def _occurrences(text: str, wanted: str) -> list[int]:
    starts, at = [], text.find(wanted)
    while at >= 0:
        starts.append(at)
        at = text.find(wanted, at + 1)
    return starts


def merge_lines(page: str, places: Sequence[int], box_of: Callable[[int], Rectangle | None]) -> tuple[Rectangle, ...]:
    """A rectangle for each stretch of a line that the characters ``places`` fill.

    ``box_of`` gives a character's own; None for one without extent.
    """
    lines: list[Rectangle] = []
    before = -2
    for place in places:
        box = box_of(place)
        if box is None:
            continue
        follows = before >= 0 and not any(map(str.isalnum, page[before + 1 : place]))
        if lines and follows and _same_line(lines[-1], box):
            last = lines[-1]
            lines[-1] = min(last[0], box[0]), min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3])
        else:
            lines.append(box)
        before = place
    return tuple(lines)


def _same_line(one: Rectangle, other: Rectangle) -> bool:
    """Whether two rectangles share more than half of the lower one's height."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > 0.5 * min(one[3] - one[1], other[3] - other[1])
