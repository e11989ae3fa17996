"""Word (DOCX) by python-docx for the package and lxml for the order of what stands in it.

python-docx's own paragraphs leave out content controls, text boxes, footnotes and what was inserted with changes
tracked; a walk over the body's elements meets them all where they stand.
"""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import hidden_signs
from ingest.readers._docx_hidden import HiddenRuns
from ingest.readers._rows import line

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAK = "\f"
"""Stands in a paragraph's raw text where Word last began a new page; no text of Word's can hold it."""

# Deleted and moved-away text, and a drawing's second version for old programs.
_GONE = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr", _FALLBACK))


def read(path: Path, builder: DocumentBuilder) -> None:
    """Sections by heading; pages where Word stored where it last broke them, and as many as it counted itself."""
    import docx

    builder.media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    document = docx.Document(str(path))
    core = document.core_properties
    builder.title = core.title or ""
    builder.metadata.update(author=core.author or "", subject=core.subject or "", keywords=core.keywords or "")
    if core.created:
        builder.metadata["created"] = core.created.date().isoformat()
    body = document.element.body
    breaks = sum(1 for _ in body.iter(f"{_W}lastRenderedPageBreak"))
    runs = HiddenRuns(document)
    writer = _Writer(builder, _levels(document), runs, paged=0 < breaks == _page_count(path) - 1)
    writer.blocks(body)
    writer.aside("footnotes", _notes(document, "footnotes", writer.drop))
    writer.aside("endnotes", _notes(document, "endnotes", writer.drop))
    writer.aside("header and footer", _margins(document, writer.drop))


class _Writer:
    def __init__(self, builder: DocumentBuilder, levels: dict[str, int], runs: HiddenRuns, paged: bool) -> None:
        self._builder = builder
        self._levels = levels
        self._runs = runs
        self._paged = paged
        self._in_list = False
        if paged:
            builder.page("page")

    def blocks(self, parent: Any) -> None:
        """Write paragraphs and tables below ``parent``, through content controls and the like."""
        for element in parent:
            if element.tag in (f"{_W}p", f"{_W}tbl"):
                hidden = self._runs.drop(element)
                signs = hidden_signs("".join(node.text or "" for node in element.iter(f"{_W}t")))
                (self._paragraph if element.tag == f"{_W}p" else self._table)(element)
                self._builder.hide((*hidden, *signs))
            elif element.tag not in _GONE and isinstance(element.tag, str):
                self.blocks(element)

    def aside(self, label: str, texts: list[str]) -> None:
        """Write what stands beside the body on a page of its own."""
        if texts:
            start = self._builder.page("section", "\n".join(texts), label=label)
            self._builder.heading(1, label, start)

    def drop(self, element: Any) -> None:
        """Remove what is hidden beside the body."""
        self._builder.hide(self._runs.drop(element), everywhere=True)

    def _paragraph(self, element: Any) -> None:
        level, listed = self._style(element)
        before, *after = _text(element).split(_BREAK)
        self._write(before, level, listed)
        for part in after:
            if self._paged:
                self._builder.page("page")
            self._write(part, level if not before.strip() else 0, listed and not before.strip())
            before += part
        for box in element.iter(f"{_W}txbxContent"):
            if not any(outer.tag == _FALLBACK for outer in box.iterancestors()):
                self.blocks(box)

    def _write(self, raw: str, level: int, listed: bool) -> None:
        text = flow(raw)
        if not text:
            return
        if level and not self._paged:
            self._builder.section(level, text)
        else:
            gap = "\n" if listed and self._in_list else "\n\n"
            start = self._builder.write(f"- {text}" if listed else text, gap)
            if level:
                self._builder.heading(level, text, start)
        self._in_list = listed

    def _table(self, table: Any) -> None:
        gap = "\n\n"
        for row in _own(table, f"{_W}tr"):
            cells = list(_own(row, f"{_W}tc"))
            texts = [_text(cell) for cell in cells]
            if self._paged:
                for _ in range(sum(text.count(_BREAK) for text in texts)):
                    self._builder.page("page")
            texts = [one_line(text.replace(_BREAK, " ")) for text in texts]
            if len(cells) == 1:
                self.blocks(cells[0])
            elif any(texts):
                self._builder.write(line(texts), gap)
                gap = "\n"
        self._in_list = False

    def _style(self, paragraph: Any) -> tuple[int, bool]:
        """(heading level or 0, whether it is a list item)."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return 0, False
        style = properties.find(f"{_W}pStyle")
        level = self._levels.get(style.get(f"{_W}val"), 0) if style is not None else 0
        return level, not level and properties.find(f"{_W}numPr") is not None


def _own(parent: Any, tag: str) -> Iterator[Any]:
    """Rows or cells of ``parent`` itself, through content controls, not those of a table within it."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag not in (f"{_W}tbl", f"{_W}tc", f"{_W}p"):
            yield from _own(element, tag)


def _text(element: Any) -> str:
    """All text below ``element`` but that of text boxes; paragraphs and breaks end lines."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        tag = node.tag
        if event == "end":
            if tag == f"{_W}p":
                parts.append("\n")
        elif tag in _GONE or (tag == f"{_W}txbxContent" and node is not element):
            walk.skip_subtree()
        elif tag == f"{_W}t":
            parts.append(node.text or "")
        elif tag == f"{_W}lastRenderedPageBreak":
            parts.append(_BREAK)
        elif tag in (f"{_W}tab", f"{_W}ptab"):
            parts.append(" ")
        elif tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
    return "".join(parts)


def _levels(document: Any) -> dict[str, int]:
    """Style id -> heading level: by its name in Word's own language-neutral names, else its outline level."""
    levels: dict[str, int] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        words = (name.get(f"{_W}val") or "").lower().split() if name is not None else []
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        if words[:1] == ["heading"] and words[-1].isdigit():
            levels[style.get(f"{_W}styleId")] = int(words[-1])
        elif words == ["title"]:
            levels[style.get(f"{_W}styleId")] = 1
        elif outline is not None and outline.get(f"{_W}val", "9").isdigit() and int(outline.get(f"{_W}val", "9")) < 9:
            levels[style.get(f"{_W}styleId")] = int(outline.get(f"{_W}val")) + 1
    return levels


def _notes(document: Any, kind: str, drop: Callable[[Any], None]) -> list[str]:
    """The texts of the footnotes or endnotes, without Word's separators."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
            drop(root)
            return [text for note in root if (text := one_line(_text(note)))]
    return []


def _margins(document: Any, drop: Callable[[Any], None]) -> list[str]:
    """Each text of the headers and footers once."""
    texts: dict[str, None] = {}
    for section in document.sections:
        for margin in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not margin.is_linked_to_previous:
                drop(margin._element)
                texts.update(dict.fromkeys(filter(None, flow(_text(margin._element)).split("\n"))))
    return list(texts)


def _page_count(path: Path) -> int:
    """The pages that Word counted when it saved the file; 0 where it did not say."""
    with zipfile.ZipFile(path) as archive:
        if "docProps/app.xml" not in archive.namelist():
            return 0
        root = etree.fromstring(archive.read("docProps/app.xml"), etree.XMLParser(resolve_entities=False))
    pages = root.findtext("{*}Pages") or ""
    return int(pages) if pages.strip().isdigit() else 0
