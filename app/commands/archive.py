"""``lectern export`` and ``lectern import``: a whole library in one file, to keep or to take to another machine."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import LibraryOption, errors, one_line, output, settings_for
from app.phrases import count
from ingest.folder import shown


def register(cli: typer.Typer) -> None:
    cli.command("export", epilog="Example: lectern export ~/backup.lectern --library research")(export_library)
    cli.command("import", epilog="Example: lectern import ~/backup.lectern --library restored")(import_library)


def export_library(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write; there must be none yet.")],
    library: LibraryOption = None,
) -> None:
    """Write a library into one file: documents, uploads, chats, questions and settings; no model.

    Whoever has the file can read all of it: it is not encrypted, and only you may open it on this machine. Versions
    that `lectern docs undo` could bring back stay out.
    """
    from index.archive.export import export
    from index.store.library import Library

    settings = settings_for(library)
    with Library.open(settings) as opened:
        done = export(opened, settings, file.expanduser())
    held = f"{count(done.documents, 'document')}, {count(done.originals, 'file')}, {count(done.chats, 'saved chat')}"
    size = f"{done.size / 1e6:,.1f} MB"
    output().print(
        f"{one_line(shown(file))}: {held}, {count(done.questions, 'kept question')} of '{settings.library}' ({size}).",
        markup=False,
    )


def import_library(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `lectern export` wrote.")],
    library: LibraryOption = None,
) -> None:
    """Make a new library of an archive, under the name that it had, or that of --library.

    All of it comes in, or nothing. Settings of taste (strictness, patience, ...) are taken over where you have none;
    those that choose a model, a server or a folder are named and left.
    """
    from index.archive.load import load

    done = load(file.expanduser(), settings_for(library), library or "")
    held = f"{count(done.documents, 'document')}, {count(done.originals, 'file')}, {count(done.chats, 'saved chat')}"
    output().print(f"{held} and {count(done.questions, 'kept question')} are in '{done.library}'.", markup=False)
    if done.settings:
        output().print(f"Settings taken over: {', '.join(done.settings)}.", markup=False)
    if done.settings_left:
        errors().print(f"Settings left as they are here: {one_line(', '.join(done.settings_left))}.", style="dim")
