"""The text of Word's paragraphs as the page shows it: raised figures, equations, symbols, fields, link targets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.raised import lowered, mark, raised
from ingest.readers._formulas import omml
from ingest.readers._links import with_target
from ingest.readers._symbols import symbol

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
BREAK = "\f"
"""Stands in a paragraph's raw text where Word last began a new page; no text of Word's can hold it."""

# Deleted and moved-away text, and a drawing's second version for old programs.
GONE = frozenset((f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", FALLBACK))
_SIGNS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_HYPERLINK = re.compile(r"""^\s*HYPERLINK\s+(?:\\\w\s+)*"([^"]+)""", re.IGNORECASE)
_OFF = ("0", "false", "off")


@dataclass
class _Field:
    """A field of Word's that is being read: its instruction, where its result begins, and whether that has begun."""

    instruction: str = ""
    start: int = 0


@dataclass
class TextOf:
    """Reads paragraphs and cells of one document: ``links`` are its relationships' targets by id, ``shifts`` the ids of
    styles that raise ("superscript") or lower their text, ``marks`` those of notes that were met, in order."""

    links: Mapping[str, str]
    shifts: Mapping[str, str]
    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    _parts: list[str] = field(default_factory=list)
    _fields: list[_Field] = field(default_factory=list)

    def __call__(self, element: Any) -> str:
        """All text below ``element`` but that of text boxes; paragraphs and breaks end lines."""
        self._parts, self._fields = [], []
        self._inside(element)
        return "".join(self._parts)

    def _inside(self, element: Any) -> None:
        for node in element:
            self._node(node)

    def _node(self, node: Any) -> None:
        tag = node.tag
        if not isinstance(tag, str) or tag in GONE or tag == f"{W}txbxContent":
            return
        if tag == f"{W}t":
            self._parts.append(node.text or "")
        elif tag in _SIGNS:
            self._parts.append(_SIGNS[tag])
        elif tag == f"{W}lastRenderedPageBreak":
            self._parts.append(BREAK)
        elif tag == f"{W}r":
            self._run(node)
        elif tag in (f"{_M}oMath", f"{_M}oMathPara"):
            self._parts.append(omml(node))
        elif tag == f"{W}hyperlink":
            self._linked(node, self.links.get(node.get(f"{R}id") or "", ""))
        elif tag == f"{W}fldSimple":
            target = _HYPERLINK.match(node.get(f"{W}instr") or "")
            self._linked(node, target[1] if target else "")
        else:
            self._other(node, tag)

    def _other(self, node: Any, tag: str) -> None:
        match tag.removeprefix(W):
            case "ruby":
                self._ruby(node)
            case "sym":
                code = node.get(f"{W}char") or ""
                self._parts.append(symbol(node.get(f"{W}font") or "", int(code, 16)) if _is_hex(code) else "")
            case "instrText":
                if self._fields:
                    self._fields[-1].instruction += node.text or ""
            case "fldChar":
                self._field(node)
            case "footnoteReference" | "endnoteReference" as kind:
                if node.get(f"{W}customMarkFollows") in (None, *_OFF):
                    self._parts.append(self._mark(kind.removesuffix("Reference"), node.get(f"{W}id") or ""))
            case "p":
                self._inside(node)
                self._parts.append("\n")
            case _:
                if tag.endswith("}textpath"):  # WordArt
                    self._parts.append(f"{node.get('string') or ''}\n")
                self._inside(node)

    def _run(self, run: Any) -> None:
        """A run; what it raises or lowers is written so, letters of a font of symbols as the signs that they show."""
        first = len(self._parts)
        self._inside(run)
        properties = run.find(f"{W}rPr")
        if properties is None or len(self._parts) == first:
            return
        fonts = properties.find(f"{W}rFonts")
        font = (fonts.get(f"{W}ascii") or "").lower() if fonts is not None else ""
        if font in ("symbol", "wingdings", "wingdings 2"):
            self._parts[first:] = ["".join(symbol(font, ord(sign)) or sign for sign in "".join(self._parts[first:]))]
        shift = self._shift(properties)
        if shift and run.find(f"{W}footnoteReference") is None and run.find(f"{W}endnoteReference") is None:
            text, before = "".join(self._parts[first:]), "".join(self._parts[max(0, first - 2) : first])
            self._parts[first:] = [raised(text, before) if shift == "superscript" else lowered(text, before)]

    def _shift(self, properties: Any) -> str:
        own = _value(properties, "vertAlign")
        if not own:
            position = _value(properties, "position")
            if position.lstrip("-").isdigit() and int(position):
                own = "subscript" if position.startswith("-") else "superscript"
        return own if own else self.shifts.get(_value(properties, "rStyle"), "")

    def _ruby(self, node: Any) -> None:
        """A reading above its characters stands behind them in brackets."""
        for base in node.iterfind(f"{W}rubyBase"):
            self._inside(base)
        first = len(self._parts)
        for reading in node.iterfind(f"{W}rt"):
            self._inside(reading)
        if text := "".join(self._parts[first:]).strip():
            self._parts[first:] = [f"（{text}）"]

    def _field(self, node: Any) -> None:
        match node.get(f"{W}fldCharType"):
            case "begin":
                self._parts.append(_form_field(node))
                self._fields.append(_Field(start=len(self._parts)))
            case "separate" if self._fields:
                self._fields[-1].start = len(self._parts)
            case "end" if self._fields:
                ended = self._fields.pop()
                if target := _HYPERLINK.match(ended.instruction):
                    self._parts[ended.start :] = [with_target("".join(self._parts[ended.start :]), target[1])]

    def _linked(self, node: Any, target: str) -> None:
        first = len(self._parts)
        self._inside(node)
        if target:
            self._parts[first:] = [with_target("".join(self._parts[first:]), target)]

    def _mark(self, kind: str, key: str) -> str:
        number = 1 + sum(1 for known, _ in self.marks if known == kind)
        shown = str(number) if kind == "footnote" else roman(number)
        return self.marks.setdefault((kind, key), mark(shown))


def _form_field(node: Any) -> str:
    """What the page shows of a field to be ticked or chosen from, "" for all others."""
    data = node.find(f"{W}ffData")
    if data is None:
        return ""
    if (box := data.find(f"{W}checkBox")) is not None:
        state = box.find(f"{W}checked") if box.find(f"{W}checked") is not None else box.find(f"{W}default")
        return "☒" if state is not None and state.get(f"{W}val") not in _OFF else "☐"
    if (choice := data.find(f"{W}ddList")) is not None:
        entries = [entry.get(f"{W}val") or "" for entry in choice.iterfind(f"{W}listEntry")]
        chosen = _value(choice, "result") or _value(choice, "default") or "0"
        return entries[int(chosen)] if chosen.isdigit() and int(chosen) < len(entries) else ""
    return ""


def roman(number: int) -> str:
    """``number`` from 1 in small roman figures."""
    values = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
    text = ""
    for value, sign in (*values, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        text += sign * (number // value)
        number %= value
    return text


def _value(element: Any, name: str) -> str:
    node = element.find(W + name)
    return (node.get(f"{W}val") or "") if node is not None else ""


def _is_hex(code: str) -> bool:
    return bool(re.fullmatch(r"[0-9A-Fa-f]{1,5}", code))
