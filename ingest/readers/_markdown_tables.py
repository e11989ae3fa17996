"""Tables of Markdown, whose text stays as it was written: where the rows and cells stand in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from ingest.tables.grid import Grid, RowPlace, grid_of

_PIPE = re.compile(r"(?<!\\)\|")
_MARKUP = re.compile(r"(\*{1,3}|_{1,3}|`+)(?=\S)(.*\S)\1")


@dataclass(frozen=True, slots=True)
class MarkdownTable:
    """A table and the numbers of the lines that its rows stand on."""

    grid: Grid
    lines: tuple[int, ...]

    def places(self, lines: Sequence[str], offsets: Mapping[int, int]) -> list[RowPlace]:
        """Where its rows stand in a text; ``offsets`` are those of its lines."""
        return [_place(lines[at], offsets[at], len(self.grid.paths)) for at in self.lines]


def tables_of(tokens: Sequence[Token], body: int) -> list[MarkdownTable]:
    """The tables of a text, but for those in quotes and lists; ``body`` lines stand above what was parsed."""
    found: list[MarkdownTable] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open" and token.map:
            rows.append([])
            lines.append(token.map[0] + body)
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(inline_words(tokens[at + 1]))
        elif token.type == "table_close":
            if token.level == 0:
                found.append(MarkdownTable(grid_of(rows, 1), tuple(lines)))
            rows, lines = [], []
    return found


def inline_words(inline: Token) -> str:
    """A heading's or a cell's text without its markup."""
    children = inline.children or []
    return "".join(child.content if child.type in ("text", "code_inline") else " " for child in children)


def _place(line: str, offset: int, width: int) -> RowPlace:
    """Where a row's cells stand; markup around the whole of a cell is no part of it."""
    inner = re.sub(r"^(\s*)\|", r"\1 ", line.rstrip()).rstrip()
    ends = [match.start() for match in _PIPE.finditer(inner)]
    cells: dict[int, tuple[int, int]] = {}
    for column, (first, last) in enumerate(zip([0, *(end + 1 for end in ends)], [*ends, len(inner)], strict=True)):
        text = inner[first:last]
        if column < width and text.strip():
            start, end = first + len(text) - len(text.lstrip()), first + len(text.rstrip())
            while found := _MARKUP.fullmatch(inner, start, end):
                start, end = found.span(2)
            cells[column] = offset + start, offset + end
    return RowPlace(offset + len(line) - len(line.lstrip()), offset + len(line.rstrip()), cells)
