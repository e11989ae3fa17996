"""Tables that a file holds as cells: one line a row, every row under the names of its own columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.tables.raw import RawCell, RawRow, RawTable

CELL_SIGN = " | "

NAMES_CHARACTERS = 240
"""Most of the column names that travel with rows, about 60 tokens. In wider tables each cell bears its name itself."""

_FIGURE = re.compile(r"^[^\w]*\d[\d\s.,:/%'’-]*(?:[^\w]|[A-Z]{3})*$")


@dataclass(frozen=True)
class Grid:
    """A table as cells on one line each. All ``rows`` are as long as the longest; the first ``heads`` name the columns.

    What a merged cell says stands in each place that it covers; ``across`` are the places (row, column) right of its
    first one, ``down`` those below.
    """

    rows: tuple[tuple[str, ...], ...]
    heads: int
    across: frozenset[tuple[int, int]] = frozenset()
    down: frozenset[tuple[int, int]] = frozenset()

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """What each column is called, widest head first."""
        width = len(self.rows[0]) if self.rows else 0
        columns = ((row[column] for row in self.rows[: self.heads]) for column in range(width))
        return tuple(tuple(dict.fromkeys(filter(None, column))) for column in columns)

    @cached_property
    def names(self) -> str:
        """The columns' names on one line, "" where they have none."""
        return CELL_SIGN.join(map(" ".join, self.paths)).rstrip(" |")

    @cached_property
    def _is_wide(self) -> bool:
        return len(self.names) > NAMES_CHARACTERS

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """A line for each row."""
        return tuple(self._laid(at)[0] for at in range(len(self.rows)))

    @cached_property
    def text(self) -> str:
        """The lines of the rows that are not blank."""
        return "\n".join(filter(None, self.lines))

    def starts(self, start: int) -> list[int]:
        """Where each row's line begins where `text` begins at ``start``; a blank one where the next does."""
        found = []
        for line in self.lines:
            found.append(start)
            start += len(line) + len("\n") if line else 0
        return found

    def _laid(self, at: int) -> tuple[str, dict[int, tuple[int, int]]]:
        """(the line of a row, where the cells of its columns stand in it)."""
        line, spans = "", {}
        for column, text in enumerate(self.rows[at]):
            shown = "" if (at, column) in self.across or (at < self.heads and (at, column) in self.down) else text
            named = self._is_wide and at >= self.heads
            if named and not shown:
                continue
            line += (CELL_SIGN if line or (column and not named) else "") + (
                f"{' '.join(self.paths[column])}: " if named and self.paths[column] else ""
            )
            if shown:
                spans[column] = len(line), len(line) + len(shown)
            line += shown
        return line.rstrip(" |"), spans

    def record(
        self, builder: DocumentBuilder, starts: Sequence[int], title: str = "", notes: Sequence[str] = ()
    ) -> None:
        """Record the table, whose lines were written at ``starts``, where it has names and rows below them."""
        self.record_at(builder, self.places(starts), title, notes)

    def places(self, starts: Sequence[int]) -> "list[RowPlace]":
        """Where the rows stand whose lines were written at ``starts``."""
        found = []
        for at, start in enumerate(starts):
            line, spans = self._laid(at)
            found.append(RowPlace(start, start + len(line), {one: _moved(span, start) for one, span in spans.items()}))
        return found

    def record_at(
        self, builder: DocumentBuilder, places: Sequence["RowPlace"], title: str = "", notes: Sequence[str] = ()
    ) -> None:
        """Record the table, whose rows stand at ``places`` of the text, where it has names and rows below them."""
        if not 0 < self.heads < len(self.rows) or len(self.paths) < 2:
            return
        label = self._label_column
        columns = [column for column in range(len(self.paths)) if column != label]
        rows: list[RawRow] = []
        group: tuple[str, ...] = ()
        for row, place in zip(self.rows[self.heads :], places[self.heads :], strict=True):
            if label is not None and set(place.cells) == {label}:
                group = (row[label].rstrip(" :"),)
            elif place.cells:
                cells = (RawCell(at, *place.cells[one]) for at, one in enumerate(columns) if one in place.cells)
                path = (row[label],) if label is not None and row[label] else ()
                rows.append(RawRow((*group, *path), place.start, place.end, tuple(cells)))
        if rows:
            corner = self.paths[label] if label is not None else ()
            paths = tuple(self.paths[column] for column in columns)
            builder.table(RawTable(title, paths, tuple(rows), places[0].start, rows[-1].end, (*notes, *corner)))

    @cached_property
    def _label_column(self) -> int | None:
        """The column that says what each row is: the first, unless it mostly holds figures."""
        first = [row[0] for row in self.rows[self.heads :] if row[0]]
        return 0 if first and sum(map(is_figure, first)) <= len(first) / 2 else None


def grid_of(rows: Sequence[Sequence[str]], heads: int, spans: "Sequence[Span]" = ()) -> Grid:
    """The grid of ``rows``, in which merged cells stand in their first place alone; ``spans`` are what they cover."""
    width = max(map(len, rows), default=0)
    cells = [[one_line(text) for text in row] + [""] * (width - len(row)) for row in rows]
    across: set[tuple[int, int]] = set()
    down: set[tuple[int, int]] = set()
    for span in spans:
        text = cells[span.row][span.column]
        for row in range(span.row, min(span.row + span.rows, len(cells))):
            for column in range(span.column, min(span.column + span.columns, width)):
                if (row, column) != (span.row, span.column) and not cells[row][column]:
                    cells[row][column] = text
                    (across if column > span.column else down).add((row, column))
    return Grid(tuple(map(tuple, cells)), heads, frozenset(across), frozenset(down))


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row stands in a document's text: from ``start`` to ``end``, and its cells that are not blank by their
    columns."""

    start: int
    end: int
    cells: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """A merged cell: its first place and how many rows and columns it covers."""

    row: int
    column: int
    rows: int
    columns: int


def write_grid(builder: DocumentBuilder, grid: Grid, breaks: Sequence[int] = (), title: str = "") -> None:
    """Write a table into a document's text, after a blank line, and record it. ``breaks`` are rows that begin pages;
    ``title`` is what it stands under, the section's headings where nothing is named."""
    starts, gap = [], "\n\n"
    title = title or builder.path_label
    for at, line in enumerate(grid.lines):
        for _ in range(breaks.count(at)):
            builder.page("page")
        starts.append(builder.write(line, gap) if line else builder.length)
        gap = "\n" if line else gap
    grid.record(builder, starts, title)


def is_figure(text: str) -> bool:
    """Whether a cell holds a number, a date or a time rather than words."""
    return bool(_FIGURE.match(text))


def _moved(span: tuple[int, int], by: int) -> tuple[int, int]:
    return span[0] + by, span[1] + by
