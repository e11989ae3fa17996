"""``lectern ingest``: files, folders and pages of the web into the library, and a table of what became of them."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from app.commands.ask import stop_on_interrupt
from app.commands.common import INTERRUPTED, LibraryOption, errors, one_line, output, settings_for
from app.phrases import count
from core.cores import GivingWay, lower_priority
from core.errors import UsageError
from core.settings import DEFAULT_LIBRARY, Settings
from ingest.folder import shown

if TYPE_CHECKING:
    from index.ingest_report import FileReport, IngestReport
    from index.ingest_report import Progress as Moment
    from index.store.library import Library
    from index.web_pages import FetchedPages

WebOption = Annotated[bool | None, typer.Option("--web/--no-web", help="Fetch the pages of the web that are named.")]

NICENESS = 10
"""An ingest gets a tenth of other programs' weight; at 19, the lowest, it would stand still on a busy machine."""

FILES_NAMED = 20
"""Files that are no longer there, named one by one."""

FILES_LISTED = 20
"""Files up to which all are listed."""

PAGES_NAMED = 8
"""Pages without text that the table names one by one; a scanned book has hundreds."""


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
    json_progress: Annotated[bool, typer.Option("--json-progress", hidden=True)] = False,
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
    from index.build import ingest as take_in
    from index.gone_files import IF_EMPTIED
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
    lower_priority(NICENESS)
    cancel = threading.Event()
    with (
        OpenLibrary(settings, create=True) as opened,
        stop_on_interrupt(cancel),
        fetched_pages(addresses, opened.library, settings, cancel) as pages,
    ):
        embedder = opened.local_embedder()  # in this process: it gives way
        give_way = GivingWay(settings.home, cancel, print_waiting if json_progress else None)
        embedder.give_way(give_way)
        with json_lines() if json_progress else progress_bar(cancel) as show:
            report = take_in(
                paths,
                opened.library,
                embedder,
                settings,
                progress=show,
                told=print_file if json_progress else None,
                cancel=cancel,
                give_way=give_way,
                prune=prune,
                pages=pages.files,
            )
        if added:
            opened.library.tag([file.document_id for file in report.files if file.document_id], added)
        if not report.files and not report.cancelled and not pages.unchanged:
            raise UsageError("those are Lectern's own files.", f"Name files that lie outside {settings.home}.")
        if not json_progress:
            print_table(report, opened.library, verbose=verbose)
            if pages.unchanged:
                output().print(f"{count(pages.unchanged, 'page')} of the web as before.", markup=False)
            print_gone(report, opened.library, [path for path in paths if path.expanduser().is_dir()])
            if offer := offer_once(opened.library, settings):
                errors().print(offer, style="dim", markup=False)
    if report.cancelled:
        return INTERRUPTED
    return 1 if report.failed else 0


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


@contextmanager
def progress_bar(cancel: threading.Event) -> Iterator[Callable[["Moment"], None]]:
    """A bar on standard error; nothing moves where that is no terminal."""
    columns = (
        BarColumn(24),
        TextColumn("{task.fields[files]} files  {task.fields[pages]} pages  {task.fields[rate]:.0f} chunks/s"),
        TextColumn("{task.fields[left]}", style="cyan"),
        TextColumn("{task.description}", style="dim", markup=False),
    )
    share = shares()
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("Getting ready", total=1.0, files="0", pages=0, rate=0.0, left="")

        def show(now: "Moment") -> None:
            bar.update(
                task,
                completed=share(now),
                description="stopping" if cancel.is_set() else one_line(now.file),
                files=f"{now.files_done}/{now.files_total}",
                pages=now.pages,
                rate=now.chunks_per_second,
                left=duration(now.seconds_left),
            )

        yield show


@contextmanager
def json_lines() -> Iterator[Callable[["Moment"], None]]:
    """A line of JSON for each step, for the page that started this process."""
    share = shares()

    def show(now: "Moment") -> None:
        emit(
            event="progress",
            file=now.file,
            files_done=now.files_done,
            files=now.files_total,
            share=share(now),
            seconds_left=now.seconds_left,
        )

    yield show


def shares() -> Callable[["Moment"], float]:
    """A function that estimates the share done, 0..1: time spent / (time spent + time left), never falling."""
    started, before = time.monotonic(), 0.0

    def share(now: "Moment") -> float:
        nonlocal before
        spent = time.monotonic() - started
        if now.files_done >= now.files_total:
            before = 1.0
        elif now.seconds_left is not None:
            before = max(before, spent / (spent + now.seconds_left) if now.seconds_left else 0.0)
        return before

    return share


def emit(**line: object) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")  # in one call: two threads write lines
    sys.stdout.flush()


def print_waiting(waits: bool) -> None:
    """A line of JSON that says whether the ingest pauses while an answer is being written."""
    emit(event="waiting", waiting=waits)


def print_file(file: "FileReport") -> None:
    """A line of JSON with the result of one file."""
    emit(
        event="file",
        path=shown(file.path),
        name=file.name,
        failed=file.state == "failed",
        pages=file.pages,
        chunks=file.chunks,
        tables=file.tables,
        problems=problems(file),
        note=file.note,
        former=file.replaced_version,
    )


def print_table(report: "IngestReport", library: "Library", *, verbose: bool) -> None:
    """A table with a row for each file: pages, characters and chunks, and what could not be read and why.

    Of more than ``FILES_LISTED`` only those are listed of which a person has to know something, unless ``verbose``.
    """
    listed = [file for file in report.files if file.note or file.state == "failed" or problems(file)]
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
        name, trouble = Text(one_line(file.name)), Text(one_line("; ".join(filter(None, [file.note, *problems(file)]))))
        table.add_row(name, file.state, *numbers, trouble, style=style)
    console = output()
    if listed:
        console.print(table, soft_wrap=False)
    done = len(report.files) - len(report.failed)
    tail = f", {len(report.failed)} could not be read" if report.failed else ""
    stop = " Stopped: what was done is kept; the same command goes on from here." if report.cancelled else ""
    # A stopped ingest reports only the files that it came to.
    of = "" if report.cancelled else f" of {len(report.files)}"
    console.print(
        f"{done}{of} files are in '{library.name}'{tail} ({duration(report.seconds)}).{stop}",
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
        console.print(f"No longer there: {named(gone)}.", style="yellow", markup=False)
        if sys.stdin.isatty() and not report.cancelled:
            pruned = typer.confirm("What was read of them still answers. Take them out?", err=True)
            gone = tuple(take_out_gone(folders, library)) if pruned else gone
    if gone and pruned:
        console.print(f"Taken out, as no longer there: {named(gone)}.", markup=False)
        console.print("`lectern docs undo` brings them back, until the next ingest.", style="dim")
    elif gone:
        of = "" if library.name == DEFAULT_LIBRARY else f" --library '{library.name}'"
        said = f"What was read of them still answers. To take them out: lectern ingest --prune FOLDER{of}"
        console.print(said, style="yellow", markup=False)


def named(names: Sequence[str]) -> str:
    """ "a.txt, b.txt and 3 more"."""
    more = f" and {len(names) - FILES_NAMED} more" if len(names) > FILES_NAMED else ""
    return ", ".join(map(one_line, names[:FILES_NAMED])) + more


def problems(file: "FileReport") -> list[str]:
    """What could not be read of a file and why; pages that fail for the same reason share a line."""
    if file.message:
        return [file.message]
    pages: dict[str, list[int]] = {}
    for number, why in file.unreadable:
        pages.setdefault(why, []).append(number)
    notes = [f"{name_pages(numbers)}: {why}" for why, numbers in pages.items()]
    return [*file.warnings, *notes]


def name_pages(numbers: list[int]) -> str:
    if len(numbers) > PAGES_NAMED:
        return f"{len(numbers)} pages"
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def duration(seconds: float | None) -> str:
    """ "7 s", "3 min 20 s"; "" where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
