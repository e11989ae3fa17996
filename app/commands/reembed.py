"""``lectern docs reembed``: a library's vectors made anew by another embedder, while the old ones answer."""

import difflib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.commands.ask import stop_on_interrupt
from app.commands.common import INTERRUPTED, LibraryOption, duration, errors, one_line, output, settings_for
from app.commands.jobs import NICENESS
from core.cores import GivingWay, lower_priority
from core.errors import ModelMissing, UsageError
from core.server_address import LANGCHAIN, SERVER

if TYPE_CHECKING:
    from core.settings import Settings
    from index.reembed import Progress as Moment

NAME = Annotated[
    str,
    typer.Argument(
        metavar="EMBEDDER",
        help="'multilingual', 'bundled', a model's folder, server:NAME or langchain:PROVIDER:NAME.",
    ),
]


def reembed(
    name: NAME,
    library: LibraryOption = None,
    json_progress: Annotated[bool, typer.Option("--json-progress", hidden=True)] = False,
) -> int:
    """Change the embedder by which a library is searched; its files are not read again.

    It answers by its old vectors until all new ones are there, and documents may come and go meanwhile. Ctrl-C stops
    cleanly; the same command goes on from there.
    """
    from app.chat.open_library import OpenLibrary
    from index.embed import AUTO, load_embedder
    from index.embedders.local import LocalEmbedder
    from index.reembed import reembed as make_anew

    settings = settings_for(library)
    wanted = settings.model_copy(update={"embedder": checked_name(name, settings)})
    lower_priority(NICENESS)
    cancel = threading.Event()
    with OpenLibrary(settings) as opened, stop_on_interrupt(cancel):
        embedder = load_embedder(wanted)
        give_way = GivingWay(settings.home, cancel, print_waiting if json_progress else None)
        if isinstance(embedder, LocalEmbedder):
            embedder.give_way(give_way)
        with json_lines() if json_progress else progress_bar(cancel) as show:
            done = make_anew(opened.library, embedder, settings, progress=show, cancel=cancel, give_way=give_way)
    if json_progress:
        return 0 if done else INTERRUPTED
    if not done:
        output().print("Stopped: the old vectors answer, and the same command goes on from here.")
        return INTERRUPTED
    output().print(f"'{settings.library}' is searched by '{one_line(embedder.name)}' from here on.", markup=False)
    if settings.embedder not in (AUTO, name) or Path(name).expanduser().is_dir():
        said = f"The settings name '{settings.embedder}' for all libraries: set LECTERN_EMBEDDER={name} for this one."
        output().print(one_line(said), style="yellow", markup=False)
    return 0


def checked_name(name: str, settings: "Settings") -> str:
    """The name, where it is an embedder's that is here. Raises UsageError, ModelMissing."""
    from generate import catalogue
    from index.embedders.converted import fetched_name

    known = [card for card in catalogue.catalogue(settings) if card.prompts]
    if name == "bundled" or name.startswith((LANGCHAIN, SERVER)) or fetched_name(settings, name):
        return name
    for card in known:
        if name in (card.called, card.name):
            raise ModelMissing(f"the embedder '{name}' is not on this machine.", f"Run: lectern models pull {name}")
    if Path(name).expanduser().is_dir():
        return name
    names = ["bundled", *(card.called for card in known)]
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.4) or names
    raise UsageError(f"there is no embedder '{one_line(name)}'.", f"Did you mean {' or '.join(near)}?")


@contextmanager
def progress_bar(cancel: threading.Event) -> Iterator[Callable[["Moment"], None]]:
    """A bar on standard error; nothing moves where that is no terminal."""
    columns = (
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("chunks"),
        TextColumn("{task.fields[left]}", style="cyan"),
        TextColumn("{task.description}", style="dim"),
    )
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("getting ready", total=None, left="")

        def show(now: "Moment") -> None:
            doing = "stopping" if cancel.is_set() else ""
            left = duration(now.seconds_left)
            bar.update(task, completed=now.done, total=now.chunks, description=doing, left=left)

        yield show


@contextmanager
def json_lines() -> Iterator[Callable[["Moment"], None]]:
    """A line of JSON for each step, for the page that started this process."""

    def show(now: "Moment") -> None:
        emit(event="progress", done=now.done, chunks=now.chunks, seconds_left=now.seconds_left)

    yield show


def print_waiting(waits: bool) -> None:
    """A line of JSON that says whether the work pauses while an answer is being written."""
    emit(event="waiting", waiting=waits)


def emit(**line: object) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")  # in one call: two threads write lines
    sys.stdout.flush()
