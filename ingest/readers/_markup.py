"""HTML elements -> the words that a browser would show, block by block, for every format that holds HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.clean import clean, flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import Hidden
from ingest.orders import find_orders
from ingest.readers._html_hidden import UNDISPLAYED, is_styled, why_hidden
from ingest.readers._html_shown import drop_struck, write_out
from ingest.readers._html_tables import data_rows, grid_of_rows, is_data
from ingest.readers._rows import line
from ingest.tables.grid import Grid, write_grid

_HIDDEN = frozenset(
    {
        *("script", "style", "head", "template", "noscript", "svg", "iframe", "object", "embed", "canvas", "select"),
        *("button", "input", "textarea", "audio", "video", "map", "link", "meta"),
    }
)
_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("img", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span"),
        *("strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
        *("math", "mi", "mo", "mn", "mrow", "msup", "msub", "mfrac", "mtext"),
    }
)
_SPACE = re.compile(r"\s+")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass
class Block:
    """What ends a line when shown: a heading (``level`` 1 to 6), else a paragraph, item, row or preformatted text.

    ``linked`` of its characters are links.
    """

    text: str
    level: int = 0
    gap: str = "\n\n"
    linked: int = 0
    grid: Grid | None = None
    """The cells of a table of which ``text`` is all rows."""


def parse(content: str) -> Any:
    """The root element of an HTML or XHTML text. Entities of a document's own are not expanded, nothing is loaded."""
    from lxml import html

    # lxml refuses a str with an encoding declaration; bytes in a known encoding are safe either way.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True)
    root = html.document_fromstring(
        content.encode("utf-8", "replace") or b"<p></p>", parser=parser, ensure_head_body=True
    )
    write_out(root)
    return root


def blocks(root: Any) -> Iterator[Block]:
    """The blocks below ``root`` in reading order. Scripts, forms' controls and hidden elements are left out."""
    yield from _Walk().run(root)


def drop_hidden(root: Any) -> list[Hidden]:
    """Remove what a browser would not show from the tree itself; returns what of it was hidden from people.

    What is only not displayed is ordinary (menus, tabs, dialogues): it is told where it gives orders.
    """
    styled = is_styled(root)
    hidden: list[tuple[Any, str]] = []
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if not isinstance(element.tag, str) or element.tag in _HIDDEN or element.tag == "html":
            continue
        if why := why_hidden(element, styled) or ("aria" if element.get("aria-hidden") == "true" else ""):
            hidden.append((element, why))
            walk.skip_subtree()
    found = drop_struck(root)
    for element, why in hidden:
        if element.getparent() is None:  # it stood in something that is struck out
            continue
        text = one_line(_words(element, whole=True)) if why != "aria" else ""
        if len(text.split()) > 1 and (why != UNDISPLAYED or find_orders(text)):
            found.append(Hidden(why, text))
        element.drop_tree()
    return found


def write(builder: DocumentBuilder, found: Iterator[Block]) -> None:
    """Write blocks: headings begin sections, the rest follows."""
    for block in found:
        if block.level:
            builder.section(block.level, block.text)
        else:
            write_block(builder, block)


def write_block(builder: DocumentBuilder, block: Block) -> None:
    """Write a block as what it is, a heading as a paragraph."""
    if block.grid is not None:
        write_grid(builder, block.grid)
    elif block.text:
        builder.write(block.text, block.gap)


class _Walk:
    """One pass over the elements, without recursion: real pages nest thousands deep."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._preformatted = 0
        self._links = 0
        self._linked = 0
        self._item = ""
        self._last = ""

    def run(self, root: Any) -> Iterator[Block]:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if not tag or _hidden(element, tag):
                    walk.skip_subtree()
                    continue
                yield from self._begin(walk, element, tag)
            else:
                yield from self._end(element, tag)
        yield from self._flush()

    def _begin(self, walk: Any, element: Any, tag: str) -> Iterator[Block]:
        if tag == "br":
            self._parts.append("\n")
        elif tag in _HEADINGS:
            yield from self._flush()
            walk.skip_subtree()
            yield Block(one_line(_words(element)), int(tag[1]))
            self._last = "heading"
            return
        elif tag == "table" and (rows := data_rows(element)):
            yield from self._flush()
            walk.skip_subtree()
            yield from self._table(element, rows)
            return
        elif tag == "tr" and is_data(element):
            yield from self._flush()
            walk.skip_subtree()
            text = line(_words(cell) for cell in element if cell.tag in ("td", "th"))
            yield Block(text, gap="\n" if self._last == "row" else "\n\n")
            self._last = "row"
            return
        elif tag not in _INLINE:
            yield from self._flush()
            self._preformatted += tag == "pre"
            if tag == "li":
                self._item = element.get("data-number") or "- "
            if tag == "table":
                self._last = "table"
        self._links += tag == "a"
        self._add(element.text)

    def _table(self, table: Any, rows: list[Any]) -> Iterator[Block]:
        for caption in table.iterfind("caption"):
            if words := one_line(_words(caption)):
                yield Block(words)
        grid = grid_of_rows(rows, _words)
        linked = sum(len(_words(link)) for row in rows for link in row.iter("a"))
        yield Block("\n".join(grid.lines), linked=linked, grid=grid)
        self._last = "row"

    def _end(self, element: Any, tag: str) -> Iterator[Block]:
        if not tag:
            self._add(element.tail)
            return
        self._links -= tag == "a" and self._links > 0
        if tag not in _INLINE and tag != "br" and tag not in _HIDDEN:
            yield from self._flush()
            self._preformatted -= tag == "pre" and self._preformatted > 0
            if tag == "li":
                self._item = ""
        self._add(element.tail)

    def _add(self, text: str | None) -> None:
        """Text of the source, in which a line's end is a space like any other, but for preformatted text."""
        if text:
            self._parts.append(text if self._preformatted else _SPACE.sub(" ", text))
            self._linked += len(self._parts[-1]) if self._links else 0

    def _flush(self) -> Iterator[Block]:
        raw, linked = "".join(self._parts), self._linked
        self._parts.clear()
        self._linked = 0
        text = clean(raw).strip("\n") if self._preformatted else flow(raw)
        if not text.strip():
            return
        kind = "item" if self._item else "text"
        yield Block(self._item + text, gap="\n" if kind == self._last == "item" else "\n\n", linked=linked)
        self._item, self._last = "", kind


def _hidden(element: Any, tag: str) -> bool:
    return tag in _HIDDEN or element.get("aria-hidden") == "true" or why_hidden(element, styled=True) == UNDISPLAYED


def _words(element: Any, *, whole: bool = False) -> str:
    """The text below ``element``, with a space wherever a block or line ends; ``whole``: with hidden elements."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "end":
            parts.append(" " if tag not in _INLINE else "")
            parts.append((node.tail or "") if node is not element else "")
        elif not tag or (tag in _HIDDEN if whole else _hidden(node, tag)):
            walk.skip_subtree()
        else:
            parts.append(node.text or "")
    return "".join(parts)
