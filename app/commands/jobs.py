"""``lectern jobs``: what is to be taken into a library, how far it is; paused, gone on with, cancelled, tried again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from app import stopping
from app.commands.common import INTERRUPTED, LibraryOption, duration, errors, one_line, output, settings_for
from app.phrases import count
from core.cores import lower_priority
from core.loading import is_loading
from ingest.folder import shown

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary
    from index.job_worker import JobWorker
    from index.store.job_queue import Job, JobProgress, JobQueue

NICENESS = 10
"""An ingest gets a tenth of other programs' weight; at 19, the lowest, it would stand still on a busy machine."""

PATHS_NAMED = 3
"""Paths of a job, named one by one."""

PAUSE_S = 0.5
"""Seconds that Ctrl-C waits, at most, for the job to be noted as paused: another process may be writing."""

NUMBERS = Annotated[list[int] | None, typer.Argument(metavar="[NUMBER...]", help="Jobs, by number; all without any.")]

jobs = typer.Typer(help="What is being taken into a library: list, pause, resume, cancel and retry.")


def register(cli: typer.Typer) -> None:
    cli.add_typer(jobs, name="jobs")


@jobs.callback(invoke_without_command=True, epilog="Example: lectern jobs pause 3 --library research")
def root(context: typer.Context, library: LibraryOption = None) -> None:
    """What is being taken into a library, in its order: list, pause, resume, cancel and retry."""
    if context.invoked_subcommand is None:
        list_jobs(library)


@jobs.command("list", epilog="Example: lectern jobs list --library research")
def list_jobs(library: LibraryOption = None) -> None:
    """List the jobs that have not been told yet: what runs, waits, is paused, or failed."""
    with opened_queue(library) as queue:
        known = queue.all()
    if not known:
        output().print("Nothing waits to be taken in.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Job", "", "What"):
        table.add_column(column, overflow="fold")
    table.add_column("To know", overflow="fold", ratio=2)
    for job in known:
        style = {"failed": "red", "done": "dim", "cancelled": "dim"}.get(job.state, "")
        table.add_row(str(job.id), job.state, Text(one_line(name_of(job))), Text(one_line(facts_of(job))), style=style)
    output().print(table, soft_wrap=False)


@jobs.command(epilog="Example: lectern jobs pause 3")
def pause(numbers: NUMBERS = None, library: LibraryOption = None) -> None:
    """Pause what runs or waits; it stops within a second, and what is in stays."""
    change(library, numbers, "pause", "paused")


@jobs.command(epilog="Example: lectern jobs cancel 3")
def cancel(numbers: NUMBERS = None, library: LibraryOption = None) -> None:
    """Give up what has not ended; what is in stays."""
    change(library, numbers, "cancel", "cancelled")


@jobs.command(epilog="Example: lectern jobs resume")
def resume(numbers: NUMBERS = None, library: LibraryOption = None) -> int:
    """Go on with what was paused, and with what a kill or a reboot cut off."""
    return go_on(library, numbers, "resume")


@jobs.command(epilog="Example: lectern jobs retry 3")
def retry(numbers: NUMBERS = None, library: LibraryOption = None) -> int:
    """Try again what failed or was cancelled."""
    return go_on(library, numbers, "retry")


@jobs.command(hidden=True)
def work(library: LibraryOption = None) -> int:
    """Do what waits, until nothing does: the page's worker, which it ends by a signal."""
    from app.chat.open_library import OpenLibrary

    lower_priority(NICENESS)
    ended = threading.Event()
    with OpenLibrary(settings_for(library)) as opened, interrupted(ended, lambda: None):
        worker_of(opened, ended).run()
    return INTERRUPTED if ended.is_set() else 0


@contextmanager
def opened_queue(library: str | None) -> Iterator["JobQueue"]:
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        yield opened.jobs


def chosen(queue: "JobQueue", numbers: Sequence[int] | None) -> list[int]:
    """These jobs, or all. Raises UsageError for a number that is none."""
    return [queue.get(number).id for number in numbers] if numbers else [job.id for job in queue.all()]


def change(library: str | None, numbers: Sequence[int] | None, wish: str, done: str) -> None:
    """Let the queue do what a person wishes of some jobs, and say to which that happened."""
    from index.job_worker import drop_cancelled, turn
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        changed = getattr(opened.jobs, wish)(chosen(opened.jobs, numbers))
        with turn(opened) as ours:
            if ours:  # else the worker, who stops it, drops what it has left
                drop_cancelled(opened)
                opened.jobs.forget(
                    job.id for job in opened.jobs.all() if job.state == "cancelled" and job.id in changed
                )
    output().print(f"{count(len(changed), 'job')} {done}." if changed else f"Nothing to {wish}.")


def go_on(library: str | None, numbers: Sequence[int] | None, wish: str) -> int:
    """Put jobs back among those that wait, and do all that waits; says what came of each."""
    from app.chat.open_library import OpenLibrary

    lower_priority(NICENESS)
    ended = threading.Event()
    failed = False
    with OpenLibrary(settings_for(library)) as opened:
        queue = opened.library.jobs
        getattr(queue, wish)(chosen(queue, numbers))
        waiting = [job.id for job in queue.all() if job.active]
        if not waiting:
            output().print(f"Nothing to {wish}.")
        for number in waiting:
            job = work_on(opened, number, ended)
            files = queue.files(number)
            unread = sum(file.state == "failed" for file in files)
            failed = failed or bool(unread) or job.state == "failed"
            said = f"{job.error} " if job.error else f"{count(len(files) - unread, 'file')} in, {unread} not. "
            output().print(f"Job {number} {job.state}: {one_line(said)}", markup=False)
            if job.state == "cancelled" or (job.state == "done" and not unread):
                queue.forget([number])
    return INTERRUPTED if ended.is_set() else int(failed)


def work_on(opened: "OpenLibrary", number: int, ended: threading.Event) -> "Job":
    """Do the jobs of a library up to this one, with a progress bar; Ctrl-C pauses it, and sets ``ended``.

    Where another process is doing them, its progress is shown. Raises what the job fails with.
    """
    queue = opened.library.jobs
    with interrupted(ended, lambda: queue.pause([number])), progress_bar(ended) as show:

        def told(job: "Job") -> None:
            show(job.progress, "" if job.id == number else f"first job {job.id}, {name_of(job)}: ")

        worker_of(opened, ended, told).run(until=number)
    return queue.get(number)


def worker_of(
    opened: "OpenLibrary", ended: threading.Event, told: Callable[["Job"], None] = lambda _job: None
) -> "JobWorker":
    from core.protocols import Embedder
    from index.job_worker import JobWorker

    def load_embedder() -> Embedder:
        embedder = opened.local_embedder()  # in this process: it gives way
        embedder.give_way(worker.give_way)
        return embedder

    worker = JobWorker(opened.library, opened.settings, load_embedder, ended, told=told)
    return worker


@contextmanager
def interrupted(ended: threading.Event, pause: Callable[[], object]) -> Iterator[None]:
    """Within this block the first signal sets ``ended``, and pauses where it is Ctrl-C; the second ends the program.

    A shutdown of the system pauses nothing: the next worker goes on. While models load, the first ends the program too.
    """

    def begin() -> bool:
        ended.set()
        if stopping.by_person():
            noting = threading.Thread(target=pause, daemon=True)
            noting.start()
            noting.join(PAUSE_S)
        return not is_loading()

    with stopping.softly(begin):
        yield


@contextmanager
def progress_bar(ended: threading.Event) -> Iterator[Callable[["JobProgress", str], None]]:
    """A bar on standard error, given the progress and what to say before it; still where that is no terminal."""
    columns = (
        BarColumn(24),
        TextColumn("{task.fields[files]} files"),
        TextColumn("{task.fields[left]}", style="cyan"),
        TextColumn("{task.description}", style="dim", markup=False),
    )
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("Getting ready", total=1.0, files="0", left="")

        def show(now: "JobProgress", before: str) -> None:
            page = f", page {now.page:,} of {now.pages:,}" if now.pages else ""
            doing = "waits while an answer is written" if now.waits else one_line(now.file) + page
            bar.update(
                task,
                completed=now.share,
                description="stopping" if ended.is_set() else before + doing,
                files=f"{now.files_done:,}/{now.files:,}",
                left=duration(now.seconds_left),
            )

        yield show


def name_of(job: "Job") -> str:
    """ "papers", "a.pdf, b.pdf and 3 more"."""
    names = [shown(path) if job.kind == "sync" or path.is_dir() else shown(Path(path.name)) for path in job.paths]
    more = f" and {len(names) - PATHS_NAMED:,} more" if len(names) > PATHS_NAMED else ""
    return ("sync of " if job.kind == "sync" else "") + ", ".join(names[:PATHS_NAMED]) + more


def facts_of(job: "Job") -> str:
    """Where a job is, or why it failed."""
    now = job.progress
    facts = [job.error] if job.error else []
    if now.files:
        facts.append(f"{now.files_done:,} of {count(now.files, 'file')}")
    if job.state == "running":
        facts += [now.file] if now.file else []
        facts += [f"page {now.page:,} of {now.pages:,}"] if now.pages else []
        facts += [f"{duration(now.seconds_left)} left"] if now.seconds_left else []
        facts += ["waits while an answer is written"] if now.waits else []
    return " · ".join(facts)
