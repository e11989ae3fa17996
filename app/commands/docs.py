"""``lectern docs``: what is in a library, one document of it, and taking one out."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import LibraryOption, errors, one_line, output, plain, print_json, settings_for
from app.commands.facets import facet_lines, facets_to_json, set_facets
from app.commands.quality import quality_lines, report
from app.commands.reembed import reembed
from app.commands.tables import tables
from app.phrases import count, facts_of, page_count, quotes_in_words
from core.errors import UsageError
from core.facets import Facets
from ingest.folder import shown

if TYPE_CHECKING:
    from index.store.quotes import Quotes
    from index.store.receipt import Receipt
    from index.store.records import DocumentRecord

documents = typer.Typer(help="List, show and remove documents; change how they are searched.", no_args_is_help=True)

NAME = Annotated[str, typer.Argument(metavar="NAME", help="The document's name, its id, or the beginning of its id.")]


def register(cli: typer.Typer) -> None:
    cli.add_typer(documents, name="docs")


documents.command(epilog="Example: lectern docs reembed multilingual --library research")(reembed)
documents.command(epilog="Example: lectern docs report ~/papers --html quality.html")(report)
documents.command(epilog="Example: lectern docs tables report.pdf --page 4")(tables)


documents.command("set", epilog="Example: lectern docs set 03.pdf organisation='Apple Inc.; AAPL' period='Q3 2022'")(
    set_facets
)


@documents.command("list", epilog="Example: lectern docs list --library research")
def list_documents(
    library: LibraryOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (described in docs/json.md).")] = False,
) -> None:
    """List the documents of a library."""
    from index.store.library import Library, no_documents

    with Library.open(settings_for(library)) as opened:
        records = opened.documents()
        facets = opened.all_facets() if as_json else {}
    if as_json:
        print_json({"documents": [record_to_json(record, facets.get(record.id, Facets())) for record in records]})
        return
    if not records:
        output().print(one_line(str(no_documents(opened.folder))), markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Name", overflow="fold", ratio=3)
    table.add_column("Id")
    for name in ("Pages", "Characters", "Chunks"):
        table.add_column(name, justify="right")
    table.add_column("Tags", overflow="fold", ratio=1)
    table.add_column("To know", overflow="fold", ratio=2)
    for record in records:
        counts = [f"{number:,}" for number in (record.pages, record.characters, record.chunks)]
        texts = (record.name, ", ".join(record.tags), "; ".join(facts_of(record)))
        shown_name, tags, warnings = (Text(one_line(text)) for text in texts)  # a bare string would be read as markup
        table.add_row(shown_name, Text(record.id[:12]), *counts, tags, warnings)
    output().print(table, soft_wrap=False)


def record_to_json(record: "DocumentRecord", facets: Facets) -> dict[str, object]:
    """A document of the list, as docs/json.md describes it."""
    return {
        "id": record.id,
        "name": record.name,
        "title": record.title,
        "type": record.media_type,
        "pages": record.pages,
        "characters": record.characters,
        "chunks": record.chunks,
        "size": record.size,
        "added": record.added_at,
        "date": record.day,
        "tags": list(record.tags),
        "sources": list(record.sources),
        "warnings": list(record.warnings),
        **facets_to_json(facets),
    }


@documents.command(epilog="Example: lectern docs show lease.docx --text | less")
def show(
    name: NAME,
    library: LibraryOption = None,
    text: Annotated[bool, typer.Option("--text", help="Print the whole text as it was read.")] = False,
) -> None:
    """Show what is known of a document, and its outline."""
    from index.store.library import Library
    from index.store.sources import shown_place

    with Library.open(settings_for(library)) as opened:
        document = opened.document(name)
        record = next(record for record in opened.documents() if record.id == document.id)
        facets = opened.facets(document.id)
    console = output()
    if text:
        console.print(plain(document.text), markup=False)
        return
    pages = page_count(record.pages, record.media_type)
    facts = {
        "Title": document.title,
        "Id": document.id,
        "Type": document.media_type,
        "From": ", ".join(map(shown_place, record.sources)),
        "Size": f"{record.size:,} bytes, {pages}, {record.characters:,} characters",
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
    for line in facet_lines(facets, document.text):
        console.print(line)
    for number, said in enumerate(quality_lines(document)):
        console.print(Text.assemble((f"{'' if number else 'Read as':<12}", "dim"), one_line(said)))
    for warning in facts_of(record):
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
    from index.search.filters import matching
    from index.store.library import Library

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


@documents.command(epilog="Example: lectern docs remove lease.docx --with-quotes")
def remove(
    name: NAME,
    library: LibraryOption = None,
    with_quotes: Annotated[
        bool | None,
        typer.Option("--with-quotes/--keep-quotes", help="Take out what chats and kept questions quote of it, or not."),
    ] = None,
) -> int:
    """Remove a document with its text, chunks, vectors and words; your own file stays.

    Afterwards the library's files are searched, byte by byte, for what was in it, and the receipt says what went from
    where. Exit code 1 where something of it is still found.
    """
    from generate.running import forget_everywhere
    from index.store.library import Library
    from index.store.quotes import count_quotes
    from index.store.receipt import receipt, traces_of
    from index.store.sources import path_of

    settings = settings_for(library)
    with Library.open(settings) as opened:
        document_id = opened.find(name)
        traces = traces_of(opened, document_id)
        record = next(record for record in opened.documents() if record.id == document_id)
        quotes = count_quotes(opened, [document_id])
        take_out = takes_quotes_out(quotes, with_quotes) if quotes else False
        opened.remove_ids([document_id], quotes=take_out)
        forget_everywhere()
        opened.drop_states_of_others()  # one may have been kept before it was forgotten
        found = receipt(opened, traces, [settings.home / "evaluation", settings.home / "logs"])
    output().print(f"Removed {one_line(record.name)} ({count(record.chunks, 'chunk')}).", markup=False)
    print_receipt(found, quotes, taken_out=take_out)
    for path in filter(None, map(path_of, record.sources)):
        if path.exists():
            said = "To keep a sync or ingest of its folder from adding it again, name it in a .lecternignore there."
            errors().print(f"Your file stays: {one_line(shown(path))}. {said}", style="dim", markup=False)
    return 1 if found.left else 0


def print_receipt(found: "Receipt", quotes: "Quotes", *, taken_out: bool) -> None:
    """What went, from where, and what a search of the files found."""
    traces = found.traces
    fate = f"{'taken out' if taken_out else 'they stay, as you chose'}: {quotes_in_words(quotes)}" if quotes else ""
    looked_for = f"{len(traces.stretches)} stretches of its text and {len(traces.vectors)} vectors"
    lines = {
        "text": f"{traces.characters:,} characters, {count(traces.tables, 'table')}, with their words in the index",
        "vectors": f"{traces.chunks:,}" if traces.chunks else "",
        "originals": ", ".join(path.name for path in traces.originals),
        "read by models": count(traces.states, "kept state") if traces.states else "",
        "quotes": fate,
        "searched": f"{count(found.files, 'file')}, {found.size / 1e6:,.1f} MB, for {looked_for}: "
        + ("still found" if found.left else "found only in what you kept" if found.quoted else "nothing found"),
    }
    for key, value in lines.items():
        if value:
            output().print(Text.assemble((f"  {key:<15} ", "dim"), one_line(value)))
    if found.left:
        hint = "Close the page and other programs that have the library open; it is deleted when it is opened next."
        output().print(Text(one_line(f"Still in: {', '.join(found.left)}. {hint}"), style="red"))


def takes_quotes_out(quotes: "Quotes", wanted: bool | None) -> bool:
    """Whether the quotes go too: ``wanted``, else the person's reply; without a terminal to ask on they stay."""
    holders = quotes_in_words(quotes)
    if wanted is None and sys.stdin.isatty():
        return typer.confirm(f"{holders}. Take these out too?", err=True)
    fate = "they are taken out too." if wanted else "they stay. --with-quotes takes them out too."
    errors().print(f"{holders}: {fate}", style="dim", markup=False)
    return bool(wanted)


@documents.command(epilog="Example: lectern docs undo prices.csv")
def undo(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]", help="The document's name; all that the last ingest replaced or took out without it."
        ),
    ] = "",
    library: LibraryOption = None,
) -> None:
    """Bring back what the last ingest replaced, which stands beside the newer one, or took out with --prune."""
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        former = [version for version in opened.replaced_versions() if name in ("", version.name, version.document_id)]
        if not former:
            what = f"nothing of '{one_line(name)}'" if name else "nothing"
            hint = "What an ingest replaced or took out is let go by the next one."
            raise UsageError(f"there is {what} to bring back.", hint)
        for version in former:
            back = opened.bring_back(version.document_id)
            what = f"The earlier {version.name}" if version.successor else version.name
            output().print(f"{one_line(what)} is back, as '{one_line(back)}'.", markup=False)
