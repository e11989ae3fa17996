"""``lectern library``: which libraries there are, and which is used where none is named."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import LibraryOption, errors, one_line, output, settings_for
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


@libraries.command(epilog="Example: lectern library rename default leases")
def rename(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The library's name.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it is to be called.")],
) -> None:
    """Give a library another name; end the page and other programs that use it first."""
    from index.store.library_place import rename_library

    settings = settings_for(name)
    rename_library(settings, name, new)
    if load_settings().library == name:
        change_settings(settings.home, library=new)
    errors().print(one_line(f"'{name}' is now called '{new}'."), markup=False)


@libraries.command(epilog="Example: lectern library delete old --yes")
def delete(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The library's name.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a library with its chats and uploads; your own files stay. This cannot be undone."""
    from index.store.library_place import delete_library

    settings = settings_for(name)
    if not yes:
        typer.confirm(f"Delete the library '{one_line(name)}' with its chats?", abort=True, err=True)
    delete_library(settings, name)
    errors().print(one_line(f"'{name}' is deleted."), markup=False)


@libraries.command(epilog="Example: lectern library notes 'I am the tenant.' --answer-in German")
def notes(
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What the model reads with every question.")
    ] = None,
    answer_in: Annotated[
        str | None, typer.Option("--answer-in", metavar="LANGUAGE", help='The answers\' language, in English; "" any.')
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Show or set the standing notes of a library; "" takes them back."""
    from index.store.library import Library
    from index.store.standing_notes import StandingNotes, read_notes, write_notes

    with Library.open(settings_for(library)) as opened:
        now = read_notes(opened)
        if text is not None or answer_in is not None:
            kept_text = now.text if text is None else text.strip()
            now = StandingNotes(kept_text, now.language if answer_in is None else answer_in.strip())
            write_notes(opened, now)
    output().print(Text(now.text or "No standing notes."))
    if now.language:
        output().print(Text(f"Answers in {now.language}."))


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
