"""A stored table of a document as a relation: typed columns with safe names, and rows that know where they stand."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

from app.table_query.values import (
    day_order,
    is_missing,
    leading_number,
    read_date,
    read_number,
    without_notes,
)
from core.tables import Cell, Table
from ingest.tables.numbers import decimal_sign

Kind = Literal["text", "number", "date"]
Value = str | float | date | None

MOSTLY = 0.8
"""The share of a column's values from which on it is one of numbers or dates; the others are then None."""

LEADING = 0.6
"""The share of a column's values that begin with a number, from which on it can be ranked by that."""

_TOTALS = (
    "total totals subtotal subtotals sum gesamt gesamtsumme summe zwischensumme insgesamt totaux sous-total "
    "somme ensemble suma totales totale somma totaal subtotaal soma"
)
TOTALS = frozenset(_TOTALS.split())
"""What begins or ends the label of a row that sums up others, in seven languages."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column. ``name`` is safe in a query, ``header`` what the file calls it.

    ``at`` is its number in the table, -1 for the labels of rows and -2 for the headings that these stand under.
    ``texts`` are the cells as they stand, ``values`` those of its kind, and ``ranked`` the number that a cell of words
    begins with; each has one entry a row. ``unit`` is what the numbers count, "" for nothing.
    """

    name: str
    header: str
    kind: Kind
    at: int
    texts: tuple[str, ...]
    values: tuple[Value, ...]
    ranked: tuple[float | None, ...]
    unit: str = ""
    scale: int = 1

    @property
    def is_numeric(self) -> bool:
        return self.kind == "number" or any(one is not None for one in self.ranked)

    @property
    def is_ranked(self) -> bool:
        """Whether its cells are words that begin with a number."""
        return self.kind == "text" and self.is_numeric

    @property
    def compared(self) -> str:
        """The name of the column by which a query orders and compares its rows; no header makes one of two "_"."""
        return f"{self.name}__number" if self.is_ranked else self.name


@dataclass(frozen=True)
class Relation:
    """The rows and columns of a table that belong together. ``rows`` are numbers of rows of the table; ``totals`` are
    positions in ``rows`` of those that sum up others, which no query counts. ``about`` is what the file is called."""

    document_id: str
    table: Table
    fields: tuple[Field, ...]
    rows: tuple[int, ...]
    totals: frozenset[int]
    title: str = ""
    about: str = ""

    @cached_property
    def counted(self) -> tuple[int, ...]:
        """The positions of the rows that stand for themselves."""
        return tuple(at for at in range(len(self.rows)) if at not in self.totals)

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


def relations_of(document_id: str, tables: Sequence[Table], text: str, name: str = "") -> list[Relation]:
    """The relations of a document's tables, of two that stand side by side each by itself; ``name`` is its file's."""
    about = re.sub(r"[\W_]+", " ", name.rpartition(".")[0])
    return [replace(one, about=about) for table in tables for one in _of_table(document_id, table, text)]


def _of_table(document_id: str, table: Table, text: str) -> Iterator[Relation]:
    cells: dict[int, dict[int, Cell]] = defaultdict(dict)
    for cell in table.cells:
        cells[cell.row][cell.column] = cell
    corner = _corner(table, text)
    heads = _own_heads(table, cells)
    for columns in _side_by_side(table, cells):
        names = [_header(table, at, heads) for at in columns]
        first = 1 if any(at in heads for at in columns) else 0
        rows = [
            at
            for at in range(first, len(table.rows))
            if (at in cells and any(one in cells[at] for one in columns))
            and not _repeats(
                [corner, *names], [*table.rows[at].path[-1:], *(_text(cells[at].get(one)) for one in columns)]
            )
        ]
        if not rows:
            continue
        made: list[tuple[str, int, list[str], Sequence[Cell | None]]] = []
        has_labels = any(table.rows[at].path for at in rows) and 0 in columns
        if has_labels:
            labels = [" › ".join(table.rows[at].path[-1:]) for at in rows]
            made.append((corner, -1, labels, [None] * len(rows)))
            groups = [" › ".join(table.rows[at].path[:-1]) for at in rows]
            if any(groups):
                made.append(("group", -2, groups, [None] * len(rows)))
        for at, name in zip(columns, names, strict=True):
            column = [cells[row].get(at) for row in rows]
            made.append((name, at, list(map(_text, column)), column))
        fields = tuple(_fields(made))
        totals = _totals(table, rows, fields)
        yield Relation(document_id, table, fields, tuple(rows), totals, table.title)


def _text(cell: Cell | None) -> str:
    return cell.text if cell else ""


def _corner(table: Table, text: str) -> str:
    """What the column of the labels is called, by the line that names the columns; "" where nothing does."""
    if not table.rows or not table.columns:
        return ""
    heads = text[table.start : table.rows[0].start].splitlines()
    first = heads[0].split(" | ")[0].strip() if heads and " | " in heads[0] else ""
    return "" if table.columns[0].path and first == table.columns[0].path[0] else first


def _side_by_side(table: Table, cells: dict[int, dict[int, Cell]]) -> list[list[int]]:
    """The columns of each table that stands beside another, told by columns that have neither a name nor a value."""
    used = {column for row in cells.values() for column in row}
    groups: list[list[int]] = [[]]
    for at, column in enumerate(table.columns):
        if at in used or column.path:
            groups[-1].append(at)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _own_heads(table: Table, cells: dict[int, dict[int, Cell]]) -> dict[int, str]:
    """The names that the first row gives columns where most share theirs with another ("Jan" over "Budget", "Actual");
    {} for a row that names none."""
    paths = Counter(column.path for column in table.columns)
    same = sum(paths[column.path] > 1 for column in table.columns)
    first = cells.get(0, {})
    if not same or same < len(table.columns) / 2 or any(one.number is not None for one in first.values()):
        return {}
    return {at: cell.text for at, cell in first.items() if cell.text}


def _header(table: Table, at: int, heads: dict[int, str]) -> str:
    words = (*table.columns[at].path, heads.get(at, ""))
    return " › ".join(dict.fromkeys(filter(None, words)))


def _repeats(names: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether a row repeats the names of the columns, as after the end of a page."""
    names = names[len(names) - len(texts) :]
    pairs = [(name.split(" › ")[-1], text) for name, text in zip(names, texts, strict=True) if text]
    same = sum(name.casefold() == text.casefold() for name, text in pairs)
    return len(pairs) > 1 and same >= max(2, 0.8 * len(pairs))


def _fields(made: Iterable[tuple[str, int, list[str], Sequence[Cell | None]]]) -> Iterator[Field]:
    taken: set[str] = set()
    for number, (header, at, texts, cells) in enumerate(made):
        name = safe_name(header, taken, number)
        taken.add(name)
        yield _field(name, header, at, [without_notes(text) for text in texts], cells)


def _field(name: str, header: str, at: int, texts: list[str], cells: Sequence[Cell | None]) -> Field:
    filled = [text for text in texts if not is_missing(text)]
    ranked: list[float | None] = [None] * len(texts)
    if filled:
        order = day_order(filled)
        days = [None if is_missing(text) else read_date(text, order) for text in texts]
        if sum(day is not None for day in days) >= MOSTLY * len(filled):
            return Field(name, header, "date", at, tuple(texts), tuple(days), tuple(ranked))
        decimal = decimal_sign(filled)
        numbers = [
            float(cell.number) if cell is not None and cell.number is not None else _number(text, decimal)
            for text, cell in zip(texts, cells, strict=True)
        ]
        if sum(one is not None for one in numbers) >= MOSTLY * len(filled) and not _is_code(filled):
            units = Counter(cell.unit for cell in cells if cell is not None and cell.unit)
            scales = Counter(cell.scale for cell in cells if cell is not None and cell.number is not None)
            unit = units.most_common(1)[0][0] if units and sum(units.values()) >= len(filled) / 2 else ""
            scale = scales.most_common(1)[0][0] if scales else 1
            return Field(name, header, "number", at, tuple(texts), tuple(numbers), tuple(numbers), unit, scale)
        leading = [None if is_missing(text) else leading_number(text, decimal) for text in texts]
        if sum(one is not None for one in leading) >= LEADING * len(filled):
            ranked = leading
    words = tuple(None if is_missing(text) else " ".join(text.split()) for text in texts)
    return Field(name, header, "text", at, tuple(texts), words, tuple(ranked))


def _number(text: str, decimal: str) -> float | None:
    return None if is_missing(text) else read_number(text, decimal)


def _is_code(texts: Sequence[str]) -> bool:
    """Whether figures are names: they begin with zeros, as telephone numbers and post codes do."""
    return sum(bool(re.match(r"0\d", text)) for text in texts) > len(texts) / 4


def safe_name(header: str, taken: set[str], number: int) -> str:
    """A name of small letters, figures and "_" for a column, different from those ``taken``."""
    plain = unicodedata.normalize("NFKD", header.casefold().replace("ß", "ss"))
    plain = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")[:40]
    plain = plain if plain and not plain[0].isdigit() else f"c{number + 1}_{plain}".rstrip("_")
    if plain == "row_number":
        plain += "_"
    name, count = plain, 2
    while name in taken:
        name, count = f"{plain}_{count}", count + 1
    return name


def _totals(table: Table, rows: Sequence[int], fields: Sequence[Field]) -> frozenset[int]:
    """The rows that say that they sum up others; none where half of the rows do."""
    found = set()
    for at, row in enumerate(rows):
        path = table.rows[row].path
        texts = [path[-1]] if path else [field.texts[at] for field in fields[:2] if field.kind == "text"]
        if any(map(says_total, texts)):
            found.add(at)
    return frozenset(found) if len(found) < len(rows) / 2 else frozenset()


def says_total(text: str) -> bool:
    """Whether a name says that it is of what is summed up."""
    words = re.findall(r"[\w-]+", text.casefold())
    return bool(words) and (words[0] in TOTALS or (len(words) <= 4 and words[-1] in TOTALS))
