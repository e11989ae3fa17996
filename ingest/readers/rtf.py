"""Rich text (RTF 1.9): paragraphs, tables as rows, notes and link targets, as a word processor shows them."""

import codecs
import re
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import DamagedFile
from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import STRUCK, Hidden, hidden_signs
from ingest.raised import lowered, mark, raised
from ingest.readers._links import with_target
from ingest.readers._rows import line
from ingest.readers._rtf_tree import Group, Word, parse
from ingest.readers._symbols import symbol

_HYPERLINK = re.compile(r'HYPERLINK\s+(?:\\\w\s+)*"([^"]+)')
_SHOWN = frozenset(("shptxt", "*shpinst", "shp", "listtext", "pntext", "fldrslt", "*shppict", "field", "upr", "*ud"))
"""Groups that begin with one of these words hold text of the page; those that begin with a format do as well."""
_ASIDE = frozenset(
    {
        *(
            "fonttbl",
            "colortbl",
            "stylesheet",
            "info",
            "pict",
            "object",
            "fldinst",
            "nonshppict",
            "bkmkstart",
            "bkmkend",
        ),
        *(
            "filetbl",
            "template",
            "sp",
            "header",
            "headerl",
            "headerr",
            "headerf",
            "footer",
            "footerl",
            "footerr",
            "footerf",
        ),
        *("xe", "tc", "rxe", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "listtable", "revtbl"),
    }
)
_SIGNS = {
    **{"line": "\n", "softline": "\n", "tab": " ", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘"},
    **{"rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "~": " ", "_": "-"},
    **{"\\": "\\", "{": "{", "}": "}"},
}
_ENDS = frozenset(("par", "page", "sect", "column", "\r", "\n"))
# Python's names of the code pages of fonts' character sets (RTF 1.9, "Font Table").
_CHARACTER_SETS = {
    **{77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254"},
    **{163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"},
}
_PAGES = {65001: "utf-8", 10000: "mac_roman", 936: "gb18030"}


@dataclass(frozen=True, slots=True)
class _State:
    """What applies to the text of a group. ``skip`` counts the characters that stand in for one of Unicode."""

    font: int = 0
    hidden: bool = False
    struck: bool = False
    deleted: bool = False
    shift: str = ""
    skip: int = 1


def read(path: Path, builder: DocumentBuilder) -> None:
    """Sections by outline level where a paragraph has one. Raises DamagedFile."""
    builder.media_type = "application/rtf"
    root = parse(path.read_bytes())
    document = next((part for part in root.parts if isinstance(part, Group)), None)
    if document is None:
        raise DamagedFile(f"{builder.name} is damaged: nothing of it is rich text.", "Save it again as .docx.")
    walk = _Walk(builder, document)
    walk.inside(document, _State())
    walk.end()
    if walk.notes:
        start = builder.page("section", "\n".join(walk.notes), label="notes")
        builder.heading(1, "notes", start)
    builder.hide(walk.left_out, everywhere=True)


class _Walk:
    """Writes what it meets, paragraph by paragraph and row by row."""

    def __init__(self, builder: DocumentBuilder, document: Group) -> None:
        self._builder = builder
        self._page = "cp1252"
        self._fonts: dict[int, tuple[str, str]] = {}
        self._parts: list[str] = []
        self._cells: list[str] = []
        self._row_before = False
        self._level = 0
        self._skip = 0
        self.notes: list[str] = []
        self.left_out: list[Hidden] = []
        for info in document.groups("info"):
            for title in info.groups("title"):
                builder.title = one_line(self._aside(title))
        for fonts in document.groups("fonttbl"):
            self._read_fonts(fonts)

    def inside(self, group: Group, state: _State) -> None:
        raw = bytearray()
        for part in group.parts:
            if isinstance(part, bytes):
                skipped = min(self._skip, len(part))
                self._skip -= skipped
                raw += part[skipped:]
                continue
            self._add(raw.decode(self._code_page(state), "replace"), state)
            raw.clear()
            if isinstance(part, Group):
                self._skip = 0
                self._group(part, state)
            else:
                state = self._word(part, state)
        self._add(raw.decode(self._code_page(state), "replace"), state)

    def end(self) -> None:
        self._paragraph()
        if self._cells:
            self._row()

    def _group(self, group: Group, state: _State) -> None:
        kind = group.destination
        if kind == "footnote":
            self._note(group)
        elif kind in ("*annotation", "annotation"):
            self.notes.append(f"Comment: {one_line(self._aside(group))}")
        elif kind == "field":
            first = len(self._parts)
            for result in group.groups("fldrslt"):
                self.inside(result, state)
            instruction = "".join(self._raw(one) for one in group.groups("fldinst"))
            if target := _HYPERLINK.search(instruction):
                self._parts[first:] = [with_target("".join(self._parts[first:]), target[1])]
        elif kind in _SHOWN or not (kind in _ASIDE or kind.startswith("*")):
            self.inside(group, state)

    def _note(self, group: Group) -> None:
        sign = mark(str(1 + sum(not note.startswith("Comment") for note in self.notes)))
        self._parts.append(sign)
        self.notes.append(f"{sign} {one_line(self._aside(group))}")

    def _aside(self, group: Group) -> str:
        """The text of a group that stands elsewhere than where it is met."""
        held, self._parts = self._parts, []
        self.inside(group, _State())
        text, self._parts = "".join(self._parts), held
        return _paired(text)

    def _raw(self, group: Group) -> str:
        """The words of a field's instruction."""
        return "".join(
            part.decode("latin-1") if isinstance(part, bytes) else self._raw(part) if isinstance(part, Group) else ""
            for part in group.parts
        )

    def _word(self, word: Word, state: _State) -> _State:
        name, number, on = word.name, word.number, word.number != 0
        match name:
            case "u" if number is not None:
                self._add(chr(number % 0x10000), state)
                self._skip = state.skip
            case "uc":
                return replace(state, skip=number or 0)
            case "ansicpg" if number:
                self._page = _code_page(number)
            case "f" if number is not None:
                return replace(state, font=number)
            case "v":
                return replace(state, hidden=on)
            case "strike" | "striked":
                return replace(state, struck=on)
            case "deleted":
                return replace(state, deleted=on)
            case "super" | "sub" | "up" | "dn":
                return replace(state, shift=("super" if name in ("super", "up") else "sub") if on else "")
            case "nosupersub":
                return replace(state, shift="")
            case "plain":
                return _State(font=state.font, skip=state.skip)
            case "pard":
                self._level = 0
            case "outlinelevel" if number is not None:
                self._level = number + 1
            case "cell" | "nestcell":
                self._cells.append("".join(self._parts))
                self._parts.clear()
            case "row" | "nestrow":
                self._row()
            case _ if name in _ENDS:
                self._paragraph()
            case _:
                self._add(_SIGNS.get(name, ""), state)
        return state

    def _add(self, text: str, state: _State) -> None:
        if not text or state.deleted:
            return
        if state.hidden or state.struck:
            self.left_out.append(Hidden(STRUCK if state.struck else "hidden text of its program", text))
            return
        if (font := self._fonts.get(state.font, ("", ""))[0]) in ("symbol", "wingdings", "wingdings 2"):
            text = "".join(symbol(font, ord(sign)) or sign for sign in text)
        if state.shift:
            before = "".join(self._parts[-2:])
            text = raised(text, before) if state.shift == "super" else lowered(text, before)
        self._parts.append(text)

    def _paragraph(self) -> None:
        if self._cells:  # paragraphs within a cell
            self._parts.append("\n")
            return
        raw = _paired("".join(self._parts))
        self._parts.clear()
        text = flow(raw)
        self._builder.hide(hidden_signs(raw))
        if text and self._level:
            self._builder.section(self._level, text)
        elif text:
            self._builder.write(text)
        self._row_before = False if text else self._row_before

    def _row(self) -> None:
        if any(map(str.strip, self._cells)):
            self._builder.write(line(map(_paired, self._cells)), "\n" if self._row_before else "\n\n")
            self._row_before = True
        self._cells.clear()
        self._parts.clear()

    def _code_page(self, state: _State) -> str:
        return self._fonts.get(state.font, ("", ""))[1] or self._page

    def _read_fonts(self, table: Group) -> None:
        number = 0
        for part in table.parts:
            for inner in part.parts if isinstance(part, Group) else (part,):
                name, page = self._fonts.get(number, ("", ""))
                if isinstance(inner, Word) and inner.name == "f" and inner.number is not None:
                    number = inner.number
                elif isinstance(inner, Word) and inner.name == "fcharset":
                    self._fonts[number] = name, _CHARACTER_SETS.get(inner.number or 0, "")
                elif isinstance(inner, bytes):
                    self._fonts[number] = inner.decode("latin-1").strip(" ;").lower(), page


def _paired(text: str) -> str:
    """The text with characters beyond the first plane whole, which RTF writes as pairs."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _code_page(number: int) -> str:
    """Python's name of a code page; the usual one where it has none."""
    name = _PAGES.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
