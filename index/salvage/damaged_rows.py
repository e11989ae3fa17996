"""The rows that can be read in a damaged library's file, by table.

The pages of a table are found from its root page. Where a page on the way is damaged, its rows are searched on all
pages that belong to no other table, and recognised by their shape: the number and the types of their values.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from index.salvage.sqlite_pages import MISSING, Pages, Row
from index.store.schema import STEPS, migrate

TABLES = (
    "meta",
    "documents",
    "sources",
    "tags",
    "dates",
    "embeddings",
    "chunks",
    "removed",
    "conversations",
    "messages",
    "former",
    "given_facets",
)
"""The tables that are read; all others are rebuilt from these."""

_BEFORE = {"messages": 4}
"""Tables that had other columns in earlier versions of the format, with the last of these versions."""

_SCHEMA = "sqlite_schema"
_TYPES = {"TEXT": (str,), "INTEGER": (int,), "BLOB": (bytes,), "": (str, bytes, int, float)}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_META = ("generation", "identity", "embedder", "dimension")

Place = tuple[int, int]
"""A page number, and the position of a row on that page."""

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table as its rows are stored: name, types, whether it may be NULL, default value.

    ``alias`` is the column that is the rowid itself, "" where there is none. ``plain``: the table has no rowid.
    ``before`` is the shape that the table had in an earlier version of the format, with more columns.
    """

    columns: tuple[tuple[str, tuple[type, ...], bool, object], ...]
    alias: str = ""
    plain: bool = False
    before: Shape | None = None

    def values(self, row: Row, *, exact: bool) -> Values | None:
        """The row's values by column, without the MISSING ones; None for a row of another table.

        With ``exact`` the row must have all columns. Without, it may be shorter, as in a table that got columns later.
        """
        stored = row.values
        if self.before is not None and stored and len(stored) == len(self.before.columns):
            names = {name for name, *_ in self.columns}
            values = self.before.values(row, exact=True)
            return None if values is None else {name: value for name, value in values.items() if name in names}
        if not stored or len(stored) > len(self.columns) or (exact and len(stored) < len(self.columns)):
            return None
        found: Values = {}
        for (name, types, nullable, default), value in zip(
            self.columns, (*stored, *(_Absent,) * (len(self.columns) - len(stored))), strict=True
        ):
            if name == self.alias and value is None:
                found[name] = row.rowid
            elif value is _Absent:
                found[name] = default
            elif isinstance(value, types) or (value is None and nullable):
                found[name] = value
            elif value is not MISSING:
                return None
        return found


class _Absent:
    """Stands for the value of a column that was added after the row was written."""


def shapes() -> dict[str, Shape]:
    """The shapes of the tables in TABLES and of SQLite's own table of tables."""
    found = _shapes_of(len(STEPS), TABLES)
    for name, version in _BEFORE.items():
        found[name] = replace(found[name], before=_shapes_of(version, [name])[name])
    texts = tuple((name, (str,), True, None) for name in ("type", "name", "tbl_name"))
    root, sql = ("rootpage", (int,), False, None), ("sql", (str,), True, None)
    return found | {_SCHEMA: Shape((*texts, root, sql))}


def _shapes_of(version: int, tables: Iterable[str]) -> dict[str, Shape]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.create_function("casefold", 1, str.casefold, deterministic=True)
        migrate(db, STEPS[:version])
        return {name: _shape(db, name) for name in tables}


def _shape(db: sqlite3.Connection, table: str) -> Shape:
    plain = bool(db.execute("SELECT wr FROM pragma_table_list WHERE name = ?", (table,)).fetchone()[0])
    rows = db.execute('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', (table,)).fetchall()
    keys = [row for row in rows if row[4]]
    alias = keys[0][0] if not plain and len(keys) == 1 and keys[0][1] == "INTEGER" else ""
    never_null = {row[0] for row in keys}
    if plain:
        rows.sort(key=lambda row: row[4] or len(rows) + 1)
    columns = []
    for name, kind, required, default, _ in rows:
        value = db.execute(f"SELECT {default}").fetchone()[0] if default is not None else None
        columns.append((name, _TYPES.get(kind, _TYPES[""]), not required and name not in never_null, value))
    return Shape(tuple(columns), alias, plain)


@dataclass(slots=True)
class Table:
    """The pages that hold a table's rows; those in ``strays`` were recognised by the shape of their rows."""

    shape: Shape
    pages: list[int] = field(default_factory=list)
    strays: list[int] = field(default_factory=list)
    is_whole: bool = False


class Remains:
    """The readable rows of a damaged library's file."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._shapes = shapes()
        self.tables = {name: Table(shape) for name, shape in self._shapes.items()}
        self._strays: set[int] = set()
        self._indexes: dict[str, list[int]] = {}
        self._find_pages()

    def rows(self, table: str) -> Iterator[tuple[Place, Values]]:
        """All readable rows of a table with their places; of a damaged row, the values that could be read."""
        known = self.tables[table]
        seen: set[int] = set()
        for number in [*known.pages, *known.strays]:
            for place in range(self._pages.row_count(number)):
                row = self._pages.row(number, place)
                values = known.shape.values(row, exact=number in self._strays) if row else None
                if row is None or values is None:
                    continue
                if number in self._strays and not _belongs(table, values):
                    continue
                if not known.shape.plain and row.rowid in seen:
                    continue
                seen.add(row.rowid)
                yield (number, place), values

    def at(self, table: str, place: Place) -> Values:
        """The row at a place that ``rows`` returned."""
        row = self._pages.row(*place)
        values = self._shapes[table].values(row, exact=False) if row else None
        return values or {}

    def is_complete(self, table: str, values: Values) -> bool:
        """Whether every value of the row could be read."""
        return len(values) == len(self._shapes[table].columns)

    def index(self, name: str) -> Iterator[tuple[object, ...]]:
        """The entries of an index, the rowid last; as many as can be read."""
        for number in self._indexes.get(name, ()):
            for place in range(self._pages.row_count(number)):
                row = self._pages.row(number, place)
                if row is not None and row.is_whole and row.values:
                    yield row.values

    # Where the rows are

    def _find_pages(self) -> None:
        known = self._follow(_SCHEMA, 1)
        if not self.tables[_SCHEMA].is_whole:
            self._search({_SCHEMA}, known)
        roots = {v["name"]: v["rootpage"] for _, v in self.rows(_SCHEMA) if v.get("name") and v.get("rootpage")}
        for name, root in roots.items():
            assert isinstance(name, str)
            assert isinstance(root, int)
            if name in self.tables:
                known |= self._follow(name, root)
            else:
                self._indexes[name] = list(self._pages.tree(root).pages)
                known |= set(self._indexes[name])
        self._search({name for name, table in self.tables.items() if not table.is_whole}, known)

    def _follow(self, name: str, root: int) -> set[int]:
        """Find the pages of a table from its root page; returns their numbers."""
        table, tree = self.tables[name], self._pages.tree(root)
        table.pages = [number for number in tree.pages if self._share(number, table.shape, exact=False) > 0.5]
        table.is_whole = tree.is_whole and len(table.pages) == len(tree.pages)
        return set(table.pages)

    def _search(self, names: set[str], known: set[int]) -> None:
        """Search the rows of these tables on all pages that are not ``known``."""
        for number in range(1, self._pages.count + 1) if names else ():
            if number in known or not self._pages.has_rows(number):
                continue
            for name in names:
                if self._share(number, self.tables[name].shape, exact=True) > 0.5:
                    self.tables[name].strays.append(number)
                    self._strays.add(number)

    def _share(self, number: int, shape: Shape, *, exact: bool) -> float:
        """The share of a page's rows that have this shape; 1 for a page without rows."""
        if shape.plain == self._pages.is_of_rowids(number):
            return 0.0
        count = self._pages.row_count(number)
        rows = [self._pages.row(number, place) for place in range(count)]
        fitting = sum(row is not None and shape.values(row, exact=exact) is not None for row in rows)
        return fitting / count if count else float(not exact)


def _belongs(table: str, values: Values) -> bool:
    """Whether a row can belong to the table: tells apart the tables whose rows are all two texts."""
    if table == "meta":
        return values.get("key") in _META
    if table == "dates":
        return bool(_DAY.fullmatch(str(values.get("day"))))
    if table == "tags":
        return not _DAY.fullmatch(str(values.get("tag"))) and values.get("document_id") not in _META
    return True
