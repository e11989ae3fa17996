"""Markdown: its own source text, in sections by heading. markdown-it-py tells headings from look-alikes in code."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ingest.clean import clean
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import STRUCK, Hidden, hidden_signs
from ingest.readers._markdown_tables import MarkdownTable, inline_words, tables_of

# Code, in which the other signs mean nothing; comments of HTML and of note-taking programs; text that is struck out.
_HIDDEN = re.compile(
    r"(?P<code>^(?P<fence>```+|~~~+)[^\n]*\n.*?(?:^(?P=fence)|\Z)|`+[^`\n]+`+)"
    r"|<!--.*?(?:-->|\Z)|%%.*?%%|~~(?P<struck>[^~\n](?:[^~\n]*[^~\n])?)~~",
    re.DOTALL | re.MULTILINE,
)


def read(path: Path, builder: DocumentBuilder) -> None:
    """The text stays as it was written, so that a quote is found in the file; front matter gives the title."""
    from markdown_it import MarkdownIt

    builder.media_type = "text/markdown"
    source = decode(path.read_bytes(), builder.name)
    text, struck = _shown(clean(source))
    builder.hide(struck, everywhere=True)
    builder.hide(hidden_signs(source), everywhere=True)
    lines = text.split("\n")
    body = _front_matter_lines(lines)
    for line in lines[:body]:
        key, sign, value = line.partition(":")
        if sign and key.strip().lower() == "title":
            builder.title = value.strip().strip("'\"")
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(lines[body:]))
    tables = tables_of(tokens, body)
    headings = [
        (token.map[0] + body, token.map[1] + body, int(token.tag[1]), inline_words(tokens[at + 1]))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.map and token.level == 0
    ]
    bounds = [heading[0] for heading in headings] + [len(lines)]
    _write(builder, lines, (0, bounds[0]), tables)
    for (start, end, level, words), (_, next_start) in zip(headings, pairwise(bounds), strict=True):
        written = "\n".join(lines[start:end])
        builder.section(level, words or written, written)
        _write(builder, lines, (end, next_start), tables)


def _write(
    builder: DocumentBuilder, lines: Sequence[str], within: tuple[int, int], tables: Sequence[MarkdownTable]
) -> None:
    """Write the lines from one number to another, blank ones around them left out, and record the tables among them."""
    first, last = within
    text = "\n".join(lines[first:last]).strip("\n")
    if not text.strip():
        return
    offset = builder.write(text)
    offsets = {}
    for at in range(next(at for at in range(first, last) if lines[at]), last):
        offsets[at] = offset
        offset += len(lines[at]) + len("\n")
    for table in tables:
        if first <= table.lines[0] < last:
            table.grid.record_at(builder, table.places(lines, offsets), builder.path_label)


def _shown(text: str) -> tuple[str, list[Hidden]]:
    """The text without private comments, in which every line keeps its number, and what of it is struck out."""
    struck: list[Hidden] = []

    def without(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        if match["struck"]:
            struck.append(Hidden(STRUCK, match["struck"]))
        return "\n" * match[0].count("\n")

    return _HIDDEN.sub(without, text), struck


def _front_matter_lines(lines: list[str]) -> int:
    """How many lines the YAML block at the top takes, its fences included; 0 if there is none."""
    if lines and lines[0] == "---":
        for number, line in enumerate(lines[1:], 2):
            if line in ("---", "..."):
                return number
    return 0
