"""What a sheet of an XLSX shows beside the values of its cells: number formats, merged cells, comments, link targets,
raised and struck-out letters, boxes of text.

calamine gives the values; the parts of the package say how they look. Cells are found by patterns: a parsed tree of a
large sheet would take more memory than all else.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from ingest.clean import flow, one_line
from ingest.raised import lowered, raised
from ingest.readers._drawings import chart_words
from ingest.readers._number_formats import BUILT_IN
from ingest.readers._package import parse_xml
from ingest.tables.grid import Span

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(/?)>")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
_SHARED = re.compile(rb"""\bt=["']s["']""")
_INDEX = re.compile(rb"\s*(?:<(?:\w+:)?f[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>(\d+)<")
_NO_VALUE = re.compile(
    rb"\s*<(?:\w+:)?f(?:\s[^>]*)?>([^<]+)</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*ref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\s([^>]*)>")
_HIDDEN = re.compile(rb"""<(?:\w+:)?(?:row|col)\s[^>]*\bhidden=["'](?:1|true)["']""")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")

Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass
class SheetLook:
    """How the cells of a sheet look. ``formats`` are number formats, ``texts`` cells whose letters differ from their
    value, ``formulas`` those of which no value is stored."""

    formats: dict[Place, str] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    struck: dict[Place, str] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)
    links: dict[Place, str] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    hidden: bool = False


class Looks:
    """The looks of the sheets of one XLSX, read from its package when they are asked for."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {name.casefold(): name for name in archive.namelist()}
        self._targets = self._relations("xl/workbook.xml")
        book = self._xml("xl/workbook.xml")
        properties = book.find(f"{_S}workbookPr") if book is not None else None
        self.from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        sheets = book.iter("{*}sheet") if book is not None else ()
        self._parts = {
            one.get("name") or "": self._targets.get(one.get(f"{_R}id") or "", ("", ""))[1] for one in sheets
        }
        self._formats, self._struck_styles = _styles(self._xml(self._target("styles")))
        self._strings = dict(_rich_strings(self._xml(self._target("sharedStrings"))))
        persons = self._xml(self._target("person"))
        self._persons = {one.get("id"): one.get("displayName") or "" for one in persons} if persons is not None else {}

    def of(self, name: str) -> SheetLook:
        part = self._parts.get(name, "")
        data = self._read(part)
        look = SheetLook(hidden=bool(_HIDDEN.search(data)))
        for match in _CELL.finditer(data):
            self._cell(look, match, data)
        for first, top, last, bottom in _MERGED.findall(data):
            row, column = int(top) - 1, _column(first.decode())
            look.spans.append(Span(row, column, int(bottom) - row, _column(last.decode()) - column + 1))
        relations = self._relations(part)
        for match in _LINK.finditer(data):
            attributes = dict(re.findall(r"""([\w:]+)=["']([^"']*)["']""", match[1].decode("utf-8", "replace")))
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            if place := _place(attributes.get("ref", "").partition(":")[0]):
                look.links[place] = relations.get(key, ("", ""))[1] if key else ""
        look.comments = list(self._comments(relations))
        look.boxes = list(self._boxes(relations))
        look.charts = list(self._charts(relations))
        return look

    def _cell(self, look: SheetLook, match: re.Match[bytes], data: bytes) -> None:
        found = _PLACE.search(match[1])
        if not found:
            return
        place = int(found[2]) - 1, _column(found[1].decode())
        style = _STYLE.search(match[1])
        number = int(style[1]) if style else 0
        if form := self._formats.get(number):
            look.formats[place] = form
        if number in self._struck_styles:
            look.struck[place] = ""
        if match[2]:
            return
        if self._strings and _SHARED.search(match[1]) and (index := _INDEX.match(data, match.end())):
            if int(index[1]) in self._strings:
                shown, struck = self._strings[int(index[1])]
                look.texts[place] = shown
                if struck:
                    look.struck[place] = struck
        elif formula := _NO_VALUE.match(data, match.end()):
            look.formulas[place] = "=" + unescape(formula[1].decode("utf-8", "replace"))

    def _comments(self, relations: dict[str, tuple[str, str]]) -> Iterator[str]:
        """The comments beside cells, older ones and threads, each with its cell and author."""
        threads = [self._xml(target) for kind, target in relations.values() if kind == "threadedComment"]
        threaded = set()
        for root in threads:
            for one in root if root is not None else ():
                threaded.add(one.get("ref"))
                author = self._persons.get(one.get("personId"), "")
                yield _comment(one.get("ref") or "", author, one.findtext("{*}text") or "")
        for kind, target in relations.values():
            root = self._xml(target) if kind == "comments" else None
            if root is None:
                continue
            authors = [one.text or "" for one in root.iter(f"{_S}author")]
            for one in root.iter(f"{_S}comment"):
                if one.get("ref") not in threaded:
                    number = one.get("authorId") or ""
                    author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
                    text = "".join(node.text or "" for node in one.iter(f"{_S}t"))
                    yield _comment(one.get("ref") or "", author, text.removeprefix(f"{author}:"))

    def _boxes(self, relations: dict[str, tuple[str, str]]) -> Iterator[str]:
        """What is written in the boxes and shapes that lie on the sheet."""
        for kind, target in relations.values():
            root = self._xml(target) if kind == "drawing" else None
            for body in root.iter("{*}txBody") if root is not None else ():
                paragraphs = ("".join(node.text or "" for node in one.iter(f"{_A}t")) for one in body.iter(f"{_A}p"))
                if text := flow("\n".join(paragraphs)):
                    yield text

    def _charts(self, relations: dict[str, tuple[str, str]]) -> Iterator[str]:
        """What the charts on the sheet are called; their values are those of cells."""
        drawings = [target for kind, target in relations.values() if kind == "drawing"]
        charts = [one for drawing in drawings for kind, one in self._relations(drawing).values() if kind == "chart"]
        for chart in charts:
            root = self._xml(chart)
            if root is not None and (words := chart_words(root)):
                yield f"Chart: {words}"

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """(type, target) of what a part refers to, by id; targets within the package as paths."""
        folder, name = posixpath.split(part)
        root = self._xml(f"{folder}/_rels/{name}.rels")
        found = {}
        for one in root if root is not None else ():
            target = one.get("Target") or ""
            if (one.get("TargetMode") or "").lower() != "external":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[one.get("Id") or ""] = (one.get("Type") or "").rpartition("/")[2], target
        return found

    def _target(self, kind: str) -> str:
        return next((target for one, target in self._targets.values() if one == kind), "")

    def _read(self, part: str) -> bytes:
        name = self._names.get(part.casefold())
        return self._archive.read(name) if name else b""

    def _xml(self, part: str) -> Any:
        data = self._read(part)
        return parse_xml(data) if data else None


def looks_of(path: Path) -> Looks | None:
    """The looks of an XLSX; None for other formats of sheets."""
    if not zipfile.is_zipfile(path):
        return None
    archive = zipfile.ZipFile(path)
    return Looks(archive) if "xl/workbook.xml" in archive.namelist() else None


def _styles(root: Any) -> tuple[dict[int, str], set[int]]:
    """(style of a cell -> its number format, the styles that strike their text out)."""
    if root is None:
        return {}, set()
    own = {one.get("numFmtId"): one.get("formatCode") or "" for one in root.iter(f"{_S}numFmt")}
    fonts = root.find(f"{_S}fonts")
    struck = [_is_on(font.find(f"{_S}strike")) for font in fonts] if fonts is not None else []
    formats, striking = {}, set()
    styles = root.find(f"{_S}cellXfs")
    for number, style in enumerate(styles if styles is not None else ()):
        code = style.get("numFmtId") or "0"
        form = own.get(code) or (BUILT_IN.get(int(code), "") if code.isdigit() else "")
        if form and form.lower() not in ("general", "@"):
            formats[number] = form
        font = style.get("fontId") or "0"
        if font.isdigit() and int(font) < len(struck) and struck[int(font)]:
            striking.add(number)
    return formats, striking


def _rich_strings(root: Any) -> Iterator[tuple[int, tuple[str, str]]]:
    """(number, (text, what of it is struck out)) of the shared strings with raised, lowered or struck letters."""
    for number, string in enumerate(root if root is not None else ()):
        shown: list[str] = []
        struck: list[str] = []
        special = False
        for run in string.iterfind(f"{_S}r"):
            text, properties = run.findtext(f"{_S}t") or "", run.find(f"{_S}rPr")
            shift = properties.find(f"{_S}vertAlign") if properties is not None else None
            if properties is not None and _is_on(properties.find(f"{_S}strike")):
                struck.append(text)
                text, special = "", True
            elif shift is not None and shift.get("val") in ("superscript", "subscript"):
                before, special = "".join(shown[-2:]), True
                text = raised(text, before) if shift.get("val") == "superscript" else lowered(text, before)
            shown.append(text)
        if special:
            yield number, ("".join(shown), "".join(struck))


def _comment(place: str, author: str, text: str) -> str:
    return f"{place}: Comment{f' by {one_line(author)}' if author else ''}: {one_line(text)}"


def _is_on(node: Any) -> bool:
    return node is not None and node.get("val") not in ("0", "false")


def _place(reference: str) -> Place | None:
    match = _REFERENCE.fullmatch(reference)
    return (int(match[2]) - 1, _column(match[1])) if match else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
