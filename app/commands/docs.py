"""``lectern docs``: what is in a library, one document of it, and taking one out."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output, plain, settings_for
from app.wording import parts
from core.errors import UsageError

documents = typer.Typer(help="List, show and remove documents.", no_args_is_help=True)

NAME = Annotated[str, typer.Argument(metavar="NAME", help="The document's name, its id, or the beginning of its id.")]


def register(cli: typer.Typer) -> None:
    cli.add_typer(documents, name="docs")


@documents.command("list", epilog="Example: lectern docs list --library research")
def list_documents(library: LibraryOption = None) -> None:
    """List the documents of a library."""
    from index.library import Library, no_documents

    with Library.open(settings_for(library)) as opened:
        records = opened.documents()
    if not records:
        output().print(one_line(str(no_documents(opened.name))), markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Name", overflow="fold", ratio=3)
    table.add_column("Id")
    for name in ("Pages", "Characters", "Chunks"):
        table.add_column(name, justify="right")
    table.add_column("Tags", overflow="fold", ratio=1)
    table.add_column("Not read", overflow="fold", ratio=2)
    for record in records:
        counts = [f"{number:,}" for number in (record.pages, record.characters, record.chunks)]
        texts = (record.name, ", ".join(record.tags), "; ".join(record.warnings))
        called, tags, warnings = (Text(one_line(text)) for text in texts)  # a bare string would be read as markup
        table.add_row(called, Text(record.id[:12]), *counts, tags, warnings)
    output().print(table, soft_wrap=False)


@documents.command(epilog="Example: lectern docs show lease.docx --text | less")
def show(
    name: NAME,
    library: LibraryOption = None,
    text: Annotated[bool, typer.Option("--text", help="Print the whole text as it was read.")] = False,
) -> None:
    """Show what is known of a document, and its outline."""
    from index.library import Library

    with Library.open(settings_for(library)) as opened:
        document = opened.document(name)
        record = next(record for record in opened.documents() if record.id == document.id)
    console = output()
    if text:
        console.print(plain(document.text), markup=False)
        return
    facts = {
        "Title": document.title,
        "Id": document.id,
        "Type": document.media_type,
        "From": ", ".join(record.sources),
        "Size": f"{record.size:,} bytes, {parts(record.pages, record.media_type)}, {record.characters:,} characters",
        "Chunks": f"{record.chunks:,}",
        "Added": record.added_at,
        "Date": record.day,
        "Tags": ", ".join(record.tags),
        **{key.capitalize(): value for key, value in document.metadata.items()},
    }
    console.print(Text(one_line(record.name), style="bold"))
    for key, value in facts.items():
        if value:
            console.print(Text.assemble((f"{one_line(key):<12}", "dim"), one_line(value)))
    for warning in record.warnings:
        console.print(Text(one_line(warning), style="yellow"))
    for heading in document.headings:
        console.print(Text("  " * heading.level + one_line(heading.text)))


@documents.command(epilog="Example: lectern docs tag 'lease*.docx' --add contracts")
def tag(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Documents: names, ids, or 'report*.pdf'.")],
    add: Annotated[list[str] | None, typer.Option("--add", metavar="TAG", help="Give them this tag.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="TAG", help="Take this tag away.")] = None,
    library: LibraryOption = None,
) -> None:
    """Give documents tags, by which a search can be limited; a new version of a file keeps them."""
    from index.filters import matching
    from index.library import Library

    if not add and not remove:
        raise UsageError("nothing to change.", "Give --add TAG or --remove TAG.")
    with Library.open(settings_for(library)) as opened:
        with opened.database.reading() as db:
            found = matching(db, names)
        opened.tag(found, add or (), remove or ())
        records = [record for record in opened.documents() if record.id in found]
    for record in records:
        tags = one_line(", ".join(record.tags)) or "no tags"
        output().print(f"{one_line(record.name)}: {tags}", markup=False)


@documents.command(epilog="Example: lectern docs remove lease.docx")
def remove(name: NAME, library: LibraryOption = None) -> None:
    """Remove a document with its text, chunks, vectors and words; your own file stays."""
    from index.library import Library

    with Library.open(settings_for(library)) as opened:
        document_id = opened.find(name)
        record = next(record for record in opened.documents() if record.id == document_id)
        opened.remove_ids([document_id])
    output().print(f"Removed {one_line(record.name)} ({record.chunks:,} chunks).", markup=False)
