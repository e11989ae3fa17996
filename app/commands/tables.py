"""``lectern docs tables``: the tables of a document as they were read."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table as Shown
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output, settings_for
from core.errors import UsageError
from core.tables import Cell, Table
from core.types import Document
from ingest.locate import locate

if TYPE_CHECKING:
    from rich.console import Console

INDENT = "  "


def tables(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The document's name, its id, or its beginning.")],
    library: LibraryOption = None,
    page: Annotated[int | None, typer.Option("--page", metavar="N", help="Only tables on this page, from 1.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each table.")] = False,
) -> None:
    """Show the tables of a document as they were read: each figure with its row, column and unit."""
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        document = opened.document(name)
    found = [table for table in document.tables if page is None or page in {cell.page for cell in table.cells}]
    if not found:
        where = f"on page {page} of" if page else "in"
        hint = "Documents that were added before tables were read have none: remove and add them again."
        raise UsageError(f"no tables were read {where} '{one_line(document.name)}'.", hint)
    for table in found:
        if as_json:
            from index.store.records import tables_json

            (plain,) = json.loads(tables_json((table,)))
            sys.stdout.write(json.dumps(plain, ensure_ascii=False) + "\n")
        else:
            print_table(table, document, output())


def print_table(table: Table, document: Document, console: "Console") -> None:
    """Print a table below its title, unit and place, with its groups of rows."""
    place = locate(document.pages, document.text, table.start).label
    console.print(Text(one_line(table.title) or place, style="bold"))
    console.print(Text(", ".join(filter(None, (place if table.title else "", one_line(table.unit)))), style="dim"))
    shown = Shown(box=None, pad_edge=False, header_style="bold", show_header=any(one.path for one in table.columns))
    shown.add_column("", overflow="fold", ratio=2)
    for column in table.columns:
        shown.add_column(Text("\n".join(map(one_line, column.path))), justify="right", overflow="fold")
    for label, cells in lines(table):
        shown.add_row(Text(label), *(Text(one_line(cell.text) if cell else "") for cell in cells))
    console.print(shown, soft_wrap=False)
    console.print()


def lines(table: Table) -> Iterator[tuple[str, Sequence[Cell | None]]]:
    """The lines of a table: each row with a cell, or None, for every column; the headings of groups have no cells."""
    cells: dict[int, dict[int, Cell]] = defaultdict(dict)
    for cell in table.cells:
        cells[cell.row][cell.column] = cell
    above: tuple[str, ...] = ()
    for number, row in enumerate(table.rows):
        group = row.path[:-1]
        for depth, heading in enumerate(group):
            if above[: depth + 1] != group[: depth + 1]:
                yield INDENT * depth + one_line(heading), [None] * len(table.columns)
        above = group
        label = one_line(row.path[-1]) if row.path else ""
        yield INDENT * len(group) + label, [cells[number].get(column) for column in range(len(table.columns))]
