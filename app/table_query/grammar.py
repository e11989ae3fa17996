"""The grammar of queries over one relation, in GBNF: its columns, the functions of their kinds, the values that a
question may mean. What a model writes under it names nothing that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.table_query.database import quoted
from app.table_query.relation import Field, Relation

Values = Mapping[str, Sequence[str]]
"""The values that a condition may name, by the names of columns of words."""

LONGEST_NUMBER = 12
"""Figures of a number in a condition."""

_RULES = r"""
root ::= "SELECT " what " FROM t1" where? group? order? limit?
number ::= "-"? [0-9]{1,NUMBER} ("." [0-9]{1,4})?
whole ::= [1-9] [0-9]{0,3}
sign ::= " = " | " > " | " < " | " >= " | " <= " | " <> "
day ::= "DATE '" [12] [0-9]{3} "-" [01] [0-9] "-" [0-3] [0-9] "'"
place ::= "row_number" sign whole
join ::= " AND " | " OR "
where ::= " WHERE " condition (join condition){0,3}
group ::= " GROUP BY " column
order ::= " ORDER BY " (column | "row_number" | counted) (" DESC" | " ASC")?
limit ::= " LIMIT " whole
""".replace("NUMBER", str(LONGEST_NUMBER))


def grammar_of(relation: Relation, values: Values) -> str:
    """The grammar of queries over ``relation`` as the table t1."""
    fields = relation.fields
    numbers = [one for one in fields if one.kind == "number"]
    dates = [one for one in fields if one.kind == "date"]
    counted = ['"count(*)"', '"count(DISTINCT " column ")"']
    if numbers:
        counted.append('("sum(" | "avg(" | "median(" | "max(" | "min(") amount ")"')
    if dates:
        counted.append('("max(" | "min(") dated ")"')
    lines = [_RULES.strip(), _rule("column", map(_name, fields)), _rule("counted", counted)]
    lines += [_rule("amount", map(_name, numbers))] if numbers else []
    lines += [_rule("dated", map(_name, dates))] if dates else []
    differences = ' | "max(" amount ") - min(" amount ")"' if numbers else ""
    lines.append(f'what ::= counted | column (", " column){{0,2}} | column ", " counted{differences}')
    lines.append(_rule("condition", ["place", *_conditions(fields, values)]))
    return "\n".join(lines) + "\n"


def _rule(name: str, choices: Iterable[str]) -> str:
    return f"{name} ::= {' | '.join(choices)}"


def _name(field: Field) -> str:
    return _literal(f'"{field.name}"')


def _literal(text: str) -> str:
    """A text as a terminal of GBNF."""
    return json.dumps(text, ensure_ascii=False)


def _conditions(fields: Sequence[Field], values: Values) -> Iterator[str]:
    for field in fields:
        name = _name(field)
        yield f'{name} (" IS NULL" | " IS NOT NULL")'
        if field.kind == "number":
            yield f"{name} sign number"
        elif field.kind == "date":
            yield f"{name} sign day"
            yield f"{_literal(f'year({chr(34)}{field.name}{chr(34)})')} sign whole"
        elif known := values.get(field.name):
            choices = " | ".join(_literal(quoted(one)) for one in known)
            yield f'{name} (" = " | " <> ") ({choices})'
