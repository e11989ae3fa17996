"""The names of a table's columns and what it stands under, for a stretch of text that holds rows of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby

from core.tables import Row, Table


def rows_within(tables: Sequence[Table], start: int, end: int) -> tuple[Table, list[Row]] | None:
    """The table that has most rows between two characters of its document, with these rows; None for none."""
    near = [table for table in tables if table.start < end and start < table.end]
    found = [(table, _between(table.rows, start, end)) for table in near]
    table, rows = max(found, key=lambda one: len(one[1]), default=(None, []))
    return (table, rows) if table and rows else None


def _between(rows: Sequence[Row], start: int, end: int) -> list[Row]:
    """The rows, which stand one after the other, that have a character of ``start``..``end``."""
    first = bisect_right(rows, start, key=lambda row: row.end)
    return list(rows[first : bisect_left(rows, end, lo=first, key=lambda row: row.start)])


def column_line(table: Table) -> str:
    """The names of the columns and the unit on one line, in the order of the cells.

    For example "Three Months Ended: June 25, 2022 | June 26, 2021; Nine Months Ended: June 25, 2022 (In millions)".
    """
    paths = [column.path for column in table.columns]
    parts = []
    for above, group in groupby(paths, key=lambda path: path[:-1]):
        names = " | ".join(path[-1] for path in group if path)
        parts.append(": ".join(filter(None, (" ".join(above), names))))
    unit = f"({table.unit})" if table.unit else ""
    return " ".join(filter(None, ("; ".join(filter(None, parts)), unit)))


def group_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The headings within the table that all these rows stand under."""
    paths = [row.path[:-1] for row in rows]
    shared = paths[0]
    for path in paths[1:]:
        same = [one == other for one, other in zip(shared, path, strict=False)]
        shared = shared[: same.index(False)] if False in same else shared[: len(same)]
    return shared


def table_context(tables: Sequence[Table], start: int, end: int) -> tuple[str, str]:
    """The names of the columns of the table with most rows between two characters, and its title; "" for none."""
    found = rows_within(tables, start, end)
    return (column_line(found[0]), found[0].title) if found else ("", "")
