"""Word (DOCX, DOCM, DOTX, DOTM) by python-docx for the package and lxml for the order of what stands in it.

python-docx's own paragraphs leave out content controls, text boxes, footnotes, equations, fields and what was inserted
with changes tracked; a walk over the body's elements meets them all where they stand.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import SHOWN_CHARACTERS, hidden_signs
from ingest.readers._docx_source import Source, boxes
from ingest.readers._docx_text import BREAK, FALLBACK, GONE, R, W
from ingest.readers._drawings import DIAGRAM, C, chart_grid, chart_title, diagram_text
from ingest.readers._package import opened, parse_xml, tell_missing
from ingest.tables.grid import Span, grid_of, write_grid
from ingest.tables.heads import guessed_heads

MOST_COLUMNS = 100
"""That one cell of a table may cover."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Sections by heading; pages where Word stored where it last broke them, and as many as it counted itself."""
    import docx

    builder.media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    package, missing = opened(path)
    document = docx.Document(package)
    core = document.core_properties
    builder.title = core.title or ""
    builder.metadata.update(author=core.author or "", subject=core.subject or "", keywords=core.keywords or "")
    if core.created:
        builder.metadata["created"] = core.created.date().isoformat()
    body = document.element.body
    breaks = sum(1 for _ in body.iter(f"{W}lastRenderedPageBreak"))
    source = Source(document)
    writer = _Writer(builder, source, paged=0 < breaks == _page_count(path) - 1)
    writer.blocks(body)
    writer.aside("footnotes", source.notes("footnote", writer.drop))
    writer.aside("endnotes", source.notes("endnote", writer.drop))
    writer.aside("comments", source.comments(body))
    writer.aside("header and footer", source.margins(writer.drop))
    tell_missing(builder, missing)
    if deleted := one_line(" ".join(node.text or "" for node in body.iter(f"{W}delText")), SHOWN_CHARACTERS):
        builder.warnings.append(f"Text deleted with changes tracked was left out: “{deleted}”.")


class _Writer:
    def __init__(self, builder: DocumentBuilder, source: Source, paged: bool) -> None:
        self._builder = builder
        self._source = source
        self._paged = paged
        self._in_list = False
        self._initial = ""  # a drop cap, which Word keeps in a paragraph of its own before the one that it begins
        if paged:
            builder.page("page")

    def blocks(self, parent: Any) -> None:
        """Write paragraphs and tables below ``parent``, through content controls and the like."""
        for element in parent:
            if element.tag in (f"{W}p", f"{W}tbl"):
                hidden = self._source.runs.drop(element)
                signs = hidden_signs("".join(node.text or "" for node in element.iter(f"{W}t")))
                (self._paragraph if element.tag == f"{W}p" else self._table)(element)
                self._builder.hide((*hidden, *signs))
            elif element.tag not in GONE and isinstance(element.tag, str):
                self.blocks(element)

    def aside(self, label: str, texts: list[str]) -> None:
        """Write what stands beside the body on a page of its own."""
        if texts:
            start = self._builder.page("section", "\n".join(texts), label=label)
            self._builder.heading(1, label, start)

    def drop(self, element: Any) -> None:
        """Remove what is hidden beside the body."""
        self._builder.hide(self._source.runs.drop(element), everywhere=True)

    def _paragraph(self, element: Any) -> None:
        style = element.find(f"{W}pPr/{W}pStyle")
        level = self._source.levels.get(style.get(f"{W}val"), 0) if style is not None else 0
        own = element.find(f"{W}pPr/{W}outlineLvl")
        if own is not None and (own.get(f"{W}val") or "").isdigit() and int(own.get(f"{W}val")) < 9:
            level = int(own.get(f"{W}val")) + 1
        raw, self._initial = self._initial + self._source.text(element), ""
        if element.find(f"{W}pPr/{W}framePr[@{W}dropCap]") is not None:
            self._initial = raw.strip()
            return
        label = self._source.numbers.label(element) if raw.strip() else ""
        before, *after = raw.split(BREAK)
        self._write(before, level, label)
        for part in after:
            if self._paged:
                self._builder.page("page")
            first = not before.strip()
            self._write(part, level if first else 0, label if first else "")
            before += part
        for box in boxes(element):
            self.blocks(box)
        self._drawings(element)

    def _drawings(self, element: Any) -> None:
        """Write the charts and diagrams that stand in a paragraph."""
        for reference in element.iter(f"{C}chart"):
            if (chart := self._source.part(reference.get(f"{R}id") or "")) is not None:
                if title := chart_title(chart):
                    self._builder.write(title)
                write_grid(self._builder, chart_grid(chart), title=title)
                self._in_list = False
        for reference in element.iter(f"{DIAGRAM}relIds"):
            diagram = self._source.part(reference.get(f"{R}dm") or "")
            if diagram is not None and (text := diagram_text(diagram)):
                self._builder.write(text)
                self._in_list = False

    def _write(self, raw: str, level: int, label: str) -> None:
        text = flow(raw)
        if not text:
            return
        text = f"{label} {text}" if label else text
        if level and not self._paged:
            self._builder.section(level, text)
        else:
            gap = "\n" if label and self._in_list else "\n\n"
            start = self._builder.write(text, gap)
            if level:
                self._builder.heading(level, text, start)
        self._in_list = bool(label) and not level

    def _table(self, table: Any) -> None:
        """Write a table, each row under the names of its columns; rows of one cell only frame what is in them."""
        rows = [row for row in _own(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None]  # not deleted by tracking
        whole = [list(_own(row, f"{W}tc")) for row in rows]
        if all(len(cells) == 1 for cells in whole):
            for cells in whole:
                self.blocks(cells[0])
            return
        texts, spans, breaks = self._cells(whole)
        heads = next((at for at, row in enumerate(rows) if row.find(f"{W}trPr/{W}tblHeader") is None), 0)
        write_grid(self._builder, grid_of(texts, min(heads, len(rows) - 1) or guessed_heads(texts), spans), breaks)
        self._in_list = False

    def _cells(self, rows: list[list[Any]]) -> tuple[list[list[str]], list[Span], list[int]]:
        """The texts of a table's cells at the places where they stand, the merged ones among them, and the rows in
        which pages begin."""
        breaks: list[int] = []
        texts: list[list[str]] = []
        spans: list[Span] = []
        open_now: dict[int, int] = {}  # column -> the place in `spans` of the cell that goes on downwards there
        for number, cells in enumerate(rows):
            row: list[str] = []
            for cell in cells:
                column, width = len(row), _grid_span(cell)
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                if merge is not None and merge.get(f"{W}val") != "restart" and column in open_now:
                    at = open_now[column]
                    spans[at] = replace(spans[at], rows=number - spans[at].row + 1)
                    row += [""] * width
                    continue
                open_now.pop(column, None)
                if merge is not None:
                    open_now[column] = len(spans)
                if merge is not None or width > 1:
                    spans.append(Span(number, column, 1, width))
                text = self._cell(cell)
                breaks += [number] * (text.count(BREAK) if self._paged else 0)
                row += [one_line(text.replace(BREAK, " ")), *[""] * (width - 1)]
            texts.append(row)
        return texts, spans, breaks

    def _cell(self, cell: Any) -> str:
        """A cell's text with the numbers before its paragraphs and what its text boxes and drawings hold."""
        parts = []
        for paragraph in cell.iter(f"{W}p"):
            around = takewhile(lambda outer: outer is not cell, paragraph.iterancestors())
            if any(outer.tag in (f"{W}txbxContent", FALLBACK) for outer in around):
                continue
            text = self._source.text(paragraph)
            label = self._source.numbers.label(paragraph) if text.strip() else ""
            parts += [f"{label} {text}" if label else text, *map(self._source.text, boxes(paragraph))]
        return "\n".join(parts)


def _grid_span(cell: Any) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    width = (span.get(f"{W}val") or "1") if span is not None else "1"
    return min(max(1, int(width)), MOST_COLUMNS) if width.isdigit() else 1


def _own(parent: Any, tag: str) -> Iterator[Any]:
    """Rows or cells of ``parent`` itself, through content controls, not those of a table within it."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag not in (f"{W}tbl", f"{W}tc", f"{W}p"):
            yield from _own(element, tag)


def _page_count(path: Path) -> int:
    """The pages that Word counted when it saved the file; 0 where it did not say."""
    with zipfile.ZipFile(path) as archive:
        if "docProps/app.xml" not in archive.namelist():
            return 0
        pages = parse_xml(archive.read("docProps/app.xml")).findtext("{*}Pages") or ""
    return int(pages) if pages.strip().isdigit() else 0
