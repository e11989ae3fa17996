"""``lectern chats``: the saved conversations of a library, read again, found by their words, taken away and deleted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import LibraryOption, errors, one_line, output, print_json, settings_for
from app.phrases import count
from core.errors import UsageError
from core.messages import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.store.chats import ChatRecord
    from index.store.library import Library

ID_SHOWN = 8
"""Characters of a conversation's id in the list: enough to name it by."""

chats = typer.Typer(help="List, read, find, take away and delete saved chats.", no_args_is_help=True)

ChatArgument = Annotated[
    str,
    typer.Argument(metavar="CHAT", help="Its number in `lectern chats list`, the beginning of its id, or title."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(cli: typer.Typer) -> None:
    cli.add_typer(chats, name="chats")


@chats.command("list", epilog="Example: lectern chats list")
def list_all(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the saved chats, those that are pinned first, then the latest."""
    from index.store.chats import Chats

    with _opened(library) as opened:
        _print(Chats(opened).list(), as_json)


@chats.command(epilog="Example: lectern chats search notice period")
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="All of them are in the chat.")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> int:
    """List the chats whose title, questions or answers hold all of these words; exit code 1 where none does."""
    from index.store.chats import Chats

    with _opened(library) as opened:
        found = Chats(opened).find(" ".join(words))
        numbers = {record.id: number for number, record in enumerate(Chats(opened).list(), 1)}
    _print(found, as_json, numbers)
    return 0 if found else 1


@chats.command(epilog="Example: lectern chats show 1")
def show(chat: ChatArgument, library: LibraryOption = None) -> None:
    """Print a chat with its sources as footnotes, in Markdown."""
    from app.export.as_markdown import as_markdown
    from app.export.saved import export_chat

    with _opened(library) as opened:
        typer.echo(as_markdown(export_chat(opened, _find(opened, chat).id)), nl=False)


@chats.command(epilog="Example: lectern chats export 1 --out lease.docx")
def export(
    chat: ChatArgument,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Its end says how: .md .html .docx .pdf")],
    library: LibraryOption = None,
) -> None:
    """Write a chat into a file: Markdown, HTML, Word or PDF, with its sources as footnotes and what they say."""
    from app.export.formats import format_of, write
    from app.export.saved import export_chat

    format_of(out)
    with _opened(library) as opened:
        write(export_chat(opened, _find(opened, chat).id), out)
    errors().print(_("Written: {path}", path=out), style="dim", markup=False)


@chats.command(epilog="Example: lectern chats delete 3 --yes")
def delete(
    chat: ChatArgument,
    library: LibraryOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a chat from the disk; this cannot be undone."""
    from index.store.chats import Chats

    with _opened(library) as opened:
        record = _find(opened, chat)
        if not yes:
            typer.confirm(_("Delete “{title}” with its answers?", title=one_line(record.title)), abort=True, err=True)
        Chats(opened).delete(record.id)
    errors().print(_("“{title}” is deleted.", title=one_line(record.title)), markup=False)


def _opened(library: str | None) -> Library:
    from index.store.library import Library

    return Library.open(settings_for(library))


def _find(library: Library, named: str) -> ChatRecord:
    """The chat of that number, id or title. Raises UsageError where there is none, or more than one."""
    from index.store.chats import Chats

    records = Chats(library).list()
    if named.isdecimal() and 1 <= int(named) <= len(records):
        return records[int(named) - 1]
    wanted = named.casefold()
    found = [one for one in records if one.id.startswith(wanted) or one.title.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"several chats are called '{one_line(named)}'.", "Name one by its number: lectern chats list")
    raise UsageError(f"there is no chat '{one_line(named)}'.", "`lectern chats list` shows them with their numbers.")


def _print(records: Sequence[ChatRecord], as_json: bool, numbers: dict[str, int] | None = None) -> None:
    if as_json:
        rows = [
            {"id": one.id, "title": one.title, "changed_at": one.changed_at, "messages": one.messages}
            for one in records
        ]
        print_json({"chats": rows})
        return
    if not records:
        errors().print(_("No chat is there.") if numbers is None else _("No chat has these words."), markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", _("Title"), _("Last answer"), _("Messages"), "Id"):
        table.add_column(name, overflow="fold")
    for number, one in enumerate(records, 1):
        day = f"{datetime.fromisoformat(one.changed_at).astimezone():%Y-%m-%d %H:%M}"
        place = str(numbers[one.id] if numbers else number)
        table.add_row(place, Text(one_line(one.title)), day, count(one.messages, "message"), one.id[:ID_SHOWN])
    output().print(table)
