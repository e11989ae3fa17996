"""What tables mean: numbers by the document's habit, units and scales, periods as dates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.tables import Cell, Column, Row, Table
from core.types import Page
from ingest.locate import page_at
from ingest.tables.numbers import decimal_sign, figure
from ingest.tables.periods import period_of
from ingest.tables.raw import RawCell, RawTable
from ingest.tables.units import Unit, excepted, in_brackets, is_rate, money_in, scale_in, unit_of


def interpret(tables: Sequence[RawTable], text: str, pages: Sequence[Page]) -> tuple[Table, ...]:
    """The tables of a document with this text and these pages, in the order of the text."""
    if not tables:
        return ()
    decimal = decimal_sign(text[cell.start : cell.end] for table in tables for row in table.rows for cell in row.cells)
    ordered = sorted(tables, key=lambda table: table.start)
    return tuple(_Interpreter(table, text, pages, decimal).table() for table in ordered)


_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)\d\d)?")


class _Interpreter:
    def __init__(self, raw: RawTable, text: str, pages: Sequence[Page], decimal: str) -> None:
        self._raw = raw
        self._text = text
        self._pages = pages
        self._decimal = decimal
        self._unit = unit_of(raw.notes)
        self._column_units = [_Head(path, self._unit, of_row=False) for path in raw.columns]
        self._years = self._columns_of_years()

    def table(self) -> Table:
        raw = self._raw
        return Table(
            title=raw.title,
            unit=self._unit.text,
            scale=self._unit.scale,
            start=raw.start,
            end=raw.end,
            rows=tuple(Row(row.path, row.start, row.end) for row in raw.rows),
            columns=tuple(Column(path, period_of(path)) for path in raw.columns),
            cells=tuple(self._cells()),
        )

    def _columns_of_years(self) -> set[int]:
        """The columns of which all figures are years, which are neither scaled nor have a unit."""
        years: set[int] = set()
        others: set[int] = set()
        for row in self._raw.rows:
            for cell in row.cells:
                text = self._text[cell.start : cell.end]
                if any(map(str.isdigit, text)):
                    (years if _YEAR.fullmatch(text) else others).add(cell.column)
        return years - others

    def _cells(self) -> Iterator[Cell]:
        """The cells row by row. "%" beside the first figure of a column in a group of rows holds for the group."""
        group: tuple[str, ...] = ()
        percent: dict[int, bool] = {}
        for number, row in enumerate(self._raw.rows):
            if row.path[:-1] != group:
                group, percent = row.path[:-1], {}
            head = _Head(row.path, self._unit, of_row=True)
            for raw in sorted(row.cells, key=lambda cell: cell.column):
                cell = self._cell(number, raw, head)
                if cell.number is not None and percent.setdefault(raw.column, cell.percent) and not cell.unit:
                    cell = replace(cell, unit="%", scale=1)
                yield cell

    def _cell(self, row: int, raw: RawCell, head: "_Head") -> Cell:
        text = self._text[raw.start : raw.end]
        found = figure(text, self._decimal)
        page = raw.page or (page_at(self._pages, raw.start) + 1)
        if found is None:
            return Cell(row, raw.column, raw.start, raw.end, text, page, raw.box)
        if raw.column in self._years:
            return Cell(row, raw.column, raw.start, raw.end, text, page, raw.box, found.number)
        column = self._column_units[raw.column]
        unit = found.unit or head.unit or column.unit or self._unit.money
        scale = 1 if unit == "%" else next((one.scale for one in (head, column) if one.scale), self._unit.scale)
        if scale != 1 and found.number != found.number.to_integral_value() and head.rate and not head.scale:
            scale = 1  # "Earnings per share 1.20" in a table "in millions" that excepts nothing
        return Cell(row, raw.column, raw.start, raw.end, text, page, raw.box, found.number, unit, scale)


class _Head:
    """What the path of a row or column says of its figures: ``scale`` 0 and ``unit`` "" where it says nothing."""

    def __init__(self, path: Sequence[str], table: Unit, *, of_row: bool) -> None:
        tells = "" if not path else in_brackets(path[-1]) if of_row else path[-1]
        own = scale_in(path[-1]) if path else None
        outer = next((scale for name in reversed(path[:-1]) if (scale := scale_in(name)) is not None), None)
        exception = excepted(table, path)
        self.scale = next((scale for scale in (own, exception, outer) if scale is not None), 0)
        self.rate = is_rate(path)
        self.unit = "%" if path and "%" in path[-1] else money_in(tells)
