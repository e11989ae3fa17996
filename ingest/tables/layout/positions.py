"""Characters as a page draws them -> where they stand in the document's text, which is cleaned and mended."""

from collections.abc import Iterable

from ingest.clean import clean

SIGHT = 12
"""Characters looked ahead where page and text differ: a hyphen that was mended, a letter that was taken out."""

CONFIRMED = 3
"""Letters that must follow where one is found further on."""


def offsets(letters: Iterable[tuple[int, str]], text: str, start: int, end: int) -> dict[int, tuple[int, int]]:
    """For the number of each letter the first and the last offset (exclusive) in ``text`` between ``start`` and
    ``end``. Letters that are not there are left out.
    """
    places = [at for at in range(start, end) if not text[at].isspace()]
    shown = [(number, _shown(letter)) for number, letter in letters]
    shown = [(number, signs) for number, signs in shown if signs]
    found: dict[int, tuple[int, int]] = {}
    at = 0
    for order, (number, signs) in enumerate(shown):
        after = "".join(signs for _, signs in shown[order + 1 : order + 1 + CONFIRMED])
        ahead = _ahead(text, places, at, signs, after)
        if ahead is None:
            continue
        at = ahead
        found[number] = (places[at], places[at + len(signs) - 1] + 1)
        at += len(signs)
    return found


def _shown(letter: str) -> str:
    return letter if letter.isascii() and not letter.isspace() else "".join(clean(letter).split())


def _ahead(text: str, places: list[int], at: int, signs: str, after: str) -> int | None:
    """Where ``signs`` stand next in the text without its white space; None where they do not stand in sight. Further
    on they count only with those that come ``after``: a letter that the text has not would leap to the next like it."""
    for step in range(SIGHT):
        wanted = signs + after if step else signs
        here = places[at + step : at + step + len(wanted)]
        if len(here) < len(signs):
            return None
        if all(text[place] == sign for place, sign in zip(here, wanted, strict=False)):
            return at + step
    return None
