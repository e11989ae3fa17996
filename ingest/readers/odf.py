"""OpenDocument (ODT, ODS, ODP and their flat forms): text by headings, sheets by rows, presentations by slides."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from core.errors import DamagedFile, EncryptedFile
from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import hidden_signs
from ingest.readers._odf_text import DRAW, OFFICE, STYLE, TABLE, TEXT, TextOf, looks_of
from ingest.readers._rows import MOST_ROWS, line, write_rows
from ingest.tables.grid import Span, grid_of, write_grid
from ingest.tables.heads import guessed_heads

_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_META = ("title", "subject", "creator", "keyword")
_MEDIA = "application/vnd.oasis.opendocument."

MOST_REPEATED = 1000
"""Times that a cell or row of a sheet is repeated: what fills a sheet to its end is no data."""


MOST_COLUMNS = 100
"""Of a table in a text that one of its cells is repeated for, or covers."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Raises EncryptedFile, DamagedFile."""
    package = _Package(path, builder.name)
    body = package.content.find(f"{OFFICE}body")
    kind = next((one for one in body if isinstance(one.tag, str)), None) if body is not None else None
    if kind is None:
        raise DamagedFile(f"{builder.name} is damaged: it holds no document.", "Open it and save it again.")
    text = TextOf(looks_of(package.styles, package.content), package.part)
    writer = _Writer(builder, text, package)
    name = kind.tag.removeprefix(OFFICE)
    builder.media_type = _MEDIA + ("text" if name not in ("spreadsheet", "presentation") else name)
    _metadata(builder, package.meta)
    match name:
        case "spreadsheet":
            writer.sheets(kind)
        case "presentation" | "drawing":
            writer.slides(kind)
        case _:
            writer.blocks(kind)
    writer.aside("notes", text.notes)
    writer.aside("comments", text.comments)
    writer.aside("header and footer", _margins(package.styles, text))
    builder.hide((*text.hidden, *hidden_signs("".join(kind.itertext()))), everywhere=True)


class _Package:
    """The parts of a file: a zip of several XML files, or all in one."""

    def __init__(self, path: Path, name: str) -> None:
        self._archive = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
        if self._archive is None:
            self.content = self.styles = self.meta = _xml(path.read_bytes())
            return
        names = set(self._archive.namelist())
        if "META-INF/manifest.xml" in names and b"encryption-data" in self._archive.read("META-INF/manifest.xml"):
            raise EncryptedFile(f"{name} needs a password.", "Open it in its program and save it without a password.")
        if "content.xml" not in names:
            raise DamagedFile(f"{name} is damaged: its text is missing.", "Open it in its program and save it again.")
        self.content = _xml(self._archive.read("content.xml"))
        self.styles, self.meta = self.part("styles.xml"), self.part("meta.xml")

    def part(self, name: str) -> Any:
        """The root of a part, or of the content of an embedded object; None where there is none."""
        name = name.removeprefix("./").rstrip("/")
        if self._archive is None or not name:
            return None
        for member in (name, f"{name}/content.xml"):
            if member.endswith(".xml") and member in self._archive.namelist():
                return _xml(self._archive.read(member))
        return None


class _Writer:
    def __init__(self, builder: DocumentBuilder, text: TextOf, package: _Package) -> None:
        self._builder = builder
        self._text = text
        self._package = package
        self._in_list = False
        self._numbers = _numbered_levels(package.styles, package.content)

    def aside(self, label: str, texts: list[str]) -> None:
        """Write what stands beside the body on a page of its own."""
        if texts:
            start = self._builder.page("section", "\n".join(texts), label=label)
            self._builder.heading(1, label, start)

    def blocks(self, parent: Any) -> None:
        """Write headings, paragraphs, lists and tables below ``parent``, through sections and frames."""
        for element in parent:
            match element.tag.removeprefix(TEXT) if isinstance(element.tag, str) else "":
                case "h":
                    level = element.get(f"{TEXT}outline-level") or "1"
                    self._builder.section(int(level) if level.isdigit() else 1, self._text(element))
                    self._frames(element)
                case "p":
                    self._write(self._text(element))
                    self._frames(element)
                case "list":
                    self._list(element, 1, element.get(f"{TEXT}style-name") or "")
                case "tracked-changes" | "table-of-content" | "":
                    pass
                case _ if element.tag == f"{TABLE}table":
                    self._table(element)
                case _ if not element.tag.startswith(OFFICE):
                    self.blocks(element)

    def _write(self, raw: str, label: str = "") -> None:
        if text := flow(raw):
            self._builder.write(f"{label} {text}".strip(), "\n" if label and self._in_list else "\n\n")
            self._in_list = bool(label)

    def _list(self, element: Any, depth: int, style: str) -> None:
        number = 0
        for item in element.iterfind(f"{TEXT}list-item"):
            start = item.get(f"{TEXT}start-value") or ""
            number = int(start) if start.isdigit() else number + 1
            label = f"{number}." if (style, depth) in self._numbers else "-"
            for inner in item:
                if inner.tag == f"{TEXT}list":
                    self._list(inner, depth + 1, inner.get(f"{TEXT}style-name") or style)
                elif isinstance(inner.tag, str):
                    self._write(self._text(inner), label)
                    label = ""

    def _frames(self, element: Any) -> None:
        """Write the text boxes and charts that are anchored in a paragraph."""
        for box in element.iter(f"{DRAW}text-box"):
            self.blocks(box)
        for thing in element.iter(f"{DRAW}object"):
            root = self._package.part(thing.get("{http://www.w3.org/1999/xlink}href") or "")
            for table in root.iter(f"{TABLE}table") if root is not None else ():
                self._table(table)

    def _table(self, table: Any) -> None:
        """Write a table, each row under the names of its columns; rows of one cell only frame what is in them."""
        rows = list(_rows(table))
        whole = [[cell for cell in row.iterfind("*") if cell.tag in _CELLS] for row in rows]
        if all(len(cells) == 1 and _repeated(cells[0], "columns") == 1 for cells in whole):
            for cells in whole:
                self.blocks(cells[0])
            return
        texts: list[list[str]] = []
        spans: list[Span] = []
        heads = 0
        for row in rows:
            cells = _trimmed(self._cells(row, most=MOST_COLUMNS))
            if cells:
                heads += row.getparent().tag == f"{TABLE}table-header-rows"
                spans += (span for span in _spans(row, len(texts)) if span.column < len(cells))
                texts.append(cells)
        if texts:
            heads = min(heads, len(texts) - 1) or guessed_heads(texts)
            write_grid(self._builder, grid_of(texts, heads, spans))
        self._in_list = False

    def _cells(self, row: Any, most: int) -> list[str]:
        """The texts of a row's cells, on one line each; one that is repeated stands there ``most`` times at most."""
        texts: list[str] = []
        for cell in row.iterfind("*"):
            if cell.tag in _CELLS:
                texts += [one_line(self._text(cell))] * min(_repeated(cell, "columns"), most)
        return texts

    def sheets(self, parent: Any) -> None:
        hidden = _hidden_styles(self._package.content)
        for sheet in parent.iterfind(f"{TABLE}table"):
            first, name = self._builder.next_page, one_line(sheet.get(f"{TABLE}name") or "")
            write_rows(self._builder, name, self._sheet_rows(sheet))
            if sheet.get(f"{TABLE}style-name") in hidden:
                self._builder.flag("hidden sheet", first)

    def _sheet_rows(self, sheet: Any) -> Iterator[list[str]]:
        left = MOST_ROWS
        for row in _rows(sheet):
            cells = _trimmed(self._cells(row, most=MOST_REPEATED))
            times = _repeated(row, "rows")
            for _ in range(min(times if not cells else min(times, MOST_REPEATED), left)):
                left -= 1
                yield cells

    def slides(self, parent: Any) -> None:
        for slide in parent.iterfind(f"{DRAW}page"):
            shown, notes, title = [], "", ""
            for shape in slide:
                if shape.tag == f"{_PRESENTATION}notes":
                    notes = flow("\n".join(self._text(one) for one in shape.iter(f"{TEXT}p")))
                elif isinstance(shape.tag, str):
                    text = flow("\n".join(self._shape(shape)))
                    if shape.get(f"{_PRESENTATION}class") == "title" and not title:
                        title = one_line(text)
                    shown.append(text)
            text = "\n\n".join(filter(None, [*shown, f"Notes: {notes}" if notes else ""]))
            number = self._builder.next_page
            start = self._builder.page("slide", text, note="" if text else "blank slide")
            self._builder.heading(1, title, start)
            if slide.get(f"{DRAW}style-name") in _hidden_styles(self._package.content):
                self._builder.flag("hidden slide", number)

    def _shape(self, shape: Any) -> Iterator[str]:
        if shape.tag in (f"{TEXT}p", f"{TEXT}h"):
            yield self._text(shape)
        elif shape.tag == f"{TABLE}table":
            for row in _rows(shape):
                yield line(self._cells(row, most=MOST_COLUMNS))
        elif shape.tag == f"{OFFICE}annotation":
            self._text._node(shape, [], self._text._look(shape))
        else:
            for inner in shape:
                if isinstance(inner.tag, str):
                    yield from self._shape(inner)


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table itself, through groups and headers."""
    for element in table:
        if element.tag == f"{TABLE}table-row":
            yield element
        elif isinstance(element.tag, str) and element.tag.startswith(f"{TABLE}table-") and "column" not in element.tag:
            yield from _rows(element)


def _repeated(element: Any, what: str) -> int:
    times = element.get(f"{TABLE}number-{what}-repeated") or "1"
    return int(times) if times.isdigit() else 1


def _trimmed(cells: list[str]) -> list[str]:
    """The cells without the blank ones at the end of their row."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _spans(row: Any, number: int) -> Iterator[Span]:
    """The merged cells that begin in a row, which stands at ``number`` in its table."""
    column = 0
    for cell in row.iterfind("*"):
        if cell.tag in _CELLS:
            down, across = (cell.get(f"{TABLE}number-{what}-spanned") or "1" for what in ("rows", "columns"))
            if (down, across) != ("1", "1") and down.isdigit() and across.isdigit():
                yield Span(number, column, int(down), min(int(across), MOST_COLUMNS))
            column += min(_repeated(cell, "columns"), MOST_COLUMNS)


def _hidden_styles(root: Any) -> set[str]:
    """The names of the styles of sheets and slides that are not shown."""
    found = set()
    for style in root.iter(f"{STYLE}style"):
        for properties in style:
            sheet = properties.get(f"{TABLE}display") == "false"
            if sheet or properties.get(f"{_PRESENTATION}visibility") == "hidden":
                found.add(style.get(f"{STYLE}name"))
    return found


def _numbered_levels(*roots: Any) -> set[tuple[str, int]]:
    """(list style, level) of those that number their items."""
    found = set()
    for root in roots:
        for style in root.iter(f"{TEXT}list-style") if root is not None else ():
            for level in style.iterfind(f"{TEXT}list-level-style-number"):
                number = level.get(f"{TEXT}level") or ""
                if level.get(f"{STYLE}num-format") and number.isdigit():
                    found.add((style.get(f"{STYLE}name") or "", int(number)))
    return found


def _margins(styles: Any, text: TextOf) -> list[str]:
    """Each text of the headers and footers once."""
    kinds = [f"{STYLE}{kind}{side}" for kind in ("header", "footer") for side in ("", "-left", "-first")]
    found = (one_line(text(element)) for element in styles.iter(*kinds)) if styles is not None else ()
    return list(dict.fromkeys(filter(None, found)))


def _metadata(builder: DocumentBuilder, meta: Any) -> None:
    if meta is None:
        return
    values = {name: one_line(meta.findtext(f".//{{http://purl.org/dc/elements/1.1/}}{name}") or "") for name in _META}
    builder.title = values["title"]
    builder.metadata.update(author=values["creator"], subject=values["subject"])
    created = meta.findtext(".//{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}creation-date") or ""
    builder.metadata["created"] = created[:10]


def _xml(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
