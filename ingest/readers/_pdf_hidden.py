"""The text of a PDF's page that the page shows, and what it holds besides: white, transparent, tiny or off the page.

pdfium tells for each character the object that drew it. Every ``STRIDE``-th character is looked at; only a page on
which one of them is suspect is looked at closely. Whether light text can be seen is asked of the page itself: it is
drawn with and without that text, and what makes no difference is hidden.
"""

import ctypes
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.hidden import TINY_POINTS, Hidden

STRIDE = 16
"""Characters between two that are looked at: any hidden sentence holds one of them, at a tenth of the text's time."""

LIGHT = 160
"""Of 255: from this brightness on, text may be invisible on paper. A page is drawn to see whether it is."""

FAINT = 26
"""Of 255: opacity below which text is as good as transparent (a tenth)."""

CONTRAST = 16
"""Of 255: a change of brightness below this is not seen (1.1 to 1; WCAG 2.2 asks for 4.5 to 1)."""

PIXELS_PER_POINT = 1.0
"""At which a page is drawn: the strokes of 5-point letters are half a pixel wide and change it by half."""

MOST_PIXELS = 4000
"""Of a drawn page's longer side: posters are drawn smaller, so that one takes 16 MB at most."""

SCAN_SHARE = 0.3
"""Of the page's area: an image of this size is a scan, and text without colour over it is what was recognized on it."""

_IF_UNSEEN = {"light": "no contrast with what is behind it", "layer": "in a layer that is switched off"}
"""What a character may be without being hidden, and why it is where the page looks the same without it."""

_INVISIBLE_MODE = 3
_CLIP_MODE = 7
_LAYER = "OC\0".encode("utf-16-le")

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Sign:
    """A character: its place in pdfium's list, its box (left, bottom, right, top) in points, its object, and what is
    wrong with it: "" for nothing, one of _IF_UNSEEN where only drawing can tell."""

    at: int
    box: Box
    thing: Any
    why: str


def hidden_text(page: Any, text_page: Any) -> tuple[dict[int, str], list[Hidden], frozenset[int]]:
    """What stands instead of the characters that the page does not show, by their numbers: white space for the first of
    a stretch, "" for the others; these stretches; and the numbers of the characters in them that are no white space."""
    looker = _Looker(page, text_page)
    count = text_page.count_chars()
    places = [at for at in range(0, count, STRIDE) if looker.suspicion(at)]
    ahead = ((looker.sign(near) for near in range(at, min(at + STRIDE, count))) for at in places)
    suspects = [sign for signs in ahead if (sign := next(filter(None, signs), None))]
    certain = any(sign.why not in _IF_UNSEEN for sign in suspects)
    if not suspects or not (certain or _unseen(page, suspects)):
        return {}, [], frozenset()
    signs = [sign for at in range(count) if (sign := looker.sign(at))]
    unsure = [sign for sign in signs if sign.why in _IF_UNSEEN]
    unseen = _unseen(page, unsure) if unsure else set()
    scans = _scans(page)
    hidden: dict[int, str] = {}
    for sign in signs:
        why = sign.why if sign.why not in _IF_UNSEEN else _IF_UNSEEN[sign.why] if sign.at in unseen else ""
        if why and (why == "off the page" or not any(_within(sign.box, scan) for scan in scans)):
            hidden[sign.at] = why
    return *_split(text_page, count, {sign.at for sign in signs}, hidden), frozenset(hidden)


class _Looker:
    """Looks at one character after the other."""

    def __init__(self, page: Any, text_page: Any) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._text = text_page.raw
        self._page = page.get_bbox()
        self._rectangle = raw.FS_RECTF()
        self._colour = [ctypes.c_uint() for _ in range(4)]

    def suspicion(self, at: int) -> str:
        """What may be wrong with the character at ``at``, or with the white space there."""
        thing = self._raw.FPDFText_GetTextObject(self._text, at)
        return self._why(thing, self._box(at)) if thing else ""

    def sign(self, at: int) -> _Sign | None:
        """The character at ``at``; None for white space and what pdfium added by itself."""
        thing = self._raw.FPDFText_GetTextObject(self._text, at)
        if not thing or self._raw.FPDFText_GetUnicode(self._text, at) <= ord(" "):
            return None
        box = self._box(at)
        return _Sign(at, box, thing, self._why(thing, box))

    def _box(self, at: int) -> Box:
        rectangle = self._rectangle
        self._raw.FPDFText_GetLooseCharBox(self._text, at, rectangle)
        return rectangle.left, rectangle.bottom, rectangle.right, rectangle.top

    def _why(self, thing: Any, box: Box) -> str:
        left, bottom, right, top = box
        x0, y0, x1, y1 = self._page
        if right < x0 or left > x1 or top < y0 or bottom > y1:
            return "off the page"
        if 0 < max(right - left, top - bottom) < TINY_POINTS:
            return f"smaller than {TINY_POINTS:g} points"
        mode = self._raw.FPDFTextObj_GetTextRenderMode(thing)
        if mode in (_INVISIBLE_MODE, _CLIP_MODE):
            return "drawn invisibly"
        red, green, blue, alpha = self._colour
        if mode in (0, 2, 4, 6) and self._raw.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha):
            if alpha.value < FAINT:
                return "transparent"
            if mode == 0 and 0.299 * red.value + 0.587 * green.value + 0.114 * blue.value >= LIGHT:
                return "light"
        return "layer" if self._is_layered(thing) else ""

    def _is_layered(self, thing: Any) -> bool:
        """Whether an object is marked as part of a layer, which a person may have switched off (ISO 32000, 8.11)."""
        for number in range(self._raw.FPDFPageObj_CountMarks(thing)):
            mark, size, name = self._raw.FPDFPageObj_GetMark(thing, number), ctypes.c_ulong(), (ctypes.c_ushort * 4)()
            known = self._raw.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), size)
            if known and bytes(name)[: size.value] == _LAYER:
                return True
        return False


def _unseen(page: Any, signs: list[_Sign]) -> set[int]:
    """Places of the characters that the page looks the same without."""
    from pypdfium2 import raw

    left, bottom, right, top = page.get_bbox()
    scale = min(PIXELS_PER_POINT, MOST_PIXELS / max(right - left, top - bottom, 1.0))
    things = {ctypes.addressof(sign.thing.contents): sign.thing for sign in signs}
    before = _drawn(page, scale)
    for thing in things.values():
        raw.FPDFPageObj_SetIsActive(thing, False)
    after = _drawn(page, scale)
    for thing in things.values():
        raw.FPDFPageObj_SetIsActive(thing, True)
    change = np.abs(before - after)
    return {sign.at for sign in signs if _most(change, sign.box, left, top, scale) < CONTRAST}


def _drawn(page: Any, scale: float) -> NDArray[np.int16]:
    """The page in grey, shape (height, width) in pixels, upright as its coordinates are, whichever way it is shown."""
    bitmap = page.render(scale=scale, rotation=-page.get_rotation() % 360, grayscale=True, may_draw_forms=False)
    try:
        pixels: NDArray[np.int16] = bitmap.to_numpy().astype(np.int16)
    finally:
        bitmap.close()
    return pixels if pixels.ndim == 2 else pixels[..., 0]


def _most(change: NDArray[np.int16], box: Box, left: float, top: float, scale: float) -> int:
    """The largest change of brightness within ``box``; 0 where the box lies outside."""
    x0, x1 = int((box[0] - left) * scale), int((box[2] - left) * scale) + 1
    y0, y1 = int((top - box[3]) * scale), int((top - box[1]) * scale) + 1
    part = change[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    return int(part.max()) if part.size else 0


def _scans(page: Any) -> list[Box]:
    """The boxes of images that may be a scan of the page or of a part of it."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    left, bottom, right, top = page.get_bbox()
    least = SCAN_SHARE * (right - left) * (top - bottom)
    boxes = [tuple(image.get_bounds()) for image in page.get_objects([FPDF_PAGEOBJ_IMAGE], max_depth=3)]
    return [box for box in boxes if (box[2] - box[0]) * (box[3] - box[1]) >= least]


def _within(box: Box, outer: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _split(text_page: Any, count: int, drawn: set[int], hidden: dict[int, str]) -> tuple[dict[int, str], list[Hidden]]:
    """What stands instead of the ``hidden`` characters, and those by stretches. Spaces that pdfium added go with what
    is before them."""
    if not hidden:
        return {}, []
    reasons, reason = [], ""
    for at in range(count):
        reason = hidden.get(at, "" if at in drawn else reason)
        reasons.append(reason)
    instead: dict[int, str] = {}
    found: list[Hidden] = []
    for why, places in groupby(range(count), key=reasons.__getitem__):
        if why:
            stretch = list(places)
            text = text_page.get_text_range(stretch[0], len(stretch))
            found.append(Hidden(why, text))
            instead |= dict.fromkeys(stretch, "")
            instead[stretch[0]] = "\n" if "\n" in text else " "
    return instead, found
