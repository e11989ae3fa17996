"""``lectern library``: which libraries there are, and which is used where none is named."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import errors, one_line, output, settings_for
from app.phrases import count
from core.errors import UsageError
from core.settings import load_settings
from core.settings_file import change_settings

libraries = typer.Typer(help="List libraries, and choose the one that is used.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    cli.add_typer(libraries, name="library")


@libraries.command("list", epilog="Example: lectern library list")
def list_all() -> None:
    """List the libraries of this home, with what they hold."""
    from index.store.library import Library, list_libraries

    settings = load_settings()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Name", "Holds", ""):
        table.add_column(name, overflow="fold")
    for name in list_libraries(settings):
        with Library.open(settings_for(name)) as library:
            counts = library.counts()
        held = f"{count(counts.documents, 'document')}, {count(counts.conversations, 'saved chat')}"
        table.add_row(Text(name), held, "used where none is named" if name == settings.library else "")
    output().print(table)


@libraries.command(epilog="Example: lectern library use examples")
def use(name: Annotated[str, typer.Argument(metavar="NAME", help="The library's name.")]) -> None:
    """Use this library from here on where no other is named."""
    from index.store.library import list_libraries

    settings = settings_for(name)
    if name not in (known := list_libraries(settings)):
        there = ", ".join(known) or "none yet"
        raise UsageError(
            f"there is no library '{name}'.", f"There are: {there}. `lectern ingest PATH --library NAME` makes one."
        )
    change_settings(settings.home, library=name)
    errors().print(one_line(f"'{name}' is used from here on."), markup=False)
