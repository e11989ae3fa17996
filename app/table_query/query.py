"""A query over one relation: what is computed over which column, of which rows; as SQL and in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.table_query.database import quoted
from app.table_query.relation import Field
from core.messages import N_, _

Function = Literal[
    "count", "distinct", "sum", "average", "median", "largest", "smallest", "list", "rank", "most common", "difference"
]
"""``list``: the rows themselves. ``rank``: the rows in the order of a column. ``most common``: rows counted by value.
``difference``: of the two rows' values."""

Comparison = Literal[
    "is", "above", "below", "at least", "at most", "missing", "from", "until", "within", "month", "rows"
]

WORDS: dict[Function, str] = {
    "count": N_("counted: rows"),
    "distinct": N_("counted: different values of {column}"),
    "sum": N_("sum of {column}"),
    "average": N_("average of {column}"),
    "median": N_("median of {column}"),
    "largest": N_("largest {column}"),
    "smallest": N_("smallest {column}"),
    "list": N_("rows"),
    "rank": N_("rows by {column}"),
    "most common": N_("rows counted by {column}"),
    "difference": N_("difference of {column}"),
}
"""What was computed, in words."""

COMPARED: dict[Comparison, str] = {
    "is": N_("{column} is {values}"),
    "above": N_("{column} above {values}"),
    "below": N_("{column} below {values}"),
    "at least": N_("{column} at least {values}"),
    "at most": N_("{column} at most {values}"),
    "missing": N_("{column} has no value"),
    "from": N_("{column} from {values} on"),
    "until": N_("{column} until {values}"),
    "within": N_("{column} in {values}"),
    "month": N_("{column} in {values}"),
    "rows": N_("{values}"),
}

_SIGNS: dict[Comparison, str] = {
    "above": ">",
    "below": "<",
    "at least": ">=",
    "at most": "<=",
    "from": ">=",
    "until": "<",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column. "is" holds for the rows at ``positions``, which were matched with the question; it is
    shown as ``values``. The others compare with ``number`` or ``day``: "within" is from ``day`` to ``until``, "month"
    has the ``number`` of one."""

    field: Field | None
    comparison: Comparison
    values: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    number: float | None = None
    day: date | None = None
    until: date | None = None

    def sql(self) -> str:
        if self.field is None:
            return f"row_number IN ({', '.join(str(at + 1) for at in self.positions)})"
        column = f'"{self.field.name}"'
        if self.comparison == "missing":
            return f"{column} IS NULL"
        if self.comparison == "month":
            return f"month({column}) = {self.number}"
        if self.comparison == "within" and self.day and self.until:
            return f"{column} BETWEEN DATE '{self.day.isoformat()}' AND DATE '{self.until.isoformat()}'"
        if self.comparison in _SIGNS:
            column = f'"{self.field.compared}"'
            right = f"DATE '{self.day.isoformat()}'" if self.day else repr(self.number)
            return f"{column} {_SIGNS[self.comparison]} {right}"
        texts = sorted({str(self.field.values[at]) for at in self.positions if self.field.values[at] is not None})
        if self.field.kind == "text" and len(texts) <= SPELLED:
            return f"{column} IN ({', '.join(map(quoted, texts))})"
        return f"row_number IN ({', '.join(str(at + 1) for at in self.positions)})"

    def told(self) -> str:
        column = _called(self.field) if self.field else ""
        values = ", ".join(f"“{one}”" for one in self.values[:TOLD]) + (" …" if len(self.values) > TOLD else "")
        if self.comparison != "is":
            values = ", ".join(self.values)
        return _(COMPARED[self.comparison], column=column, values=values)


def _called(field: Field) -> str:
    return field.header or _("the label")


SPELLED = 30
"""Values that a condition spells out; of more it names the rows."""

TOLD = 4
"""Values of a condition that are told in words."""


@dataclass(frozen=True, slots=True)
class Query:
    """``column`` is what is computed or ordered by; ``shown`` are the columns that answer; rows are counted ``by``.

    ``limit`` 0 is all rows. ``descending`` puts the largest first. Without ``column`` rows keep their order, from the
    last where ``descending``.
    """

    function: Function
    column: Field | None = None
    filters: tuple[Filter, ...] = ()
    shown: tuple[Field, ...] = ()
    by: Field | None = None
    descending: bool = False
    limit: int = 0

    def sql(self, table: str) -> str:
        """The SELECT over ``table``. The first column of its result is the answer's value or the row's number."""
        where = conditions(self.filters)
        where = f" WHERE {where}" if where else ""
        column = f'"{self.column.compared}"' if self.column else "row_number"
        if self.by is not None:
            return self._counted_by(self.by, table, where)
        match self.function:
            case "count":
                return f"SELECT count(*) FROM {table}{where}"
            case "distinct":
                column = f'"{self.column.name}"' if self.column else column
                return f"SELECT count(DISTINCT {column}) FROM {table}{where}"
            case "sum" | "average" | "median" | "largest" | "smallest":
                return f"SELECT {_SQL[self.function]}({column}) FROM {table}{where}"
            case "difference":
                return f"SELECT max({column}) - min({column}) FROM {table}{where}"
            case _:
                return self._ordered(table, where, column)

    def _ordered(self, table: str, where: str, column: str) -> str:
        order = f" ORDER BY {column}{' DESC' if self.descending else ''}"
        order += "" if column == "row_number" else " NULLS LAST, row_number"
        if self.function == "rank":
            where += f"{' AND' if where else ' WHERE'} {column} IS NOT NULL"
        return f"SELECT row_number FROM {table}{where}{order}" + (f" LIMIT {self.limit}" if self.limit else "")

    def _counted_by(self, by: Field, table: str, where: str) -> str:
        where += f'{" AND" if where else " WHERE"} "{by.name}" IS NOT NULL'
        order = f" ORDER BY count(*){' DESC' if self.descending else ''}, min(row_number)"
        limit = f" LIMIT {self.limit}" if self.limit else ""
        return f'SELECT "{by.name}", count(*) FROM {table}{where} GROUP BY "{by.name}"{order}{limit}'

    def told(self) -> str:
        """What was computed, in words: "sum of Amount where Status is “open”"."""
        column = self.by or self.column
        words = _(WORDS[self.function], column=_called(column) if column else "")
        if self.filters:
            words += " " + _("where {conditions}", conditions="; ".join(one.told() for one in self.filters))
        return words


_SQL = {"sum": "sum", "average": "avg", "median": "median", "largest": "max", "smallest": "min"}


def conditions(filters: Sequence[Filter]) -> str:
    """The conditions of a query as SQL, "" for none."""
    return " AND ".join(one.sql() for one in filters)
