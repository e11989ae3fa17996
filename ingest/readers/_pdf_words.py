"""Words of a PDF's page by the boxes of its characters, and the lines that are drawn across it.

pdfium's own text rectangles follow kerning and tear figures apart; its characters' loose boxes do not.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.tables.layout.lines import Rule, Word

WORD_SPACE = 0.17
"""Of the letters' height: characters further apart belong to two words, also where no space was written."""

SAME_BASE = 0.1
"""Of the height: characters of one word share their baseline."""

THIN = 2.0
"""Points: the most height of a drawn line; a filled rectangle as thin is one."""


@dataclass(frozen=True, slots=True)
class PageWords:
    """A page as it is drawn. ``letters`` are its characters that are no white space, in its own order, with numbers."""

    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    letters: tuple[tuple[int, str], ...]


def page_words(page: Any, text_page: Any, hidden: frozenset[int]) -> PageWords:
    """The words of a page without its ``hidden`` characters."""
    upright = _Upright(page)
    characters = list(_characters(text_page, hidden, upright))
    words = tuple(_words(characters))
    return PageWords(words, tuple(_rules(page, upright)), tuple((one.at, one.letter) for one in characters))


class _Upright:
    """Places on a page -> places on it as it is shown, turned and counted from its lower left corner."""

    def __init__(self, page: Any) -> None:
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self._turn = page.get_rotation() % 360

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        match self._turn:
            case 90:
                return y - self._bottom, self._right - x
            case 180:
                return self._right - x, self._top - y
            case 270:
                return self._top - y, x - self._left
            case _:
                return x - self._left, y - self._bottom

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        (x0, y0), (x1, y1) = self(left, bottom), self(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


@dataclass(frozen=True, slots=True)
class _Character:
    at: int
    letter: str
    left: float
    right: float
    base: float
    height: float
    after_space: bool


def _characters(text_page: Any, hidden: frozenset[int], upright: _Upright) -> Iterator[_Character]:
    from pypdfium2 import raw

    handle = text_page.raw
    rectangle, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    letter_of, box_of, origin_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FPDFText_GetCharOrigin
    spaced = True
    for at in range(text_page.count_chars()):
        code = letter_of(handle, at)
        if code <= ord(" ") or code in (0xA0, 0xFFFE) or at in hidden:
            spaced = True
            continue
        box_of(handle, at, rectangle)
        origin_of(handle, at, x, y)
        left, bottom, right, top = upright.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        yield _Character(at, chr(code), left, right, upright(x.value, y.value)[1], top - bottom, spaced)
        spaced = False


def _words(characters: list[_Character]) -> Iterator[Word]:
    held: list[_Character] = []
    for one in characters:
        if held and not _continues(held[-1], one):
            yield _word(held)
            held = []
        held.append(one)
    if held:
        yield _word(held)


def _continues(before: _Character, after: _Character) -> bool:
    gap = after.left - before.right
    return (
        not after.after_space
        and -before.height < gap < WORD_SPACE * before.height
        and abs(after.base - before.base) < SAME_BASE * before.height
    )


def _word(held: list[_Character]) -> Word:
    return Word(
        text="".join(one.letter for one in held),
        left=held[0].left,
        right=max(one.right for one in held),
        base=held[0].base,
        height=max(one.height for one in held),
        first=held[0].at,
        last=held[-1].at,
    )


def _rules(page: Any, upright: _Upright) -> Iterator[Rule]:
    from pypdfium2 import raw

    sides = [ctypes.c_float() for _ in range(4)]
    for at in range(raw.FPDFPage_CountObjects(page.raw)):
        thing = raw.FPDFPage_GetObject(page.raw, at)
        if raw.FPDFPageObj_GetType(thing) != raw.FPDF_PAGEOBJ_PATH:
            continue
        raw.FPDFPageObj_GetBounds(thing, *sides)
        left, bottom, right, top = upright.box(*(side.value for side in sides))
        if top - bottom <= THIN < right - left:
            yield Rule(left, right, (bottom + top) / 2)
