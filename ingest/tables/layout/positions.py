"""Characters as a page draws them -> where they stand in the document's text, which is cleaned and mended."""

from collections.abc import Iterable

from ingest.clean import clean

SIGHT = 12
"""Characters looked ahead where page and text differ: a hyphen that was mended, a letter that was taken out."""


def offsets(letters: Iterable[tuple[int, str]], text: str, start: int, end: int) -> dict[int, tuple[int, int]]:
    """For the number of each letter the first and the last offset (exclusive) in ``text`` between ``start`` and
    ``end``. Letters that are not there are left out.
    """
    places = [at for at in range(start, end) if not text[at].isspace()]
    found: dict[int, tuple[int, int]] = {}
    at = 0
    for number, letter in letters:
        shown = letter if letter.isascii() else "".join(clean(letter).split())
        if not shown:
            continue
        ahead = _ahead(text, places, at, shown)
        if ahead is None:
            continue
        at = ahead
        found[number] = (places[at], places[at + len(shown) - 1] + 1)
        at += len(shown)
    return found


def _ahead(text: str, places: list[int], at: int, shown: str) -> int | None:
    """Where ``shown`` stands next in the text without its white space; None where it does not stand in sight."""
    size = len(shown)
    for step in range(SIGHT):
        here = places[at + step : at + step + size]
        if len(here) < size:
            return None
        if all(text[place] == sign for place, sign in zip(here, shown, strict=True)):
            return at + step
    return None
