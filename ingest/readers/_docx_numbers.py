"""The numbers that Word writes before headings and list items by itself: "2.1", "c)", "-" for a bullet."""

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.readers._docx_text import W, roman
from ingest.readers._package import parse_xml

_PLACE = re.compile(r"%(\d)")
_LEVELS = 9


@dataclass
class _Level:
    form: str = "decimal"
    text: str = ""
    start: int = 1
    style: str = ""
    restart: int = -1
    """The outer level, from 1, after which this one begins anew; -1: any, 0: none."""
    legal: bool = False


@dataclass
class Numbers:
    """Counts through one document; ask for each of its paragraphs once, in order."""

    styles: dict[str, Any] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)
    """Number of a list -> that of its abstract definition, whose count it goes on with."""
    _levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _starts: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any) -> "Numbers":
        """The numbers of a document of python-docx's."""
        numbers = cls({style.get(f"{W}styleId"): style for style in document.styles.element.iter(f"{W}style")})
        for relation in document.part.rels.values():
            if relation.reltype.endswith("/numbering") and not relation.is_external:
                numbers._read(parse_xml(relation.target_part.blob))
        return numbers

    def label(self, paragraph: Any) -> str:
        """The number or sign before ``paragraph``, "" for none."""
        number, depth = self._numbering(paragraph)
        level = self._levels.get(number, {}).get(depth)
        if level is None:
            return ""
        if level.form == "bullet":
            return "-"
        counts = self._count(number, depth)
        return "" if level.form == "none" and "%" in level.text else self._written(number, level, counts)

    def _written(self, number: str, level: _Level, counts: list[int | None]) -> str:
        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            outer = self._levels[number].get(at, _Level())
            count = counts[at] if at < len(counts) else None
            value = outer.start if count is None else count
            return _figure(value, "decimal" if level.legal and outer.form != "none" else outer.form)

        return _PLACE.sub(shown, level.text).strip()

    def _count(self, number: str, depth: int) -> list[int | None]:
        """The counts of all levels, after one more on level ``depth``."""
        counts = self._counts.setdefault(self._lists[number], [None] * _LEVELS)
        if number not in self._begun:
            self._begun.add(number)
            for (owner, at), start in self._starts.items():
                if owner == number:
                    counts[at:] = [start - 1] + [None] * (_LEVELS - at - 1)
        levels = self._levels[number]
        before = counts[depth]
        counts[depth] = levels[depth].start if before is None else before + 1
        for deeper in range(depth + 1, _LEVELS):
            restart = levels.get(deeper, _Level()).restart
            if restart < 0 or 0 < depth + 1 <= restart:
                counts[deeper] = None
        return counts

    def _numbering(self, paragraph: Any) -> tuple[str, int]:
        """(number of the list, level from 0) of a paragraph: its own, else its style's; "" where it has none."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return "", 0
        own = properties.find(f"{W}numPr")
        name = _attribute(properties, "pStyle")
        number, depth = _attribute(own, "numId"), _attribute(own, "ilvl")
        seen: set[str] = set()
        while not number and name and name not in seen:
            seen.add(name)
            style = self.styles.get(name)
            styled = style.find(f"{W}pPr/{W}numPr") if style is not None else None
            number = _attribute(styled, "numId")
            if number and not depth:
                by_name = (at for at, level in self._levels.get(number, {}).items() if level.style == name)
                depth = str(next(by_name, _attribute(styled, "ilvl") or "0"))
            name = _attribute(style, "basedOn")
        return ("" if number == "0" else number), int(depth) if depth.isdigit() else 0

    def _read(self, numbering: Any) -> None:
        abstracts = {one.get(f"{W}abstractNumId"): one for one in numbering.iterfind(f"{W}abstractNum")}
        by_style = {_attribute(one, "styleLink"): one for one in abstracts.values()}
        for each in numbering.iterfind(f"{W}num"):
            number = each.get(f"{W}numId") or ""
            abstract = abstracts.get(_attribute(each, "abstractNumId"))
            if abstract is None:
                continue
            if linked := _attribute(abstract, "numStyleLink"):
                abstract = by_style.get(linked, abstract)
            self._lists[number] = abstract.get(f"{W}abstractNumId") or ""
            self._levels[number] = {_depth(one): _level(one) for one in abstract.iterfind(f"{W}lvl")}
            for override in each.iterfind(f"{W}lvlOverride"):
                depth = _depth(override)
                if (own := override.find(f"{W}lvl")) is not None:
                    self._levels[number][depth] = _level(own)
                if (start := _attribute(override, "startOverride")).isdigit():
                    self._starts[number, depth] = int(start)


def _level(node: Any) -> _Level:
    start, restart = _attribute(node, "start"), _attribute(node, "lvlRestart")
    return _Level(
        form=_attribute(node, "numFmt") or "decimal",
        text=_attribute(node, "lvlText"),
        start=int(start) if start.isdigit() else 0,
        style=_attribute(node, "pStyle"),
        restart=int(restart) if restart.isdigit() else -1,
        legal=node.find(f"{W}isLgl") is not None,
    )


def _figure(number: int, form: str) -> str:
    match form:
        case "lowerLetter" | "upperLetter" if number > 0:
            letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
            return letter if form == "lowerLetter" else letter.upper()
        case "lowerRoman":
            return roman(number)
        case "upperRoman":
            return roman(number).upper()
        case "decimalZero":
            return f"{number:02}"
        case "none":
            return ""
        case _:
            return str(number)


def _depth(node: Any) -> int:
    depth = node.get(f"{W}ilvl") or ""
    return min(int(depth), _LEVELS - 1) if depth.isdigit() else 0


def _attribute(node: Any, name: str) -> str:
    found = node.find(W + name) if node is not None else None
    return (found.get(f"{W}val") or "") if found is not None else ""
