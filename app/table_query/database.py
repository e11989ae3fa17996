"""Relations in a DuckDB of memory, which can read nothing else: no files, no network, no extensions, no settings.

Queries run on one thread within limits on memory and time. What a query may name is checked by DuckDB's own parser:
one SELECT over the tables that were put in.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.table_query.relation import Relation, Value
from core.errors import LecternError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

MEMORY = "512MB"
SECONDS = 5.0
"""What a query may take."""

MOST_ROWS = 10_000
"""Rows of a result that are read; a question's answer shows far fewer."""

CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": MEMORY,
    "max_temp_directory_size": "0KB",
    "threads": "1",
}

_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "date": "DATE"}


class QueryError(LecternError):
    """A query that cannot be run; the message is for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query, at most `MOST_ROWS`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class TableDatabase:
    """A database that holds ``relations`` as t1, t2..., each with ``row_number``, its rows' positions from 1.

    Rows that sum up others are left out. Cells that cannot be read as their column's kind are NULL.
    """

    def __init__(self, relations: Sequence[Relation]) -> None:
        import duckdb

        self._db = duckdb.connect(":memory:", config=CLOSED)
        self._names = {id(one): f"t{number}" for number, one in enumerate(relations, 1)}
        for one in relations:
            _create(self._db, self._names[id(one)], one)
        self._db.execute("SET ieee_floating_point_ops = false")  # a division by zero is NULL, not infinity
        self._db.execute("SET error_on_division_by_zero = false")
        self._db.execute("SET lock_configuration = true")

    def name(self, relation: Relation) -> str:
        return self._names[id(relation)]

    def run(self, sql: str, seconds: float = SECONDS) -> Result:
        """The result of one SELECT. Raises QueryError for anything else, for an error in it, and after ``seconds``."""
        import duckdb

        self._refuse_others(sql)
        try:
            with _stopped_after(self._db, seconds):
                found = self._db.execute(sql)
                rows = found.fetchmany(MOST_ROWS)
        except duckdb.Error as error:
            raise QueryError(str(error).splitlines()[0]) from error
        return Result(tuple(str(one[0]) for one in found.description or ()), tuple(map(tuple, rows)))

    def _refuse_others(self, sql: str) -> None:
        import duckdb

        try:
            statements = self._db.extract_statements(sql)
        except duckdb.Error as error:
            raise QueryError(str(error).splitlines()[0]) from error
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError("only one SELECT is run.")
        tree = self._db.execute("SELECT json_serialize_sql(?)", (sql,)).fetchone()
        for name in _functions_of_tables(json.loads(tree[0]) if tree else {}):
            raise QueryError(f"the function {name} is not there for queries.")

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> TableDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _create(db: duckdb.DuckDBPyConnection, name: str, relation: Relation) -> None:
    ranked = [field for field in relation.fields if field.is_ranked]
    columns = ", ".join(
        [
            *(f'"{field.name}" {_TYPES[field.kind]}' for field in relation.fields),
            *(f'"{field.compared}" DOUBLE' for field in ranked),
        ]
    )
    db.execute(f"CREATE TABLE {name} (row_number INTEGER, {columns})")
    import numpy as np

    at = np.array(relation.counted, dtype=np.int32)
    if not len(at):
        return
    given: dict[str, Any] = {"row_number": at + 1}
    given |= {
        field.name: _array([field.values[one] for one in relation.counted], field.kind) for field in relation.fields
    }
    given |= {field.compared: _array([field.ranked[one] for one in relation.counted], "number") for field in ranked}
    db.register("given", given)
    casts = ", ".join(
        f'CASE WHEN NOT isnan("{field.name}") THEN "{field.name}" END'
        if field.kind == "number"
        else f'CAST("{field.name}" AS {_TYPES[field.kind]})'
        for field in relation.fields
    )
    casts += "".join(f', CASE WHEN NOT isnan("{field.compared}") THEN "{field.compared}" END' for field in ranked)
    db.execute(f"INSERT INTO {name} SELECT row_number, {casts} FROM given")
    db.unregister("given")


def _array(values: Sequence[Value], kind: str) -> Any:
    import numpy as np

    if kind == "number":
        return np.array([np.nan if one is None else one for one in values], dtype=np.float64)
    if kind == "date":
        return np.array([one.isoformat() if isinstance(one, date) else None for one in values], dtype=object)
    return np.array(values, dtype=object)


def _functions_of_tables(tree: Any) -> Iterator[str]:
    """The functions that a query reads tables from, such as ``range`` and ``read_csv``."""
    if isinstance(tree, dict):
        if tree.get("type") == "TABLE_FUNCTION":
            yield str(tree.get("function", {}).get("function_name", ""))
        for one in tree.values():
            yield from _functions_of_tables(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _functions_of_tables(one)


@contextmanager
def _stopped_after(db: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, db.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
