"""The text of OpenDocument's paragraphs as a page shows it: raised figures, formulas, notes, link targets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.clean import one_line
from ingest.hidden import STRUCK, TINY_POINTS, Hidden
from ingest.raised import lowered, mark, raised
from ingest.readers._formulas import mathml
from ingest.readers._links import with_target

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
LINK = "{http://www.w3.org/1999/xlink}href"

_SKIPPED = frozenset((f"{TEXT}tracked-changes", f"{TEXT}ruby-text", f"{TEXT}note-body", f"{TEXT}note-citation"))


@dataclass(frozen=True, slots=True)
class Look:
    """What a style does to its text, "" and False where it says nothing, and the style that it goes on from."""

    shift: str = ""
    struck: bool = False
    hidden: str = ""
    parent: str = ""


@dataclass
class TextOf:
    """Reads paragraphs; ``looks`` are styles by name, ``part`` gives the root of an embedded object by its path.

    Notes and comments that are met are collected; so is what nobody is to read.
    """

    looks: Mapping[str, Look]
    part: Callable[[str], Any]
    notes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)

    def __call__(self, element: Any) -> str:
        parts: list[str] = []
        self._inside(element, parts, self._look(element))
        return "".join(parts)

    def _look(self, element: Any) -> Look:
        """What the element's style and those that it goes on from do to its text."""
        name = element.get(f"{TEXT}style-name") or ""
        found, seen = Look(), set[str]()
        while name and name not in seen:
            seen.add(name)
            own = self.looks.get(name, Look())
            found = Look(found.shift or own.shift, found.struck or own.struck, found.hidden or own.hidden)
            name = own.parent
        return found

    def _inside(self, element: Any, parts: list[str], look: Look) -> None:
        self._add(element.text, parts, look)
        for node in element:
            if isinstance(node.tag, str):
                self._node(node, parts, look)
            self._add(node.tail, parts, look)

    def _add(self, raw: str | None, parts: list[str], look: Look) -> None:
        """Text; white space of the source is one space, as everywhere in OpenDocument."""
        if not raw:
            return
        text = re.sub(r"[ \t\r\n]+", " ", raw)
        if (look.struck or look.hidden) and text.strip():
            self.hidden.append(Hidden(STRUCK if look.struck else look.hidden, text))
            return
        if look.shift:
            before = "".join(parts[-2:])
            text = raised(text, before) if look.shift == "super" else lowered(text, before)
        parts.append(text)

    def _node(self, node: Any, parts: list[str], look: Look) -> None:
        match node.tag.removeprefix(TEXT):
            case "s":
                count = node.get(f"{TEXT}c") or "1"
                parts.append(" " * min(int(count) if count.isdigit() else 1, 100))
            case "tab":
                parts.append(" ")
            case "line-break":
                parts.append("\n")
            case "span":
                own = self._look(node)
                self._inside(
                    node, parts, Look(own.shift or look.shift, own.struck or look.struck, own.hidden or look.hidden)
                )
            case "a":
                first = len(parts)
                self._inside(node, parts, look)
                parts[first:] = [with_target("".join(parts[first:]), node.get(LINK) or "")]
            case "note":
                self._note(node, parts)
            case "ruby":
                self._inside(node, parts, look)
                if reading := one_line("".join("".join(one.itertext()) for one in node.iter(f"{TEXT}ruby-text"))):
                    parts.append(f"（{reading}）")
            case "p" | "h":
                self._inside(node, parts, self._look(node))
                parts.append("\n")
            case _:
                self._other(node, parts, look)

    def _other(self, node: Any, parts: list[str], look: Look) -> None:
        if node.tag == f"{OFFICE}annotation":
            author = one_line(node.findtext(f"{DC}creator") or "")
            if text := one_line(" ".join(self(one) for one in node.iterfind(f".//{TEXT}p"))):
                self.comments.append(f"Comment{f' by {author}' if author else ''}: {text}")
        elif node.tag == f"{DRAW}object":
            parts.append(self._formula(node))
        elif node.tag not in _SKIPPED and node.tag != f"{DRAW}text-box" and not node.tag.startswith(TABLE):
            self._inside(node, parts, look)

    def _note(self, node: Any, parts: list[str]) -> None:
        sign = mark(one_line(node.findtext(f"{TEXT}note-citation") or "*"))
        parts.append(sign)
        body = node.find(f"{TEXT}note-body")
        if body is not None:
            self.notes.append(f"{sign} {one_line(self(body))}")

    def _formula(self, node: Any) -> str:
        """The formula that an object shows; "" for other objects."""
        root = next((one for one in node if isinstance(one.tag, str) and one.tag.endswith("}math")), None)
        if root is None:
            root = self.part(node.get(LINK) or "")
        return mathml(root) if root is not None and root.tag.endswith("}math") else ""


def looks_of(*roots: Any) -> dict[str, Look]:
    """The looks of all named styles below ``roots``."""
    found = {}
    for root in roots:
        for style in root.iter(f"{STYLE}style") if root is not None else ():
            properties = style.find(f"{STYLE}text-properties")
            parent = style.get(f"{STYLE}parent-style-name") or ""
            found[style.get(f"{STYLE}name") or ""] = (
                _look(properties, parent) if properties is not None else Look(parent=parent)
            )
    return found


def _look(properties: Any, parent: str) -> Look:
    position = (properties.get(f"{STYLE}text-position") or "").split()
    shift = ""
    if position and position[0] not in ("0%", "0"):
        shift = "sub" if position[0].startswith(("sub", "-")) else "super"
    struck = (properties.get(f"{STYLE}text-line-through-style") or "none") != "none"
    struck = struck or (properties.get(f"{STYLE}text-line-through-type") or "none") != "none"
    size = (properties.get(f"{FO}font-size") or "").removesuffix("pt")
    hidden = "hidden text of its program" if properties.get(f"{TEXT}display") == "none" else ""
    if size.replace(".", "", 1).isdigit() and float(size) < TINY_POINTS:
        hidden = f"smaller than {TINY_POINTS:g} points"
    return Look(shift, struck, hidden, parent)
