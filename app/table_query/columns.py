"""What a column's values are, and which rows a condition holds for."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from app.table_query.query import Comparison, Filter
from app.table_query.relation import Field, Relation
from app.table_query.wording import terms_of

YEARS = range(1000, 2101)

TWO = 2

DENSE = 0.9
"""The share of rows with numbers of their own, and of these numbers below the largest, that ranks have in any order."""

_HOLDS: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    "above": operator.gt,
    "at least": operator.ge,
    "from": operator.ge,
    "below": operator.lt,
    "until": operator.lt,
    "at most": operator.le,
}


def title_terms(relation: Relation) -> tuple[str, ...]:
    """The words of what a table stands under, and of its file's name."""
    return terms_of(f"{relation.title} {relation.about}")


def count_distinct(field: Field, relation: Relation) -> int:
    return len({field.texts[at] for at in relation.counted})


def rows_of(filters: Sequence[Filter], relation: Relation) -> set[int]:
    rows = set(relation.counted)
    for one in filters:
        rows &= set(rows_holding(one, relation))
    return rows


def rows_holding(one: Filter, relation: Relation) -> Sequence[int]:
    """The positions of the rows for which a condition holds."""
    if one.positions:
        return one.positions
    field = one.field
    if field is None:
        return ()
    if one.comparison == "missing":
        return [at for at in relation.counted if field.values[at] is None]
    values = [(at, (field.ranked if field.is_ranked else field.values)[at]) for at in relation.counted]
    if one.comparison == "month":
        return [at for at, value in values if isinstance(value, date) and value.month == one.number]
    if one.comparison == "within":
        return [at for at, value in values if isinstance(value, date) and _lies(value, one.day, one.until)]
    limit, holds = one.day or one.number, _HOLDS.get(one.comparison)
    if limit is None or holds is None:
        return []
    return [at for at, value in values if value is not None and not isinstance(value, str) and holds(value, limit)]


def _lies(value: date, start: date | None, end: date | None) -> bool:
    return start is not None and end is not None and start <= value <= end


def is_years(field: Field) -> bool:
    values = [one for one in field.values if isinstance(one, float)]
    return (
        field.kind == "number"
        and bool(values)
        and all(one == int(one) and int(one) in YEARS for one in values)
        and not field.unit
    )


def dated(fields: Sequence[Field]) -> list[Field]:
    """The columns of dates; where there are none, those of years."""
    days = [one for one in fields if one.kind == "date"]
    return days or [one for one in fields if is_years(one)]


def can_be_summed(field: Field) -> bool:
    """Whether a column holds amounts: no dates, years, numbers of rows or shares."""
    return (
        field.is_numeric and field.kind != "date" and field.unit != "%" and not is_years(field) and not is_ranks(field)
    )


def is_ranks(field: Field) -> bool:
    """Whether a column numbers the rows: 1, 2, 3..."""
    values = [one for one in field.values if isinstance(one, float)]
    if field.kind != "number" or len(values) < TWO or min(values) != 1 or any(one != int(one) for one in values):
        return False
    in_order = values[0] == 1 and all(0 <= after - before <= TWO for before, after in pairwise(values))
    return in_order or (len(set(values)) >= DENSE * len(values) and max(values) <= len(values) / DENSE)
