"""What a PDF's page shows beside its own text: fields that are filled in, comments, boxes of text, link targets; and
figures that stand raised. Each is written where a person sees it, behind its label or its words."""

import ctypes
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ingest.clean import flow, one_line
from ingest.raised import lowered, raised
from ingest.readers._links import with_target

SMALLER = 0.85
"""Of the size of what stands before it: a raised figure is written smaller."""

RAISED = 0.15
"""Of that size: how much higher or lower its line is at least."""

LABEL_POINTS = 220.0
"""Between a field and the label left of it at most; labels stand in a column of their own in wide forms."""

ABOVE_POINTS = 16.0
"""Between a field and the label above it at most."""

_COMMENTS = frozenset((1, 9, 10, 11, 12, 14))  # notes, highlights, underlines, squiggles, strikes, carets
_FREE_TEXT, _LINK, _WIDGET = 3, 2, 20
_BOX_FIELDS, _TEXT_FIELDS = (2, 3), (4, 5, 6)  # check boxes and radio buttons; combo boxes, lists and text
_PASSWORD = 1 << 13

Box = tuple[float, float, float, float]


@dataclass
class Edits:
    """Changes to a page's text by the numbers of its characters: what replaces one, what stands before or after one;
    ``below`` is written after the page's text, ``fields`` counts those of a form."""

    instead: dict[int, str] = field(default_factory=dict)
    before: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    after: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    below: list[str] = field(default_factory=list)
    fields: int = 0

    def applied(self, text_page: Any, hidden: Mapping[int, str], order: Sequence[tuple[int, int]] = ()) -> str:
        """The text of the page with all changes, and ``hidden`` instead of the characters that are not to be read.

        ``order`` are the ranges of its characters as they are to be read, a line each; () for the page's own order.
        """
        places = sorted({*self.instead, *self.before, *self.after, *hidden})
        if not places and not order:
            return "\n".join([text_page.get_text_range(), *self.below])
        pieces = [self._range(text_page, hidden, places, *one) for one in order or [(0, text_page.count_chars())]]
        return "\n".join(["\n".join(one.strip("\r\n") for one in pieces) if order else pieces[0], *self.below])

    def _range(self, text_page: Any, hidden: Mapping[int, str], places: Sequence[int], first: int, last: int) -> str:
        """The characters from ``first`` to before ``last`` with all changes."""
        parts, at = list[str](), first
        for place in places[bisect_left(places, first) : bisect_left(places, last)]:
            parts.append(text_page.get_text_range(at, place - at) if place > at else "")
            at = place + 1
            if place in hidden:
                parts.append(hidden[place])
                continue
            own = self.instead.get(place)
            parts += [self.before.get(place, ""), text_page.get_text_range(place, 1) if own is None else own]
            parts.append(self.after.get(place, ""))
        parts.append(text_page.get_text_range(at, last - at) if last > at else "")
        return "".join(parts)


def edits_of(page: Any, text_page: Any, form: Any, unseen: Set[int]) -> Edits:
    """The changes for a page; ``form`` is pdfium's handle of the document's form, None where it has none, and
    ``unseen`` are the characters that the page does not show."""
    edits = Edits()
    looker = _Looker(text_page, unseen)
    _shifted(looker, edits)
    from pypdfium2 import raw

    count = raw.FPDFPage_GetAnnotCount(page.raw)
    if count > 0:
        fields: list[_Field] = []
        for at in range(count):
            note = raw.FPDFPage_GetAnnot(page.raw, at)
            if note:
                try:
                    _note(note, page.pdf.raw, form, looker, edits, fields)
                finally:
                    raw.FPDFPage_CloseAnnot(note)
        for one in sorted(fields, key=lambda one: (-one.box[3], one.box[0])):
            _place(one, looker, edits)
        edits.fields = len(fields)
    return edits


@dataclass(frozen=True, slots=True)
class _Field:
    box: Box
    name: str
    shown: str
    is_box: bool


class _Looker:
    """Codes, boxes and lines of a page's characters; those that are not shown are as white space."""

    def __init__(self, text_page: Any, unseen: Set[int]) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._text = text_page.raw
        self._rectangle = raw.FS_RECTF()
        self._origin = ctypes.c_double(), ctypes.c_double()
        count = text_page.count_chars()
        self.codes = [32 if at in unseen else raw.FPDFText_GetUnicode(self._text, at) for at in range(count)]
        self._boxes: list[Box] | None = None

    def box(self, at: int) -> Box:
        one = self._rectangle
        self._raw.FPDFText_GetLooseCharBox(self._text, at, one)
        return one.left, one.bottom, one.right, one.top

    def base(self, at: int) -> float:
        self._raw.FPDFText_GetCharOrigin(self._text, at, *self._origin)
        return self._origin[1].value

    @property
    def boxes(self) -> list[Box]:
        """The boxes of all characters; white space has an empty one."""
        if self._boxes is None:
            self._boxes = [self.box(at) if code > 32 else (0.0,) * 4 for at, code in enumerate(self.codes)]
        return self._boxes

    def within(self, box: Box) -> list[int]:
        """The characters of which the middle lies in a box."""
        left, bottom, right, top = box
        return [
            at
            for at, (x0, y0, x1, y1) in enumerate(self.boxes)
            if x1 > x0 and left <= (x0 + x1) / 2 <= right and bottom <= (y0 + y1) / 2 <= top
        ]


def _shifted(looker: _Looker, edits: Edits) -> None:
    """Figures that stand raised or lowered behind others."""
    anchor = -1
    codes = looker.codes
    for at, code in enumerate(codes):
        if code <= 32 or code == 0xFFFE:
            continue
        if 48 <= code <= 57 and anchor >= 0 and (shift := _shift(looker, anchor, at)):
            before = chr(codes[anchor])
            written = raised(chr(code), before) if shift > 0 else lowered(chr(code), before)
            if written != chr(code):
                edits.instead[at] = written
                for space in range(anchor + 1, at):  # a line's end that pdfium saw between them
                    if codes[space] <= 32:
                        edits.instead[space] = ""
                _join(looker, anchor, at, edits)
                continue
        anchor = at


def _join(looker: _Looker, anchor: int, at: int, edits: Edits) -> None:
    """Take out the line's end behind a shifted figure where what follows goes on with the line before it."""
    after = next((one for one in range(at + 1, min(at + 5, len(looker.codes))) if looker.codes[one] > 32), at + 1)
    if after == at + 1 or after >= len(looker.codes):
        return
    _, bottom, _, top = looker.box(anchor)
    if (
        abs(looker.base(after) - looker.base(anchor)) < 0.1 * (top - bottom)
        and looker.box(after)[0] > looker.box(at)[0]
    ):
        edits.instead |= dict.fromkeys(range(at + 1, after), "")
        edits.instead[at + 1] = " "


def _shift(looker: _Looker, anchor: int, at: int) -> int:
    """1 where a character stands raised behind another, -1 where lowered, 0 where on its line."""
    left, bottom, _, top = looker.box(at)
    _, lower, right, upper = looker.box(anchor)
    size = upper - lower
    if not 0 < top - bottom < SMALLER * size or not -0.3 * size < left - right < 0.35 * size:
        return 0
    rise = looker.base(at) - looker.base(anchor)
    return (rise > 0) - (rise < 0) if RAISED * size < abs(rise) < size else 0


def _note(note: Any, document: Any, form: Any, looker: _Looker, edits: Edits, fields: list[_Field]) -> None:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetSubtype(note)
    rectangle = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(note, rectangle)
    box = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
    if kind == _WIDGET and form is not None:
        if one := _field(note, form, box):
            fields.append(one)
    elif kind == _LINK:
        inside = looker.within(box)
        if inside and (target := _target(note, document)):
            words = "".join(chr(looker.codes[at]) for at in range(inside[0], inside[-1] + 1))
            edits.after[inside[-1]] += with_target(words, target)[len(words) :]
    elif kind == _FREE_TEXT:
        if (text := flow(_string(note, b"Contents"))) and not looker.within(box):
            edits.below.append(text)
    elif kind in _COMMENTS and (text := one_line(_string(note, b"Contents"))):
        author = one_line(_string(note, b"T"))
        edits.below.append(f"Comment{f' by {author}' if author else ''}: {text}")


def _field(note: Any, form: Any, box: Box) -> _Field | None:
    """A field with what it shows; None for buttons, passwords, and fields in which nothing stands."""
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, note)
    name = one_line(_text(raw.FPDFAnnot_GetFormFieldAlternateName, form, note))
    name = name or one_line(_text(raw.FPDFAnnot_GetFormFieldName, form, note).rpartition(".")[2])
    if kind in _BOX_FIELDS:
        return _Field(box, name, "☒" if raw.FPDFAnnot_IsChecked(form, note) else "☐", is_box=True)
    if kind not in _TEXT_FIELDS or raw.FPDFAnnot_GetFormFieldFlags(form, note) & _PASSWORD:
        return None
    value = one_line(_text(raw.FPDFAnnot_GetFormFieldValue, form, note))
    return _Field(box, name, value, is_box=False) if value else None


def _place(one: _Field, looker: _Looker, edits: Edits) -> None:
    """Write a field's content at its label: left of it, above it, for boxes first right of it; else below the page."""
    left, bottom, right, top = one.box
    line = looker.within((float("-inf"), bottom - 2, float("inf"), top + 2))
    after = [at for at in line if looker.boxes[at][0] >= right - 2]
    before = [at for at in line if looker.boxes[at][2] <= left + 2 and left - looker.boxes[at][2] < LABEL_POINTS]
    if one.is_box and after:
        nearest = min(after, key=lambda at: looker.boxes[at][0])
        if looker.boxes[nearest][0] - right < LABEL_POINTS / 4:
            edits.before[nearest] += f"{one.shown} "
            return
    if before:
        edits.after[max(before, key=lambda at: looker.boxes[at][2])] += f" {one.shown}"
        return
    above = looker.within((left - 2, top - 2, right, top + ABOVE_POINTS))
    if above and not one.is_box:
        edits.after[max(above)] += f"\n{one.shown}"
    elif not one.is_box or one.shown == "☒":
        edits.below.append(f"{one.name}: {one.shown}" if one.name else one.shown)


def _target(note: Any, document: Any) -> str:
    """The address that a link leads to; "" for places in the document."""
    from pypdfium2 import raw

    link = raw.FPDFAnnot_GetLink(note)
    action = raw.FPDFLink_GetAction(link) if link else None
    size = raw.FPDFAction_GetURIPath(document, action, None, 0) if action else 0
    if not size:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.value.decode("utf-8", "replace")


def _string(note: Any, key: bytes) -> str:
    from pypdfium2 import raw

    return _wide(lambda buffer, size: raw.FPDFAnnot_GetStringValue(note, key, buffer, size))


def _text(function: Any, form: Any, note: Any) -> str:
    return _wide(lambda buffer, size: function(form, note, buffer, size))


def _wide(call: Any) -> str:
    """A string that pdfium writes in UTF-16 into a buffer of as many bytes as it says first."""
    from pypdfium2 import raw

    size = call(None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_char * size)()
    call(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")
