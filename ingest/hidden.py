"""Text that a file holds but does not show: how it is reported, and signs that hide words in any text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.types import Page, PageKind
from ingest.clean import one_line

TINY_POINTS = 2.0
"""Points. Smaller text (0.7 mm) is hidden text; the smallest print of contracts has 4 to 6 points."""

SHOWN_CHARACTERS = 80
"""Characters that a warning quotes of a hidden text, or of an order to a model."""

PLACES_NAMED = 8
"""Most pages that a warning names one by one."""

STRUCK = "struck out"
"""How text is hidden that a file shows with a line through it: it holds no more."""

_PLACES: dict[PageKind, str] = {"page": "p. ", "slide": "slide "}

# ASCII in the tag block (Unicode 16, 23.9), which nothing shows; variation selectors in a row, which can hold bytes.
_TAGS = re.compile(r"[\U000E0020-\U000E007F]{2,}|[\U000E0100-\U000E01EF]{2,}")
_FLAG_EMOJI = "\U0001f3f4"
"""The black flag: tags after it name a region (England, Texas) and are part of the emoji."""
_OVERRIDES = re.compile("[\u202d\u202e]")
# Bits as zero-width signs: no script needs so many in a row.
_ZERO_WIDTH_RUN = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff]{8,}")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text that a file holds and does not show; ``why`` says how it is hidden ("white text")."""

    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Something hidden on page ``page`` (from 1; 0: anywhere in the document). ``kept``: it was read all the same."""

    hidden: Hidden
    page: int
    kept: bool

    @property
    def flag(self) -> str:
        if self.kept:
            return self.hidden.why
        said = _left_out(self.hidden.why, "", "")
        return said[:1].lower() + said[1:]


def hidden_signs(raw: str) -> list[Hidden]:
    """The texts that ``raw`` text from a file hides in signs which ``clean`` removes."""
    if raw.isascii():
        return []
    found = []
    for match in _TAGS.finditer(raw):
        if raw[match.start() - 1 : match.start()] != _FLAG_EMOJI:
            shown = (chr(ord(sign) - 0xE0000) for sign in match[0] if 0xE0020 <= ord(sign) < 0xE007F)
            found.append(Hidden("tag characters", "".join(shown)))
    if _ZERO_WIDTH_RUN.search(raw):
        found.append(Hidden("zero-width signs"))
    if _OVERRIDES.search(raw):
        found.append(Hidden("signs that turn the order of letters"))
    return found


def warnings(found: Sequence[HiddenText], pages: Sequence[Page]) -> list[str]:
    """A line for each way of hiding, with its places and the first words that were hidden."""
    grouped: dict[tuple[str, bool], list[HiddenText]] = {}
    for one in found:
        grouped.setdefault((one.hidden.why, one.kept), []).append(one)
    return [_warning(why, kept, group, pages) for (why, kept), group in grouped.items()]


def _warning(why: str, kept: bool, group: Sequence[HiddenText], pages: Sequence[Page]) -> str:
    places = _places([pages[one.page - 1] for one in group if 0 < one.page <= len(pages)])
    if kept:
        return f"{why[:1].upper()}{why[1:]}, read all the same{f': {places}' if places else ''}."
    between = " … " if why == STRUCK else " "
    text = one_line(between.join(one.hidden.text for one in group if one.hidden.text), SHOWN_CHARACTERS)
    return _left_out(why, places, text) + "."


def _left_out(why: str, places: str, text: str) -> str:
    on, quoted = f" on {places}" if places else "", f": “{text}”" if text else ""
    if why == STRUCK:
        return f"Struck-out text{on} was left out{quoted}"
    return f"Hidden text{on} was left out ({why}){quoted}"


def _places(pages: Iterable[Page]) -> str:
    names = dict.fromkeys(_PLACES[p.kind] + str(p.number) if p.kind in _PLACES else p.label for p in pages)
    named = [name for name in names if name]
    more = len(named) - PLACES_NAMED
    return ", ".join(named[:PLACES_NAMED]) + (f" and {more} more" if more > 0 else "")
