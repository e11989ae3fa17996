"""``lectern sync`` and ``lectern watch``: a library follows folders on the disk."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.ask import stop_on_interrupt
from app.commands.common import INTERRUPTED, LibraryOption, duration, errors, one_line, output, settings_for
from app.commands.ingest import WebOption, fetched_pages, split_places
from app.commands.jobs import NICENESS, progress_bar, work_on
from app.phrases import problems_of
from core.cores import GivingWay, lower_priority
from core.errors import Cancelled, LecternError, UsageError
from core.settings import Settings
from ingest.folder import shown

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary
    from index.folder_changes import FolderChanges
    from index.ingest_report import IngestReport
    from index.store.library import Library

SETTLE_S = 2.0
"""Seconds without a change after which a folder is read."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern sync ~/papers --dry-run")(sync)
    cli.command(epilog="Example: lectern watch ~/papers --library research")(watch)


def sync(
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PLACE...]", help="Folders with all below them, and addresses; without any, all known."
        ),
    ] = None,
    library: LibraryOption = None,
    web: WebOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
) -> int:
    """Make a library follow folders: what was added, changed, moved or deleted there.

    Files are known by their content: a moved or renamed one keeps its tags and is cited by its new name. What a
    .lecternignore names, as git's .gitignore does, is left out. `lectern docs undo` brings back what was taken out or
    replaced, until the next ingest or sync. Pages of the web are fetched again where they have changed, if --web or the
    setting `web` says so. Without a PLACE: the folders that are watched, and all pages.
    """
    from app.chat.open_library import OpenLibrary
    from index.folder_changes import find_changes
    from index.job_results import changes_of, report_of

    settings = settings_for(library, web=web)
    lower_priority(NICENESS)
    cancel = threading.Event()
    with OpenLibrary(settings, create=not dry_run) as opened:
        folders, addresses = synced_places(places or (), opened.library, settings)
        if dry_run:
            print_changes(find_changes(folders, opened.library, settings), opened.library, addresses)
            return 0
        if addresses:
            with stop_on_interrupt(cancel), fetched_pages(addresses, opened.library, settings, cancel) as pages:
                changes = find_changes(folders, opened.library, settings, cancel=cancel)
                changes = replace(
                    changes, changed=changes.changed + pages.files, unchanged=changes.unchanged + pages.unchanged
                )
                report = carry_out(changes, opened, cancel)
            print_report(changes, report, opened.library)
        else:
            queue = opened.library.jobs
            number = queue.add(folders, "sync")
            try:
                job = work_on(opened, number, cancel)
                report = report_of(opened.library, job)
                print_report(changes_of(job), report, opened.library)
            finally:
                queue.forget([number])
    if report.cancelled:
        return INTERRUPTED
    return 1 if report.failed else 0


def synced_places(named: Sequence[str], library: "Library", settings: Settings) -> tuple[list[Path], list[str]]:
    """The folders and addresses to sync: those named, else all that the library knows of. Raises UsageError."""
    from index.web_pages import known_addresses, refuse_unasked

    if named:
        paths, addresses = split_places(named)
        folders = [path.expanduser() for path in paths]
    else:
        folders, addresses = library.watched(), known_addresses(library)
        if not folders and not addresses:
            raise UsageError("no folder is watched, and there is no page of the web.", "Name one: lectern sync FOLDER")
    if addresses and (named or not folders):
        refuse_unasked(settings)
    return folders, addresses if settings.web else []


def watch(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER...]", help="Folders; those of the last time without any.")
    ] = None,
    library: LibraryOption = None,
    settle: Annotated[
        float, typer.Option("--settle", min=0.1, metavar="SECONDS", help="Read a folder when nothing changed so long.")
    ] = SETTLE_S,
) -> int:
    """Sync folders now and whenever something in them changes, until Ctrl-C.

    What changed while it did not run is found when it starts again. One whose drive is not connected is waited for.
    """
    from app.chat.open_library import OpenLibrary
    from index.watch import settled

    settings = settings_for(library)
    lower_priority(NICENESS)
    cancel = threading.Event()
    with OpenLibrary(settings, create=True) as opened, stop_on_interrupt(cancel):
        places = watched_folders(folders or (), opened.library)
        errors().print(f"Watching {', '.join(map(shown, places))}. Ctrl-C ends it.", markup=False)
        watcher = Watcher(places, opened, cancel)
        for _ in settled(places, settle, cancel, is_own=watcher.is_own, missing=print_missing):
            watcher.sync()
    return INTERRUPTED


class Watcher:
    """The syncs of one `lectern watch`: files that could not be read are tried again when they have changed."""

    def __init__(self, folders: Sequence[Path], opened: "OpenLibrary", cancel: threading.Event) -> None:
        from index.folder_changes import Digests

        self._folders = folders
        self._opened = opened
        self._cancel = cancel
        self._digests = Digests()
        self._failed: set[tuple[Path, str]] = set()

    def is_own(self, path: Path) -> bool:
        return path.is_relative_to(self._opened.settings.home)

    def sync(self) -> None:
        """Sync the folders once and print what changed; an error of it is printed, and the watch goes on."""
        from index.folder_changes import find_changes

        library = self._opened.library
        try:
            found = find_changes(
                self._folders, library, self._opened.settings, digests=self._digests, cancel=self._cancel
            )
            changes = found.without(lambda file: (file.path, self._digest(file.path)) in self._failed)
            if not changes:
                return
            report = carry_out(changes, self._opened, self._cancel)
        except Cancelled:
            return
        except LecternError as error:
            errors().print(f"{clock()}  {one_line(str(error))}", style="yellow", markup=False)
            return
        self._failed |= {(file.path, self._digest(file.path)) for file in report.failed}
        output().print(clock(), style="dim")
        print_report(changes, report, library)

    def _digest(self, path: Path) -> str:
        try:
            return self._digests.of(path)
        except OSError:
            return ""


def watched_folders(named: Sequence[Path], library: "Library") -> list[Path]:
    """The folders to watch, which the library remembers: those named, else those of the last time. Raises UsageError"""
    if named:
        places = [folder.expanduser().absolute() for folder in named]
        for place in places:
            if not place.is_dir():
                raise UsageError(f"{shown(place)} is not a folder.", "Check the spelling, or give the full path.")
        library.watch(places)
        return places
    if not (places := library.watched()):
        raise UsageError("no folder was watched before.", "Name one: lectern watch FOLDER")
    return places


def carry_out(changes: "FolderChanges", opened: "OpenLibrary", cancel: threading.Event) -> "IngestReport":
    """Sync with a progress bar, in this process's turn, giving way to answers. Raises Cancelled."""
    from index.job_run import Shares
    from index.job_worker import own_turn
    from index.sync import sync as follow

    embedder = opened.local_embedder()
    give_way = GivingWay(opened.settings.home, cancel)
    embedder.give_way(give_way)
    share = Shares()
    with own_turn(opened.library, cancel), progress_bar(cancel) as show:
        return follow(
            changes,
            opened.library,
            embedder,
            opened.settings,
            progress=lambda now: show(share(now), ""),
            cancel=cancel,
            give_way=give_way,
        )


def print_changes(changes: "FolderChanges", library: "Library", addresses: Sequence[str] = ()) -> None:
    """What a sync would change, a line each, and which addresses it would ask."""
    table = changes_table()
    for address in addresses:
        table.add_row("would be asked", Text(one_line(address)), Text(""))
    for kind, files in (("would be added", changes.added), ("would be read anew", changes.changed)):
        for file in files:
            table.add_row(kind, Text(one_line(shown(file.path))), Text(one_line(str(file.problem or ""))))
    add_moves_and_gone(table, changes, "would be taken out")
    output().print(table, soft_wrap=False)
    console = output()
    if not changes and not addresses:
        console.print(f"Nothing has changed: {changes.unchanged} files are in '{library.name}'.", markup=False)
    else:
        console.print(f"{changes.unchanged} unchanged. Nothing was done: leave out --dry-run to do it.", markup=False)


def print_report(changes: "FolderChanges", report: "IngestReport", library: "Library") -> None:
    """What a sync changed, a line each, and how many of each kind."""
    table, counts = changes_table(), dict.fromkeys(("added", "changed", "moved", "taken out", "not read"), 0)
    for file in report.files:
        kind = "not read" if file.state == "failed" else "changed" if file.state == "replaced" else "added"
        counts[kind] += 1
        told = "; ".join(filter(None, [file.note, *problems_of(file)]))
        table.add_row(kind, Text(one_line(file.name)), Text(one_line(told)), style="red" if kind == "not read" else "")
    counts["moved"] = len(changes.moved)
    counts["taken out"] = len(report.gone)
    add_moves_and_gone(table, changes if report.pruned else changes.without_gone(), "taken out")
    console = output()
    if table.row_count:
        console.print(table, soft_wrap=False)
    said = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number) or "Nothing has changed"
    took = "" if report.cancelled else f" ({duration(report.seconds)})"
    stop = " Paused: the same command goes on from here, or `lectern jobs resume`." if report.cancelled else ""
    console.print(f"{said}, {changes.unchanged} unchanged in '{library.name}'{took}.{stop}", markup=False)
    if report.gone or any(file.replaced_version for file in report.files):
        console.print("`lectern docs undo` brings back what went, until the next ingest.", style="dim")


def add_moves_and_gone(table: Table, changes: "FolderChanges", taken_out: str) -> None:
    from index.store.sources import shown_place

    for move in changes.moved:
        told = f"{shown_place(move.before)} → {shown_place(move.source)}"
        table.add_row("moved", Text(one_line(move.name)), Text(one_line(told)))
    for why, files in (("no longer there", changes.gone), ("named in .lecternignore", changes.left_out)):
        for source, name in files.items():
            table.add_row(taken_out, Text(one_line(name)), Text(one_line(f"{shown_place(source)}: {why}")))


def changes_table() -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("")
    table.add_column("File", overflow="fold", ratio=2)
    table.add_column("To know", overflow="fold", ratio=4)
    return table


def print_missing(folder: Path) -> None:
    errors().print(f"{clock()}  {one_line(shown(folder))} is not there; waiting for it.", style="yellow", markup=False)


def clock() -> str:
    return time.strftime("%H:%M:%S")
