"""``lectern ingest``: files, folders and pages of the web into the library, and a table of what became of them."""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.ask import stop_on_interrupt
from app.commands.common import INTERRUPTED, LibraryOption, duration, errors, one_line, output, settings_for
from app.commands.jobs import NICENESS, progress_bar, work_on
from app.phrases import count, problems_of
from core.cores import GivingWay, lower_priority
from core.errors import UsageError
from core.settings import DEFAULT_LIBRARY, Settings
from ingest.folder import shown

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary
    from index.ingest_report import IngestReport
    from index.store.library import Library
    from index.web_pages import FetchedPages

WebOption = Annotated[bool | None, typer.Option("--web/--no-web", help="Fetch the pages of the web that are named.")]

FILES_NAMED = 20
"""Files that are no longer there, named one by one."""

FILES_LISTED = 20
"""Files up to which all are listed."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern ingest ~/papers report.pdf --library research")(ingest)


def ingest(
    places: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders with all that is below them, and addresses.")
    ],
    library: LibraryOption = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="NAME", help="Give them this tag.")] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take out what came from these folders and is no longer there.")
    ] = False,
    web: WebOption = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List every file, also those without a problem.")
    ] = False,
) -> int:
    """Take files and folders into the library; what is there already costs nothing twice.

    Reads PDF, Word, PowerPoint, Excel, OpenDocument, RTF, CSV, HTML, Markdown, text, EPUB, mail and more. A file that
    cannot be read is named at the end with the reason (exit code 1); the others are in. Ctrl-C stops cleanly: nothing
    is lost. A file that changed replaces its earlier version; `lectern docs undo` brings that back until the next
    ingest, and what --prune took out. Pages of the web, https://..., are fetched where --web or the setting `web` says
    so, and kept as they were read; `lectern sync` asks for them again.
    """
    from app.chat.better_embedder import offer_once
    from app.chat.open_library import OpenLibrary
    from index.gone_files import IF_EMPTIED, refuse_emptied
    from index.job_results import report_of
    from index.store.records import check_tag
    from index.web_pages import refuse_unasked
    from ingest.folder import find_files

    settings = settings_for(library, web=web)
    paths, addresses = split_places(places)
    if addresses:
        refuse_unasked(settings)
    elif not find_files(paths):
        hint = f"Nothing was taken out. {IF_EMPTIED}" if prune else "Name files, or a folder that holds some."
        raise UsageError(f"no files in {', '.join(map(shown, paths))}.", hint)
    added = [check_tag(tag) for tag in tags or ()]
    named = [path.expanduser() for path in paths]
    folders = [path for path in named if path.is_dir()]
    lower_priority(NICENESS)
    with OpenLibrary(settings, create=True) as opened:
        if prune:
            refuse_emptied(folders, opened.library)
        if addresses:
            report, unchanged = take_in_with_pages(named, addresses, opened, added, prune=prune)
        else:
            queue = opened.library.jobs
            number = queue.add(named, tags=added, prune=prune)
            try:
                report = report_of(opened.library, work_on(opened, number, threading.Event()))
            finally:
                queue.forget([number])
            unchanged = 0
        if not report.files and not report.cancelled and not unchanged:
            raise UsageError("those are Lectern's own files.", f"Name files that lie outside {settings.home}.")
        print_table(report, opened.library, verbose=verbose)
        if unchanged:
            output().print(f"{count(unchanged, 'page')} of the web as before.", markup=False)
        print_gone(report, opened.library, folders)
        if report.cancelled:
            return INTERRUPTED
        if offer := offer_once(opened.library, settings):
            errors().print(offer, style="dim", markup=False)
    return 1 if report.failed else 0


def take_in_with_pages(
    paths: Sequence[Path], addresses: Sequence[str], opened: "OpenLibrary", tags: Sequence[str], *, prune: bool
) -> tuple["IngestReport", int]:
    """Fetch pages of the web and take them in with the files, at once: what was fetched is for this command alone.

    Returns the report, and the number of pages that are as they were. Raises UsageError, Cancelled.
    """
    from index.build import ingest as take_in
    from index.job_run import Shares
    from index.job_worker import own_turn

    cancel = threading.Event()
    library, settings, share = opened.library, opened.settings, Shares()
    with (
        stop_on_interrupt(cancel),
        own_turn(library, cancel),
        fetched_pages(addresses, library, settings, cancel) as pages,
    ):
        embedder = opened.local_embedder()  # in this process: it gives way
        give_way = GivingWay(settings.home, cancel)
        embedder.give_way(give_way)
        with progress_bar(cancel) as show:
            report = take_in(
                paths,
                library,
                embedder,
                settings,
                progress=lambda now: show(share(now), ""),
                cancel=cancel,
                give_way=give_way,
                prune=prune,
                pages=pages.files,
            )
        if tags:
            library.tag([file.document_id for file in report.files if file.document_id], tags)
    return report, pages.unchanged


def split_places(places: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The paths and the addresses among what a person named."""
    from index.web_pages import is_address

    return [Path(one) for one in places if not is_address(one)], [one for one in places if is_address(one)]


@contextmanager
def fetched_pages(
    addresses: Sequence[str], library: "Library", settings: Settings, cancel: threading.Event
) -> Iterator["FetchedPages"]:
    """The pages at these addresses, kept in the library's inbox until they are in. Raises UsageError, Cancelled."""
    from index.store.upload_inbox import UploadInbox
    from index.web_pages import FetchedPages, fetch_pages

    with closing(UploadInbox(library.incoming_dir)) as inbox:
        if addresses:
            errors().print(f"Fetching {count(len(addresses), 'page')} of the web ...", style="dim", markup=False)
        yield fetch_pages(addresses, library, settings, inbox, cancel) if addresses else FetchedPages((), 0)


def print_table(report: "IngestReport", library: "Library", *, verbose: bool) -> None:
    """A table with a row for each file: pages, characters and chunks, and what could not be read and why.

    Of more than ``FILES_LISTED`` only those are listed of which a person has to know something, unless ``verbose``.
    """
    listed = [file for file in report.files if file.note or file.state == "failed" or problems_of(file)]
    if verbose or len(report.files) <= FILES_LISTED:
        listed = [*report.files]
    known = {record.id: record for record in library.documents()}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("File", overflow="fold", ratio=3)
    table.add_column("")
    for column in ("Pages", "Characters", "Chunks"):
        table.add_column(column, justify="right")
    table.add_column("To know", overflow="fold", ratio=4)
    for file in listed:
        counts = file if file.state != "unchanged" else known.get(file.document_id, file)
        read = (f"{number:,}" for number in (counts.pages, counts.characters, counts.chunks))
        numbers = [""] * 3 if file.state == "failed" else list(read)
        style = {"failed": "red", "unchanged": "dim"}.get(file.state, "")
        name, trouble = (
            Text(one_line(file.name)),
            Text(one_line("; ".join(filter(None, [file.note, *problems_of(file)])))),
        )
        table.add_row(name, file.state, *numbers, trouble, style=style)
    console = output()
    if listed:
        console.print(table, soft_wrap=False)
    done = len(report.files) - len(report.failed)
    tail = f", {len(report.failed)} could not be read" if report.failed else ""
    took = "" if report.cancelled else f" ({duration(report.seconds)})"
    stop = " Paused: the same command goes on from here, or `lectern jobs resume`." if report.cancelled else ""
    # A stopped ingest reports only the files that it came to.
    of = "" if report.cancelled else f" of {len(report.files)}"
    console.print(
        f"{done}{of} files are in '{library.name}'{tail}{took}.{stop}",
        markup=False,
    )
    if len(listed) < len(report.files):
        console.print("Listed are the files with something to know; --verbose lists all.", style="dim")
    if any(file.replaced_version for file in report.files):
        console.print("`lectern docs undo` brings earlier versions back, until the next ingest.", style="dim")


def print_gone(report: "IngestReport", library: "Library", folders: Sequence[Path]) -> None:
    """The files that came from these folders before and are no longer there; they are taken out where a person says so.

    Without a terminal to ask on it says how to take them out.
    """
    from index.gone_files import take_out_gone

    console, gone, pruned = output(), report.gone, report.pruned
    if gone and not pruned:
        console.print(f"No longer there: {names_of(gone)}.", style="yellow", markup=False)
        if sys.stdin.isatty() and not report.cancelled:
            pruned = typer.confirm("What was read of them still answers. Take them out?", err=True)
            gone = tuple(take_out_gone(folders, library)) if pruned else gone
    if gone and pruned:
        console.print(f"Taken out, as no longer there: {names_of(gone)}.", markup=False)
        console.print("`lectern docs undo` brings them back, until the next ingest.", style="dim")
    elif gone:
        of = "" if library.name == DEFAULT_LIBRARY else f" --library '{library.name}'"
        said = f"What was read of them still answers. To take them out: lectern ingest --prune FOLDER{of}"
        console.print(said, style="yellow", markup=False)


def names_of(names: Sequence[str]) -> str:
    """ "a.txt, b.txt and 3 more"."""
    more = f" and {len(names) - FILES_NAMED} more" if len(names) > FILES_NAMED else ""
    return ", ".join(map(one_line, names[:FILES_NAMED])) + more
