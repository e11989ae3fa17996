"""A question for figures -> the cells that it asks for, and what is computed over them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from app.figures.cells import FoundCell, before, quarters_of
from app.figures.definitions import definition_of
from app.figures.finder import SAME_TABLE, Finder, FoundRow
from app.figures.found import FiguresFound, Result, compute_over, operand_names
from app.figures.look_up import LookUp, label_of
from app.figures.operations import Operation, wording_of
from app.figures.periods import AskedPeriod, year_of
from app.figures.ratios import find_defined, find_ratio
from app.figures.scope import Scope
from index.search.row_ranking import RowVectors, question_terms
from ingest.tables.units import scale_in

TWO = 2

_SUMS = question_terms("total sum summe gesamt")

_NUMBER = re.compile(r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)(?![\d,.]*\d)\s*(\w+)?")


def find_figures(
    question: str,
    scope: Scope,
    vectors: RowVectors,
) -> FiguresFound | None:
    """The figures that a question asks for, of the tables of some documents; None where it asks for none, or where no
    row is clearly what it names."""
    if not any(scope.tables.values()):
        return None
    wording = wording_of(question)
    if definition := definition_of(question):
        return find_defined(question, definition, scope, vectors, wording)
    found = _Search(question, Finder(scope, vectors, question, wording)).found()
    if found is None and not wording.is_prose:
        return find_ratio(question, scope, vectors, wording)
    return replace(found, is_beside=True) if found and wording.is_prose and not found.is_named else found


def find_in_same_row(question: str, before: FiguresFound, scope: Scope, vectors: RowVectors) -> FiguresFound | None:
    """The figures that a question asks for of the row that another one just named ("... and how much was spent?"); None
    where it says no word of one of the row's columns."""
    first = before.cells[0]
    if len({(one.table.start, one.cell.row) for one in before.cells}) > 1:
        return None
    found = find_figures(f"{question.rstrip(' ?.!')} {' '.join(first.row[-1:])}?", scope, vectors)
    if found is None or found.is_choice:
        return None
    told = question_terms(question)
    is_same = all(
        (one.document_id, one.table.start, one.cell.row) == (first.document_id, first.table.start, first.cell.row)
        and told & question_terms(" ".join(one.column.path))
        for one in found.cells
    )
    return found if is_same else None


class _Search(LookUp):
    def found(self) -> FiguresFound | None:
        if self._wording.operation == "look up" and not self._scope.each and (named := self._finder.named_rows()):
            return self._of_named_rows(named)
        if self._scope.each and len(self._scope.tables) > 1 and (several := self._of_documents()):
            return several
        rows = self._rows()
        if not rows or not all(row.is_sure for row in rows):
            return None
        operation = self._operation(rows)
        if self._wording.each_period and len(rows) == 1 and (each := self._each(rows[0])):
            return each
        if operation in ("share", "ratio", "change", "change in percent") and len(rows) == 2:
            return self._of_two(operation, rows)
        if operation in ("change", "change in percent"):
            return self._change(operation, rows[0])
        if operation in ("largest", "smallest", "count") or (self._wording.limit and self._wording.names_period):
            return self._compared(operation, rows[0])
        if operation in ("average", "sum"):
            return self._summed(operation, rows)
        if len(rows) == 1 and len(self._asked.periods) == 1 and (quarters := self._quarters(rows[0])):
            return compute_over("sum", quarters, f"sum({', '.join(operand_names(4))})")
        return self._looked_up(rows)

    def _of_named_rows(self, rows: Sequence[FoundRow]) -> FiguresFound | None:
        """The cell of rows that the question names, in the column that is clearly asked for: of rows of several tables
        where it is nearest. None where no column is clear."""
        cells = self._finder.clear_columns([cell for row in rows for cell in row.cells])
        return FiguresFound("look up", tuple(cells), is_choice=len(cells) > 1, is_named=True) if cells else None

    def _rows(self) -> list[FoundRow]:
        """The row of each item."""
        found: list[FoundRow] = []
        for item in self._finder.items():
            rows = self._finder.rows(item)
            if self._wording.operation in ("share", "ratio"):
                rows = [row for row in rows if all(row.ranked.row is not one.ranked.row for one in found)]
                tables = [one.ranked.table for one in found]
                rows.sort(key=lambda row: -row.score - SAME_TABLE * any(row.ranked.table is one for one in tables))
            found += rows[:1]
        return found

    def _of_documents(self) -> FiguresFound | None:
        """The same item in each of the documents; None where it is sure in none of them."""
        cells: list[FoundCell] = []
        for item in self._finder.items():
            by_document: dict[str, list[FoundRow]] = {}
            for row in self._finder.rows(item):
                by_document.setdefault(row.document_id, []).append(row)
            label = _shared_label(by_document)
            for rows in by_document.values():
                row = next((one for one in rows if label_of(one) == label), rows[0])
                if row.is_sure:
                    cells += self._cells(row)[0]
        if not cells:
            return None
        cells = sorted(dict.fromkeys(cells), key=lambda one: (one.row[-1:], one.end))
        held = {one.document_id for one in cells}
        without = tuple(key for key in self._scope.tables if key not in held)
        return FiguresFound("over time", tuple(cells), without=without)

    def _operation(self, rows: Sequence[FoundRow]) -> Operation:
        """The operation, which is a look-up where its own words belong to the name of the row ("Total assets")."""
        operation = self._wording.operation
        if operation in ("change", "change in percent", "average", "sum", "largest", "smallest") and len(rows) == 1:
            left = question_terms(" ".join(self._wording.items))
            own = question_terms(self._question) - left
            own |= question_terms(self._question) & _SUMS if operation == "sum" else frozenset()
            name = question_terms(" ".join(rows[0].path[-1:]))
            if own & name and not (operation == "average" and len(self._asked.periods) > 1 and not own <= name):
                return "look up"
        return operation

    def _each(self, row: FoundRow) -> FiguresFound | None:
        """The figures of a row of every period, of the years that are asked for; None for fewer than three."""
        years = {one.days.end.year for one in self._asked.with_years_between if one.grain == "year"}
        cells = [one for one in self._all_periods(row) if not years or one.end.year in years]
        return FiguresFound("over time", tuple(cells)) if len(cells) > TWO else None

    def _of_two(self, operation: Operation, rows: Sequence[FoundRow]) -> FiguresFound | None:
        """A formula over two rows in the same period."""
        first = (self._single(rows[0]) or self._latest(rows[0])[:1])[-1:]
        if not first:
            return None
        same = [one for one in rows[1].cells if one.column.path == first[0].column.path]
        same = same or [one for one in rows[1].cells if one.period and one.period == first[0].period]
        second = same or (self._single(rows[1]) or self._latest(rows[1])[:1])[-1:]
        if not second:
            return None
        if operation.startswith("change"):
            return compute_over(operation, [second[0], first[0]])
        return compute_over(operation, [first[0], second[0]])

    def _quarters(self, row: FoundRow) -> list[FoundCell]:
        """The quarters of the year that is asked for, where no column is of the year."""
        asked = self._scope.asked_of(row.document_id, self._asked)
        return quarters_of(row.cells, asked[0]) if asked else []

    def _change(self, operation: Operation, row: FoundRow) -> FiguresFound | None:
        if len(self._asked.periods) < 3 and (of_years := self._change_of_years(operation, row)):
            return of_years
        cells = self._single(row) or self._two_columns(row)
        if len(cells) > 2:
            cells = [cells[0], cells[-1]]
        if len(cells) < 2:
            last = cells[-1:] or self._latest(row)[:1]
            earlier = before(row.cells, last[0]) if last else None
            cells = [earlier, last[0]] if earlier else []
        return compute_over(operation, cells) if len(cells) == 2 else None

    def _two_columns(self, row: FoundRow) -> list[FoundCell]:
        """The two columns, no periods, that are compared: all that there are, else those that the question names."""
        cells = [one for one in row.cells if not one.period and one.cell.value is not None]
        if len(cells) > 2:
            cells = [one for one in cells if one.fit > 0]
        return cells if len(cells) == 2 else []

    def _change_of_years(self, operation: Operation, row: FoundRow) -> FiguresFound | None:
        """The change from year to year of a row whose columns are quarters: their sums are compared."""
        asked = self._scope.asked_of(row.document_id, self._asked)
        ends = sorted(one.days.end.year for one in asked if one.grain == "year")
        if not ends or len(ends) < len(asked):
            return None
        years = [AskedPeriod(str(year), "year", year_of(year)) for year in {ends[0] - (len(ends) == 1), ends[-1]}]
        quarters = [quarters_of(row.cells, year) for year in sorted(years, key=lambda one: one.days.end)]
        if not all(quarters) or len(quarters) != 2:
            return None
        cells = [cell for year in quarters for cell in year]
        first, second = (f"sum({', '.join(names)})" for names in (operand_names(8)[:4], operand_names(8)[4:]))
        formula = f"{second} - {first}" if operation == "change" else f"({second} - {first}) / abs({first}) * 100"
        return compute_over(operation, cells, formula)

    def _summed(self, operation: Operation, rows: Sequence[FoundRow]) -> FiguresFound | None:
        cells = [cell for row in rows for cell in self._operands(row, alone=len(rows) == 1)]
        if len(cells) < 2:
            return self._looked_up(rows)
        names = ", ".join(operand_names(len(cells)))
        return compute_over(operation, cells, f"{'avg' if operation == 'average' else 'sum'}({names})")

    def _operands(self, row: FoundRow, *, alone: bool) -> list[FoundCell]:
        """The cells of a row that are summed: of the periods asked for, else of all where the row is ``alone``."""
        if self._scope.asked_of(row.document_id, self._asked):
            return self._single(row)
        last = self._latest(row)[:1]
        every = self._all_periods(row)
        return every if alone and self._wording.operation == "average" else last

    def _compared(self, operation: Operation, row: FoundRow) -> FiguresFound | None:
        """The periods in which a row is the largest, the smallest, or beyond a number of the question."""
        cells = [one for one in (self._single(row) or self._all_periods(row)) if one.cell.value is not None]
        if len(cells) < 2:
            return None
        limit = _limit(self._question) if self._wording.limit else None
        if limit is not None:
            over = [one for one in cells if _is_beyond(one, limit, self._wording.limit)]
            counted = Result("", Decimal(len(over))) if operation == "count" else None
            return FiguresFound(operation, tuple(cells), counted, tuple(over), names_period=True)
        if operation not in ("largest", "smallest"):
            return None
        pick = max if operation == "largest" else min
        best = pick(cells, key=lambda one: abs(one.cell.value or Decimal(0)))
        return FiguresFound(operation, tuple(cells), None, (best,), names_period=self._wording.names_period)


def _shared_label(by_document: Mapping[str, Sequence[FoundRow]]) -> str:
    """The name of a row that fits best over all documents."""
    scores: dict[str, float] = {}
    for rows in by_document.values():
        best: dict[str, float] = {}
        for row in rows:
            best[label_of(row)] = max(best.get(label_of(row), 0.0), row.score)
        for label, score in best.items():
            scores[label] = scores.get(label, 0.0) + score
    return max(scores, key=lambda label: scores[label], default="")


def _limit(question: str) -> tuple[Decimal, int] | None:
    """The number of a question that figures are compared with, and its scale, 0 for one that it does not name."""
    found = [(match[1], match[2]) for match in _NUMBER.finditer(question)]
    numbers = [(text, word) for text, word in found if not re.fullmatch(r"(?:19|20)\d\d", text)]
    if not numbers:
        return None
    text, word = numbers[-1]
    return Decimal(text.replace(",", "")), scale_in(word or "") or 0


def _is_beyond(one: FoundCell, limit: tuple[Decimal, int], side: str) -> bool:
    number, scale = limit
    value = one.cell.value if scale and one.cell.scale > 1 else one.cell.number
    wanted = number * scale if scale and one.cell.scale > 1 else number
    assert value is not None, "compared are cells with figures"
    return abs(value) > wanted if side == "above" else abs(value) < wanted
