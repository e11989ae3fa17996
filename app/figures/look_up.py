"""Rows looked up: which of their cells a question means, by its periods and by what else the row's name tells."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures.cells import FoundCell, before, latest, of_own_period, of_period, series
from app.figures.finder import Finder, FoundRow
from app.figures.found import FiguresFound
from app.figures.periods import AskedPeriod
from index.search.row_ranking import question_terms

MOST_CHOICES = 3
"""Rows or columns that are shown as a choice where a question does not tell which of them it means."""


class LookUp:
    """The cells of rows that were found for one question."""

    def __init__(self, question: str, finder: Finder) -> None:
        self._question = question
        self._finder = finder
        self._wording = finder.wording
        self._asked = finder.periods
        self._scope = finder.scope

    def _looked_up(self, rows: Sequence[FoundRow]) -> FiguresFound | None:
        cells, missing, is_choice = [], [], False
        for row in rows:
            own, without, choice = self._cells(row)
            twins = [] if len(rows) > 1 else self._twins(row)
            cells += own + self._in_other_unit(row) + [cell for twin in twins for cell in self._cells(twin)[0]]
            missing += without
            is_choice = is_choice or choice or bool(twins)
        if self._wording.names_period and not self._asked.periods:
            cells = [one for row in rows for one in reversed(self._all_periods(row))] or cells
            return FiguresFound("look up", tuple(cells), picked=tuple(cells), names_period=True)
        if missing and len(dict.fromkeys(missing)) == len(self._asked.periods) and any(one.period for one in cells):
            return None  # another period's figure is no answer
        return FiguresFound("look up", tuple(cells), is_choice=is_choice, missing=tuple(dict.fromkeys(missing)))

    def _in_other_unit(self, row: FoundRow) -> list[FoundCell]:
        """The cell of a row that is called the same and is in percent where this one is an amount, or the other way."""
        percent = {one.cell.percent for one in row.cells}
        if len(percent) != 1:
            return []
        other_unit = {not is_percent for is_percent in percent}
        for other in self._same_name(row):
            if {one.cell.percent for one in other.cells} == other_unit:
                return self._cells(other)[0][:1]
        return []

    def _twins(self, row: FoundRow) -> list[FoundRow]:
        """Rows of the same table that are called the same, below other headings that the question names no less."""
        asked = question_terms(self._question)

        def said(one: FoundRow) -> int:
            return len(asked & question_terms(" ".join(one.path[:-1])))

        others = [one for one in self._same_name(row) if one.ranked.table is row.ranked.table]
        return [one for one in others if one.path != row.path and said(one) >= said(row)][: MOST_CHOICES - 1]

    def _same_name(self, row: FoundRow) -> list[FoundRow]:
        """Other rows of the document with the name of a row, the best first."""
        name = " ".join(row.path[-1:])
        rows = self._finder.rows(name, row.document_id)
        return [one for one in rows if label_of(one) == label_of(row) and one.ranked.row is not row.ranked.row]

    def _cells(self, row: FoundRow) -> tuple[list[FoundCell], list[AskedPeriod], bool]:
        """The cells of the periods asked for, else of the last one; the periods that are missing; whether the question
        leaves open which of several cells it means."""
        months = self._asked.months
        asked = self._scope.asked_of(row.document_id, self._asked)
        if self._wording.over_time and not asked and not self._scope.each:
            return self._all_periods(row), [], False
        if not asked:
            found = self._latest(row)
            if len(found) > 1 and not any(one.period for one in found):
                found = self._finder.clear_columns(found) or found
            found = found[:MOST_CHOICES]
            if self._wording.before and found and (earlier := before(row.cells, found[0])):
                return [found[0], earlier], [], False
            return found, [], len(found) > 1
        cells, missing, is_choice = [], [], False
        for period in asked:
            fitting = of_period(row.cells, period, months)[:MOST_CHOICES]
            cells += fitting
            missing += [] if fitting else [period]
            is_choice = is_choice or len(fitting) > 1
        if not cells:
            cells = self._latest(row)[:MOST_CHOICES]
        return list(dict.fromkeys(cells)), missing, is_choice

    def _latest(self, row: FoundRow) -> list[FoundCell]:
        """The cells of the period that the row's document is about, else of the last one."""
        own = self._scope.periods.get(row.document_id)
        return of_own_period(row.cells, own, self._asked.months) or latest(row.cells, self._asked.months)

    def _all_periods(self, row: FoundRow) -> list[FoundCell]:
        last = self._latest(row)
        return series(row.cells, last[0]) if last else []

    def _single(self, row: FoundRow) -> list[FoundCell]:
        """One cell for each period asked for, the earliest first."""
        found = [of_period(row.cells, period, self._asked.months) for period in self._periods(row.document_id)]
        return sorted({one[0] for one in found if one}, key=lambda one: (one.end, -one.cell.column))

    def _periods(self, document_id: str) -> Sequence[AskedPeriod]:
        """The periods asked for; of a range of years that is summed up or compared all years."""
        asked = self._scope.asked_of(document_id, self._asked)
        if self._wording.operation in ("change", "change in percent") or asked != self._asked.periods:
            return asked
        return self._asked.with_years_between


def label_of(row: FoundRow) -> str:
    """The name of a row, in small letters."""
    return " ".join(row.path[-1:]).casefold()
