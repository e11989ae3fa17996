"""Tables cell by cell: columns aligned by what stands in them, cells of aligned rows compared."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.compare.alignment import Pair
from app.compare.result import Difference, Side
from app.compare.sides import Sides, flat
from app.compare.units import Unit
from app.compare.weight import Weigher, weight_of
from app.compare.words import Codes, words_of
from core.tables import Cell, Row, Table
from core.types import Document
from ingest.locate import locate

FEWEST_ROWS = 2
"""Aligned rows from which a column can be told to have been added or removed."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table: by the number of a unit the cells of its row, by column; ``names`` are those of the columns."""

    rows: dict[int, dict[int, Span]]
    names: dict[int, str]


class TableChanges:
    """What changed in the tables of two documents whose units are aligned."""

    def __init__(self, sides: Sides, pairs: Sequence[Pair], codes: Codes, weigher: Weigher) -> None:
        self._sides, self._codes, self._weigher = sides, codes, weigher
        self._old, old_of = _grids(sides.old, sides.old_units)
        self._new, new_of = _grids(sides.new, sides.new_units)
        self._grids_of: dict[Pair, tuple[int, int]] = {}
        groups: dict[tuple[int, int], list[Pair]] = defaultdict(list)
        for pair in pairs:
            if len(pair.old) == len(pair.new) == 1:
                a, b = old_of.get(pair.old[0], -1), new_of.get(pair.new[0], -1)
                if a >= 0 and b >= 0:
                    groups[a, b].append(pair)
                    self._grids_of[pair] = a, b
        self._columns = {key: self._align_columns(*key, group) for key, group in groups.items()}
        self._groups = groups
        self._whole = {
            (a, b): (
                _whole_columns([self._old[a].rows[pair.old[0]] for pair in group]),
                _whole_columns([self._new[b].rows[pair.new[0]] for pair in group]),
            )
            for (a, b), group in groups.items()
        }

    def columns(self) -> Iterator[Difference]:
        """Columns that were added or removed, each once for all rows."""
        for (a, b), group in self._groups.items():
            aligned = self._columns[a, b]
            if len(group) < FEWEST_ROWS or aligned is None:
                continue
            olds, news = self._whole[a, b]
            for column in sorted(olds - set(aligned)):
                yield self._column("column removed", a, column, [pair.old[0] for pair in group])
            for column in sorted(news - set(aligned.values())):
                yield self._column("column added", b, column, [pair.new[0] for pair in group])

    def _column(self, kind: str, grid: int, column: int, rows: Sequence[int]) -> Difference:
        removed = kind == "column removed"
        document = self._sides.old if removed else self._sides.new
        units = self._sides.old_units if removed else self._sides.new_units
        held = (self._old if removed else self._new)[grid]
        spans = [held.rows[row][column] for row in rows if column in held.rows[row]]
        text = ", ".join(_said(document, span) for span in spans)
        (start, end), last = spans[0], units[rows[-1]]
        first = units[rows[0]]
        place = locate(document.pages, document.text, start)
        side = Side(start, end, first.start, last.end, text, 0, len(text), first.place, place)
        label = held.names.get(column, "")
        old, new = (side, Side()) if removed else (Side(), side)
        return Difference(kind, "must", ("clause",), old, new, label)  # type: ignore[arg-type]

    def cells(self, pair: Pair) -> tuple[list[Difference], int] | None:
        """The cells in which two rows differ, and how many words stand in both; None for what is not in two tables."""
        key = self._grids_of.get(pair)
        aligned = self._columns.get(key) if key else None
        if key is None or aligned is None:
            return None
        old_row, new_row = self._old[key[0]].rows[pair.old[0]], self._new[key[1]].rows[pair.new[0]]
        olds, news = self._whole[key]
        if set(old_row) - set(aligned) - olds or set(new_row) - set(aligned.values()) - news:
            return None
        found, same = [], 0
        for column, other in aligned.items():
            one, two = old_row.get(column), new_row.get(other)
            if one is None and two is None:
                continue
            difference, words = self._cell(pair, key, column, other, one, two)
            same += words
            if difference:
                found.append(difference)
        return found, same

    def _cell(
        self, pair: Pair, key: tuple[int, int], column: int, other: int, one: Span | None, two: Span | None
    ) -> tuple[Difference | None, int]:
        gone = words_of(self._sides.old.text, *one) if one else []
        come = words_of(self._sides.new.text, *two) if two else []
        if [word.key for word in gone] == [word.key for word in come]:
            return None, len(gone)
        tags = self._weigher.tags(gone, come)
        case = [word.folded for word in gone] == [word.folded for word in come]
        weight = weight_of(tags, gone, come, case=case)
        old_unit, new_unit = self._sides.old_units[pair.old[0]], self._sides.new_units[pair.new[0]]
        names = self._new[key[1]].names.get(other) or self._old[key[0]].names.get(column) or ""
        rows = self._new[key[1]].rows[pair.new[0]]
        head = _said(self._sides.new, rows[min(rows)]) if rows and min(rows) != other else ""
        label = ", ".join(filter(None, (head, names)))
        sides = (_cell_side(self._sides.old, old_unit, one), _cell_side(self._sides.new, new_unit, two))
        return Difference("cell", weight, tags if weight == "must" else (), *sides, label), 0

    def _align_columns(self, a: int, b: int, group: Sequence[Pair]) -> dict[int, int] | None:
        """The columns of the new table by those of the old one; None where rows have no cells in common places."""
        score: dict[tuple[int, int], float] = defaultdict(float)
        old, new = self._old[a], self._new[b]
        olds = sorted({column for pair in group for column in old.rows[pair.old[0]]})
        news = sorted({column for pair in group for column in new.rows[pair.new[0]]})
        for pair in group:
            texts: dict[str, list[int]] = defaultdict(list)
            for column, span in new.rows[pair.new[0]].items():
                texts[_said(self._sides.new, span)].append(column)
            for column, span in old.rows[pair.old[0]].items():
                for other in texts.get(_said(self._sides.old, span), ()):
                    score[column, other] += 1
        for column in olds:
            for other in news:
                same = old.names.get(column, "") == new.names.get(other, "") != ""
                score[column, other] += (len(group) if same else 0) + 0.01 * (column == other)
        aligned = _best_order(olds, news, score)
        if len(olds) == len(news):  # a column that changed altogether
            left = [c for c in olds if c not in aligned], [c for c in news if c not in aligned.values()]
            aligned.update(zip(*left, strict=True))
        return aligned


def _whole_columns(rows: Sequence[dict[int, Span]]) -> set[int]:
    """The columns that at least half of some rows have, and more than one."""
    counts = Counter(column for row in rows for column in row)
    return {column for column, count in counts.items() if count >= max(FEWEST_ROWS, len(rows) / 2)}


def _best_order(olds: Sequence[int], news: Sequence[int], score: dict[tuple[int, int], float]) -> dict[int, int]:
    """The pairs of columns, in order, with the greatest sum of scores."""
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i, column in enumerate(olds, 1):
        for j, other in enumerate(news, 1):
            met = best[i - 1][j - 1] + score[column, other] if score[column, other] > 0 else 0.0
            best[i][j] = max(best[i - 1][j], best[i][j - 1], met)
    found, i, j = {}, len(olds), len(news)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found[olds[i]] = news[j]
    return dict(sorted(found.items()))


def _said(document: Document, span: Span) -> str:
    return " ".join(document.text[slice(*span)].split())


def _cell_side(document: Document, unit: Unit, span: Span | None) -> Side:
    start, end = span or (unit.end, unit.end)
    inside = [at for at, word in enumerate(unit.words) if start <= word.start < end]
    first, last = (inside[0], inside[-1] + 1) if inside else (len(unit.words), len(unit.words))
    said, at, to = flat(document.text, unit.words, first, last)
    place = locate(document.pages, document.text, start)
    return Side(start, end, unit.start, unit.end, said, at, to, unit.place, place)


def _grids(document: Document, units: Sequence[Unit]) -> tuple[list[_Grid], dict[int, int]]:
    """The tables of a document, and by the number of a unit that of its table."""
    grids: list[_Grid] = []
    of: dict[int, int] = {}
    tables = sorted(document.tables, key=lambda table: table.start)
    known: dict[int, tuple[dict[int, str], list[Row], list[dict[int, Span]]]] = {}
    before = -2
    for at, unit in enumerate(units):
        if unit.kind != "row":
            continue
        line_start = document.text.rfind("\n", 0, unit.start) + 1
        line_end = document.text.find("\n", unit.end)
        line_end = len(document.text) if line_end < 0 else line_end
        if " | " in document.text[line_start:line_end]:
            cells = _split_cells(document.text, line_start, line_end)
            if not (before == at - 1 and grids and len(cells) == len(grids[-1].names)):
                names = {column: _said(document, span) for column, span in cells.items()}
                grids.append(_Grid({}, names))
            before = at
        else:
            around = _around(tables, unit.start)
            if around is None:
                continue
            table = tables[around]
            if table.start not in known:
                names = {column + 1: " ".join(one.path) for column, one in enumerate(table.columns)}
                held = zip(table.rows, _table_cells(table), strict=True)
                filled = sorted((one for one in held if one[0].start < one[0].end), key=lambda one: one[0].start)
                known[table.start] = names, [one for one, _ in filled], [one for _, one in filled]
            names, rows, held_by = known[table.start]
            row = _around(rows, unit.start)
            if row is None:
                continue
            cells = held_by[row]
            if not (grids and of.get(at - 1) == len(grids) - 1 and grids[-1].names == names):
                grids.append(_Grid({}, names))
        grids[-1].rows[at] = cells
        of[at] = len(grids) - 1
    return grids, of


def _around(spans: Sequence[Table] | Sequence[Row], at: int) -> int | None:
    """The number of the table or row, of several in order, that a character stands in."""
    last = bisect_right(spans, at, key=lambda one: one.start) - 1
    return last if last >= 0 and at < spans[last].end else None


def _split_cells(text: str, start: int, end: int) -> dict[int, Span]:
    """The cells of a line "Rent | 640 | 2024" by column, from 0."""
    found, at = {}, start
    for column, cell in enumerate(text[start:end].split(" | ")):
        found[column] = at, at + len(cell)
        at += len(cell) + 3
    return found


def _table_cells(table: Table) -> list[dict[int, Span]]:
    """Of each row of a table its cells by column, its label as column 0."""
    of: dict[int, list[Cell]] = defaultdict(list)
    for cell in sorted(table.cells, key=lambda one: one.start):
        of[cell.row].append(cell)
    rows = []
    for number, row in enumerate(table.rows):
        cells = of[number]
        first = cells[0].start if cells else row.end
        found: dict[int, Span] = {0: (row.start, first)} if first > row.start else {}
        rows.append(found | {one.column + 1: (one.start, one.end) for one in cells})
    return rows
