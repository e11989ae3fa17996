"""The query that a model writes for a question over one relation: under a grammar, three samples that vote."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import prompts
from app.answer.writing import generate_text
from app.table_query.database import QueryError, Result, TableDatabase
from app.table_query.grammar import Values, grammar_of
from app.table_query.linking import LinkIndex
from app.table_query.relation import Field, Relation
from app.table_query.run import MOST_CITED, OF_ROWS, TableAnswer, first_of, shown_value
from app.table_query.wording import Wording
from core.messages import _
from core.protocols import ChatEngine
from core.types import Message, Sampling
from prompts.expansion_prompt import ExpansionPrompt
from prompts.read import read_prompt

SAMPLES = 3
"""Queries that are written for a question; two that give the same result decide, and the third is not written."""

TOKENS = 110
"""Most tokens of a query."""

MOST_FIELDS, MOST_VALUES, LONGEST_VALUE = 24, 12, 60
"""Columns that the model is told of; values of one, and characters of a value."""

_QUERY = re.compile(r"SELECT (?P<what>.+?) FROM t1(?P<where> WHERE .+?)?(?P<rest> (?:GROUP|ORDER) BY .+| LIMIT \d+)?")


@dataclass(frozen=True, slots=True)
class WrittenQuery:
    """A query that a model wrote and that ran: its result, the positions of the rows that its condition holds for, and
    how many of the samples agree with it. ``places`` are the positions of the rows of the result, () where these are
    computed of several."""

    sql: str
    result: Result
    rows: tuple[int, ...]
    votes: int
    places: tuple[int, ...] = ()


def write_query(
    wording: Wording, index: LinkIndex, engine: ChatEngine, cancel: threading.Event | None = None
) -> WrittenQuery | None:
    """The query on whose result most samples agree; None where no two do. Raises what the engine raises."""
    values = _values(wording, index)
    messages = _prompt().messages(f"{_columns(index.relation, values)}\nQuestion: {wording.question.strip()}")
    sampling = Sampling(max_tokens=TOKENS, grammar=grammar_of(index.relation, values))
    written: list[WrittenQuery] = []
    with TableDatabase([index.relation]) as database:
        for number in range(SAMPLES):
            if cancel is not None and cancel.is_set():
                return None
            drawn = replace(sampling, temperature=0.0 if number == 0 else 0.6, seed=number)
            one = _tried(messages, drawn, engine, database, cancel)
            written += [one] if one is not None else []
            best, votes = _most(written)
            if best is not None and votes > 1:
                return replace(best, votes=votes, places=_places(best.sql, database))
    return None


def _places(sql: str, database: TableDatabase) -> tuple[int, ...]:
    found = _QUERY.fullmatch(sql)
    if found is None or "(" in found["what"] or "GROUP BY" in sql:
        return ()
    rows = database.run(sql.replace("SELECT ", "SELECT row_number, ", 1)).rows
    return tuple(int(row[0]) - 1 for row in rows)


def answer_of(written: WrittenQuery, relation: Relation) -> TableAnswer:
    """The result of a written query as an answer: a line for each row, the same ones together."""
    lines: dict[str, list[int]] = {}
    for number, row in enumerate(written.result.rows):
        texts = [shown_value(one, None) for one in row if one is not None]
        places = [written.places[number]] if written.places else list(written.rows[:MOST_CITED])
        if texts:
            lines.setdefault(": ".join(texts), []).extend(places)
    told = _(OF_ROWS, what=written.sql, used=len(written.rows), count=len(relation.counted))
    shown = [(line, tuple(places)) for line, places in lines.items()]
    return TableAnswer(first_of(shown), told, written.rows, written.sql, relation, None)


def _most(written: list[WrittenQuery]) -> tuple[WrittenQuery | None, int]:
    votes = Counter(one.result.rows for one in written)
    if not votes:
        return None, 0
    rows, count = votes.most_common(1)[0]
    return next(one for one in written if one.result.rows == rows), count


def _tried(
    messages: list[Message],
    sampling: Sampling,
    engine: ChatEngine,
    database: TableDatabase,
    cancel: threading.Event | None,
) -> WrittenQuery | None:
    """A query that runs; one that fails is written once more with its error."""
    for _attempt in range(2):
        sql = generate_text(engine, messages, sampling, cancel).strip()
        try:
            result = database.run(sql)
            rows = database.run(f"SELECT row_number FROM t1{_where(sql)}").rows
        except QueryError as error:
            told = f"The query failed: {error.message} Write it again."
            messages = [*messages, Message("assistant", sql), Message("user", told)]
            continue
        if result.rows and result.rows[0][0] is not None:
            return WrittenQuery(sql, result, tuple(int(row[0]) - 1 for row in rows), 1)
        return None
    return None


def _where(sql: str) -> str:
    found = _QUERY.fullmatch(sql)
    return (found["where"] or "") if found else ""


def _values(wording: Wording, index: LinkIndex) -> Values:
    """The values that a condition may name: those that the question's words match, and all of columns with few."""
    terms, tells = index.spelt(wording.tokens), [one.tells for one in wording.tokens]
    found: dict[str, dict[str, None]] = {}
    for link in index.values(terms, tells):
        texts = (one for one in link.values if len(one) <= LONGEST_VALUE)
        found.setdefault(link.field.name, {}).update(dict.fromkeys(list(texts)[:MOST_VALUES]))
    for field, text, _rows in index.few_values(MOST_VALUES):
        found.setdefault(field.name, {})[text[:LONGEST_VALUE]] = None
    return {name: tuple(texts)[: 2 * MOST_VALUES] for name, texts in found.items()}


def _columns(relation: Relation, values: Values) -> str:
    told = "; ".join(_told(field, relation, values) for field in relation.fields[:MOST_FIELDS])
    return f"Columns: row_number; {told}"


def _told(field: Field, relation: Relation, values: Values) -> str:
    if known := values.get(field.name):
        said = ": " + ", ".join(f"'{one}'" for one in known)
    else:
        some = dict.fromkeys(str(field.values[at])[:LONGEST_VALUE] for at in relation.counted[:8] if field.texts[at])
        mark = "'" if field.kind == "text" else ""
        said = ", such as " + ", ".join(f"{mark}{one}{mark}" for one in list(some)[:3]) if some else ""
    header = f" “{field.header}”" if field.header and field.header.casefold() != field.name.replace("_", " ") else ""
    return f"{field.name}{header} ({field.kind}{said})"


@cache
def _prompt() -> ExpansionPrompt:
    return read_prompt(Path(prompts.__file__).with_name("table_query.yaml"), ExpansionPrompt)
