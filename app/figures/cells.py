"""From a row to its cells: the columns that a question asks for, by period and by the words of their names."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

from app.figures.periods import AskedPeriod, length_in_months, matches
from core.tables import Cell, Column, Period, Row, Table
from index.analyzer import FUNCTION_WORDS, analyze
from index.of_documents import OfDocuments
from ingest.tables.periods import period_of
from ingest.tables.units import money_in
from ingest.tables.vocabulary import counts, months, time_spans

NEAR_DAYS = 8
"""Days by which the end of a column's period may be off: "September 2022" ends on the 30th, the quarter on the 24th."""

LEAST_PERIODS = 0.5
"""The share of a table's rows from which on rows that are periods make its columns the items."""

LONGEST_VALUE = 100
"""Characters of a cell; a longer one holds sentences, as a sheet of conditions does, and is no value of a column."""

LONGEST_SHORTENED = 5
"""Letters of a name of a column that is a word cut short."""

_PERCENT = re.compile(r"(?i)%|\bpercent|\bper cent|\brate\b|\bshare\b|\bproportion|\bprozent|\banteil|\bquote")


@dataclass(frozen=True, slots=True)
class FoundCell:
    """A cell of a table. ``fit`` is how well its column is what was asked for, 0 for one that nothing speaks for;
    ``named`` are texts of other cells of its row by which the question tells it."""

    document_id: str
    table: Table
    cell: Cell
    fit: float = 0.0
    named: tuple[str, ...] = ()

    @property
    def row(self) -> tuple[str, ...]:
        """What its row is called; a row without a label by the cells that the question names."""
        return self.table.rows[self.cell.row].path or self.named

    @property
    def column(self) -> Column:
        return self.table.columns[self.cell.column]

    @property
    def period(self) -> Period | None:
        return self.column.period

    @property
    def months(self) -> int:
        return length_in_months(self.period)

    @property
    def end(self) -> date:
        return self.period.end if self.period else date.min


_upright = OfDocuments[tuple[Table, ...]]()


def upright_tables(document_id: str, tables: Sequence[Table]) -> tuple[Table, ...]:
    """The tables of a document as `upright` gives them."""
    return _upright.of(document_id, tables, lambda: tuple(map(upright, tables)))


def upright(table: Table) -> Table:
    """The table with its items as rows: turned over where its rows are periods and its columns are not."""
    periods = [period_of(row.path[-1:]) for row in table.rows]
    if not table.rows or any(column.period for column in table.columns):
        return table
    if sum(period is not None for period in periods) < max(2, LEAST_PERIODS * len(periods)):
        return table
    rows = tuple(Row(column.path, table.start, table.end) for column in table.columns)
    columns = tuple(Column(row.path, period) for row, period in zip(table.rows, periods, strict=True))
    cells = [replace(cell, row=cell.column, column=cell.row) for cell in table.cells]
    return replace(table, rows=rows, columns=columns, cells=tuple(sorted(cells, key=lambda c: (c.row, c.column))))


def cells_of_row(document_id: str, table: Table, row: Row, question: str, terms: frozenset[str]) -> list[FoundCell]:
    """The cells of a row that can be asked for, each with the fit of its column's words: from left to right."""
    cells = _values_of(table, row)
    figures = [cell for cell in cells if cell.number is not None and not _is_year(cell)]
    wants_percent = bool(_PERCENT.search(question))
    monthly = _of_months(cells, table, months_of(question))
    if monthly and len(monthly) < len(cells):
        fits = (words_fit(table.columns[cell.column].path, terms) for cell in monthly)
        return [FoundCell(document_id, table, cell, fit) for cell, fit in zip(monthly, fits, strict=True)]
    found = []
    for cell in figures or cells:
        column = table.columns[cell.column]
        fit = words_fit(column.path, terms)
        fit += 0.3 if cell.percent and wants_percent else -0.4 if cell.percent and not wants_percent else 0.0
        found.append(FoundCell(document_id, table, cell, fit))
    dated = [one for one in found if one.period or re.search(r"\b(?:19|20)\d\d\b", " ".join(one.column.path))]
    if len(dated) > 1 or (dated and len(found) > len(dated)):
        found = [one for one in found if one in dated or words_fit(one.column.path, terms) > 0]
    return found


def cells_of_named(
    document_id: str, table: Table, row: Row, named: frozenset[str], asked_months: frozenset[int]
) -> list[FoundCell]:
    """The cells of a row that a question names by the terms of some of its cells: all but these; of months those that
    are asked for."""
    cells = _values_of(table, row)
    by_name = [cell for cell in cells if _is_of(cell.text, named)]
    texts = tuple(cell.text for cell in by_name)
    others = [cell for cell in cells if cell not in by_name]
    chosen = _of_months(others, table, asked_months) or others
    return [FoundCell(document_id, table, cell, named=texts) for cell in chosen]


def _of_months(cells: Sequence[Cell], table: Table, asked: frozenset[int]) -> list[Cell]:
    """Those whose columns name a month that is asked for."""
    if not asked:
        return []
    return [cell for cell in cells if months_of(" ".join(table.columns[cell.column].path)) & asked]


def _values_of(table: Table, row: Row) -> list[Cell]:
    """The cells of a row from left to right, but for those that hold sentences."""
    number = next(at for at, one in enumerate(table.rows) if one is row)
    first, end = (bisect(table.cells, number, key=lambda cell: cell.row) for bisect in (bisect_left, bisect_right))
    return [cell for cell in table.cells[first:end] if len(cell.text) <= LONGEST_VALUE]


def _is_of(text: str, named: frozenset[str]) -> bool:
    terms = set(analyze(text)) - FUNCTION_WORDS
    return bool(terms) and len(terms & named) > len(terms) / 2


def is_bare_unit(text: str) -> bool:
    """Whether a cell says no more than what figures beside it count: "EUR", "°C"."""
    bare = text.strip()
    return len(bare) <= 4 and not any(map(str.isdigit, bare)) and (not bare.isalpha() or bool(money_in(bare)))


def months_of(text: str) -> frozenset[int]:
    """The months that a text names, 1 to 12; "may" in small letters is none."""
    words = (word.lower() for word in re.findall(r"[^\W\d_]{3,}", text) if word != "may")
    return frozenset(months()[word] for word in words if word in months())


def words_fit(path: Sequence[str], terms: frozenset[str]) -> float:
    """How much of a column's own words, without those of time and number, the question holds: -0.2 for none of them."""
    own = _own_terms(tuple(path))
    if not own:
        return 0.0
    share = len(own & terms) / len(own)
    return share if share else -0.2


def shortened(path: Sequence[str], words: Sequence[str]) -> float:
    """1 where a column's name is a word of the question cut short: "Pts" for points, "Qty." for quantity; else 0."""
    name = " ".join(path[-1:]).rstrip(".").lower()
    if not (name.isalpha() and 1 < len(name) <= LONGEST_SHORTENED):
        return 0.0
    return float(any(_shortens(name, word.strip(".,;:?!").lower()) for word in words))


def _shortens(name: str, word: str) -> bool:
    letters = iter(word)
    ends = word.startswith(name) or word[-1:] == name[-1]
    return len(word) > len(name) + 1 and word[0] == name[0] and ends and all(letter in letters for letter in name)


@lru_cache(maxsize=4096)
def _own_terms(path: tuple[str, ...]) -> frozenset[str]:
    terms = set(analyze(" ".join(path))) - FUNCTION_WORDS - _time_terms()
    return frozenset(term for term in terms if not any(map(str.isdigit, term)))


@cache
def _time_terms() -> frozenset[str]:
    return frozenset(term for word in (*months(), *time_spans(), *counts()) for term in analyze(word)) | _OF_TIME


def _is_year(cell: Cell) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)?\d\d)?", cell.text.strip()))


_OF_TIME = frozenset(analyze("ended fiscal ending year years as at of for note notes unaudited million thousand in"))


def _each_once(cells: Sequence[FoundCell]) -> list[FoundCell]:
    """The cells without those whose column is called as one before it."""
    return list({one.column.path: one for one in reversed(cells)}.values())[::-1]


def of_period(cells: Sequence[FoundCell], asked: AskedPeriod, months: int) -> list[FoundCell]:
    """The cells of a period, the best first; several only where they fit equally well. () where there is none."""
    scored = [(matches(one.period, one.column.path, asked), one) for one in cells]
    scored = [(score + (0.5 if months and one.months == months else 0.0), one) for score, one in scored if score > 0]
    if not scored:
        return []
    best_fit = max(one.fit for _, one in scored)
    kept = [(score, one) for score, one in scored if one.fit >= best_fit - 0.05]
    best = max(score for score, _ in kept)
    return _each_once([one for score, one in kept if score == best])


def latest(cells: Sequence[FoundCell], months: int) -> list[FoundCell]:
    """The cells of the last period, shorter stretches of time first; all where the columns are no periods."""
    best_fit = max((one.fit for one in cells), default=0.0)
    kept = [one for one in cells if one.fit >= best_fit - 0.05]
    dated = [one for one in kept if one.period]
    if not dated:
        return kept
    end = max(one.end for one in dated)
    last = sorted((one for one in dated if (end - one.end).days <= NEAR_DAYS), key=lambda one: one.months)
    last = _each_once(last)
    return [one for one in last if one.months == months] or last


def of_own_period(cells: Sequence[FoundCell], own: Period | None, months: int) -> list[FoundCell]:
    """The cells of the period that a document is about, by its end and its length; of days by themselves its last."""
    if own is None:
        return []
    near = [one for one in cells if one.period and abs((one.end - own.end).days) <= NEAR_DAYS]
    best_fit = max((one.fit for one in near), default=0.0)
    near = [one for one in near if one.fit >= best_fit - 0.05]
    near = _each_once(near)
    wanted = months or length_in_months(own)
    return [one for one in near if one.months == wanted] or [one for one in near if not one.months] or near


def quarters_of(cells: Sequence[FoundCell], asked: AskedPeriod) -> list[FoundCell]:
    """The four quarters of a year that has no column of its own, from first to last; [] where one is missing."""
    year = [one for one in cells if asked.grain == "year" and one.period and one.end.year == asked.days.end.year]
    if any(one.months not in (0, 3) for one in year):
        return []
    found = sorted((one for one in year if one.months == 3), key=lambda one: one.end)
    return found if len(found) == len({one.end for one in found}) == 4 else []


def before(cells: Sequence[FoundCell], cell: FoundCell) -> FoundCell | None:
    """The cell of the same kind one year earlier, else of the period just before; None where there is none."""
    earlier = [
        one
        for one in cells
        if one.period and one.end < cell.end and one.months == cell.months and abs(one.fit - cell.fit) < 0.05
    ]
    return min(earlier, key=lambda one: abs((cell.end - one.end).days - 365), default=None)


def series(cells: Sequence[FoundCell], like: FoundCell) -> list[FoundCell]:
    """The cells of all periods of the same kind, the earliest first."""
    same = [one for one in cells if abs(one.fit - like.fit) < 0.05 and one.months == like.months]
    return sorted(same, key=lambda one: one.end)
