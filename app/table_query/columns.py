"""What a column's values are, and which rows a condition holds for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from app.table_query.query import Filter
from app.table_query.relation import Field, Relation
from app.table_query.wording import terms_of

YEARS = range(1000, 2101)


def title_terms(relation: Relation) -> tuple[str, ...]:
    return terms_of(relation.title)


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
    limit = one.day or one.number
    held = []
    for at in relation.counted:
        value = field.values[at]
        if value is None or isinstance(value, str) or limit is None:
            continue
        above, same = value > limit, value == limit  # type: ignore[operator]
        held += (
            [at]
            if {
                "above": above,
                "at least": above or same,
                "from": above or same,
                "below": not above and not same,
                "until": not above and not same,
                "at most": not above,
            }.get(one.comparison, False)
            else []
        )
    return held


def is_years(field: Field) -> bool:
    values = [one for one in field.values if isinstance(one, float)]
    return (
        field.kind == "number"
        and bool(values)
        and all(one == int(one) and int(one) in YEARS for one in values)
        and not field.unit
    )


def can_be_summed(field: Field) -> bool:
    """Whether a column holds amounts: no dates, years, numbers of rows or shares."""
    return (
        field.is_numeric and field.kind != "date" and field.unit != "%" and not is_years(field) and not is_ranks(field)
    )


def is_ranks(field: Field) -> bool:
    """Whether a column numbers the rows: 1, 2, 3..."""
    values = [one for one in field.values if isinstance(one, float)]
    return (
        field.kind == "number"
        and len(values) > 1
        and values[0] == 1
        and all(0 <= after - before <= 2 for before, after in pairwise(values))
    )
