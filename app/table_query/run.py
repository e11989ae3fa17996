"""A planned query run, and its result in words: the answer first, then what was computed of how many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.numbers import format_decimal

from app.table_query.database import QueryError, TableDatabase, quoted
from app.table_query.plain import Planned
from app.table_query.query import Query, conditions
from app.table_query.relation import Field, Relation
from core.messages import N_, _, ngettext

MOST_SHOWN = 20
"""Rows of an answer; how many more there are is said."""

MOST_CITED = 20
"""Rows that an answer cites, the first ones."""

TWO = 2

OF_ROWS = N_("Computed: {what}; {used} of {count} rows.")
MORE = N_("and {count} more")


AnswerLine = tuple[str, tuple[int, ...]]
"""A value as it is shown, and the positions of the rows that it is of."""


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """A result: ``lines`` are its values as they are shown; ``told`` says what was computed, ``rows`` are
    the positions of all rows that went in, ``sql`` is the query."""

    lines: tuple[AnswerLine, ...]
    told: str
    rows: tuple[int, ...]
    sql: str
    relation: Relation
    query: Query | None

    @property
    def text(self) -> str:
        return "\n".join(line for line, _ in self.lines)


def run_planned(planned: Planned) -> TableAnswer | None:
    """The result of a query; None where it is no value."""
    query, relation = planned.query, planned.relation
    with TableDatabase([relation]) as db:
        name = db.name(relation)
        where = conditions(query.filters)
        sql = query.sql(name)
        try:
            found = db.run(sql)
            used = [
                int(row[0]) - 1
                for row in db.run(f"SELECT row_number FROM {name}" + (f" WHERE {where}" if where else "")).rows
            ]
        except QueryError:
            return None
        if not found.rows or (found.rows[0][0] is None):
            return None
        if query.by is not None:
            lines = [_group_line(row, db, query, name, where) for row in found.rows]
        elif query.function in ("list", "rank"):
            lines = _row_lines([int(row[0]) - 1 for row in found.rows], query, relation)
        else:
            lines = [(shown_value(found.rows[0][0], query.column), _holders(found.rows[0][0], query, used))]
    if not lines:
        return None
    told = _(OF_ROWS, what=query.told(), used=len(used), count=len(relation.counted))
    if gaps := _gaps(query, used):
        told += " " + ngettext(
            "{count} row without a value was left out.", "{count} rows without a value were left out.", gaps
        )
    if relation.totals:
        told += " " + ngettext(
            "{count} row that sums up others was not counted.",
            "{count} rows that sum up others were not counted.",
            len(relation.totals),
        )
    return TableAnswer(first_of(lines), told, tuple(used), sql, relation, query)


def first_of(lines: Sequence[AnswerLine]) -> tuple[AnswerLine, ...]:
    """The lines that are shown, and how many more there are."""
    more = ((_(MORE, count=len(lines) - MOST_SHOWN), ()),) if len(lines) > MOST_SHOWN else ()
    return (*lines[:MOST_SHOWN], *more)


def _gaps(query: Query, used: Sequence[int]) -> int:
    if query.column is None or query.function == "count" or any(one.comparison == "missing" for one in query.filters):
        return 0
    return sum(query.column.values[at] is None for at in used)


def _holders(value: Any, query: Query, used: Sequence[int]) -> tuple[int, ...]:
    """The rows that a value is of: the largest's own, else the first of those that went in."""
    if query.function in ("largest", "smallest") and query.column is not None:
        return tuple(at for at in used if query.column.values[at] == value)[:MOST_CITED]
    return tuple(used[:MOST_CITED])


def _row_lines(rows: Sequence[int], query: Query, relation: Relation) -> list[AnswerLine]:
    """A line for each row, the same ones together: the cells of the shown columns as they stand."""
    lines: dict[str, list[int]] = {}
    for at in rows:
        texts = [text for field in query.shown if (text := _whole(field, at, relation))]
        if texts:
            lines.setdefault(": ".join(texts), []).append(at)
    return [(line, tuple(found)) for line, found in lines.items()]


def _whole(field: Field, at: int, relation: Relation) -> str:
    """The cell of a row; a name in two columns ("Last name", "First name") as one."""
    last = field.header.split()[-1:]
    parts = [
        one
        for one in relation.fields
        if one.kind == "text"
        and last
        and len(one.header.split()) == len(field.header.split()) == TWO
        and one.header.split()[-1:] == last
    ]
    if len(parts) != TWO or field not in parts:
        return field.texts[at]
    return " ".join(one.texts[at] for one in reversed(parts) if one.texts[at])


def _group_line(row: Sequence[Any], db: TableDatabase, query: Query, name: str, where: str) -> AnswerLine:
    assert query.by is not None, "grouped by a column"
    value = (
        f"DATE '{row[0]}'" if isinstance(row[0], date) else quoted(row[0]) if isinstance(row[0], str) else repr(row[0])
    )
    found = db.run(
        f'SELECT row_number FROM {name} WHERE "{query.by.name}" = {value}'
        + (f" AND {where}" if where else "")
        + f" LIMIT {MOST_CITED}"
    )
    label = shown_value(row[0], query.by)
    return f"{label}: {shown_value(row[1], query.column)}", tuple(int(one[0]) - 1 for one in found.rows)


def shown_value(value: Any, field: Field | None) -> str:
    """A value as a person reads it, with the unit of its column."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    number = float(value)
    text = format_decimal(round(number, 4), format="#,##0.####", locale="en")
    if field is None or not field.unit or not (field.unit in "%€$£¥" or len(field.unit) == 3):
        return text
    return f"{text} {field.unit}"
