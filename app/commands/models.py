"""``lectern models``: which models there are, how they come here, and which one answers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from app import stopping
from app.commands import embedder_files, models_bench
from app.commands.common import errors, one_line, output, settings_for
from core.errors import ModelError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from core.settings import Settings
    from generate.download import Step
    from generate.model_card import ModelCard

models = typer.Typer(help="List, fetch and choose the models of this machine.", no_args_is_help=True)
models_bench.register(models)

NAME = Annotated[str, typer.Argument(metavar="NAME", help="A name from `lectern models list`.")]


def register(cli: typer.Typer) -> None:
    cli.add_typer(models, name="models")


@models.command("list", epilog="Example: lectern models list")
def list_models() -> None:
    """List the models that can be used at once (the one in use is marked) and those that can be fetched."""
    from generate import catalogue

    settings = settings_for(None)
    used = _used(settings)
    here = catalogue.list_models(settings)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "Name"):
        table.add_column(name, no_wrap=True)
    for name in ("Parameters", "Size"):
        table.add_column(name, justify="right")
    table.add_column("Licence")
    table.add_column("Good for", overflow="fold")
    for card in here:
        _add_row(table, card, "*" if card.name == used else "")
    known = catalogue.catalogue(settings)
    away = [card for card in known if not card.path and not card.prompts]
    for number, card in enumerate(away):
        if not number:
            table.add_section()
            table.add_row("", Text("to be fetched:", style="dim"))
        _add_row(table, card, "")
    table.add_section()
    table.add_row("", Text("embedders:", style="dim"))
    for card in (card for card in known if card.prompts):
        whole = embedder_files.usable_folder(settings, card) is not None
        state = card.good_for if whole else f"to be fetched; {card.good_for}"
        _add_row(table, replace(card, good_for=state), "*" if _is_used(settings, card) else "")
    console = output()
    console.print(table, soft_wrap=False)
    if away:
        console.print(f"Fetch one: lectern models pull {away[0].called}", style="dim", markup=False)
    console.print(f"GGUF files in {settings.models} are listed too.", style="dim", markup=False)


@models.command(epilog="Example: lectern models show standard")
def show(name: NAME) -> None:
    """Show what is known of a model: its file, where it comes from, what it is good for."""
    from generate import catalogue
    from generate.download import in_words

    settings = settings_for(None)
    card = catalogue.as_it_is(catalogue.look_up(settings, name))
    rows = {
        "name": f"{card.name} ({card.alias})" if card.alias else card.name,
        "in use": "yes" if _is_used(settings, card) else "no",
        "file": str(card.path) if card.path else f"not here; {in_words(card.bytes)} to fetch",
        "parameters": f"{card.parameters} M",
        "window": f"{card.window:,} tokens" if card.window else "",
        "prompts": f"{card.prompts.question!r}, {card.prompts.passage!r}" if card.prompts else card.template,
        "licence": card.licence,
        "good for": card.good_for,
        "measured": card.note,
        "bytes": f"{card.bytes:,}" if card.bytes else "",
        "sha256": card.sha256,
    }
    console = output()
    for key, value in rows.items():
        if value:
            console.print(Text.assemble((f"{key:<12}", "dim"), one_line(value)))
    for source in card.sources:
        console.print(Text.assemble((f"{'from':<12}", "dim"), one_line(source.told)))


@models.command(epilog="Example: lectern models pull standard")
def pull(name: NAME) -> None:
    """Fetch a model of the catalogue, checked by its SHA-256. What was fetched before a break is gone on with."""
    from generate import catalogue
    from generate.models_folder import note_pulled
    from generate.pull import pull as fetch

    settings = settings_for(None)
    card = catalogue.look_up(settings, name)
    if here := _whole(settings, card):
        output().print(f"{card.called} is here already: {here}", markup=False)
        return
    if not card.sources:
        raise UsageError(f"'{name}' is in no catalogue.", "`lectern models list` shows what can be fetched.")
    cancel = threading.Event()

    def stop() -> bool:
        cancel.set()
        return True

    with stopping.softly(stop), progress_bar(card) as step:
        path = fetch(card, settings.models, progress=step, cancel=cancel)
    note_pulled(settings, card, path)
    hint = f"Answer with it: lectern models use {card.called}"
    answers = _used(settings) == card.name
    if card.prompts:
        path = embedder_files.write_folder(settings, card, path)
        hint = _how_to_use(settings, card)
    output().print(f"{card.called} is here: {path}", markup=False)
    output().print("It answers from here on." if answers else hint, style="dim", markup=False)


@models.command(epilog="Example: lectern models use ~/Downloads/Qwen3-4B-Q4_K_M.gguf")
def use(
    name: Annotated[str, typer.Argument(help="A name from `lectern models list`, 'auto', or a GGUF file.")],
) -> None:
    """Choose the model that answers from here on; it is noted in settings.toml. An open page keeps its own until it is
    started again. With 'auto' it is standard where that is here and the machine has the memory for it, else tiny.
    """
    from generate import catalogue
    from generate.choice import AUTO

    card = catalogue.use(settings_for(None), name)
    output().print(f"{one_line(card.called)} answers from here on ({one_line(card.good_for)}).", markup=False)
    if name == AUTO and (notice := catalogue.automatic(settings_for(None)).notice):
        output().print(one_line(notice), style="dim", markup=False)


@models.command(epilog="Example: lectern models remove small")
def remove(
    name: NAME,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also a file that is in no catalogue and cannot be fetched.")
    ] = False,
) -> None:
    """Remove a model's file, and what an unfinished pull left of it."""
    from generate import catalogue
    from generate.choice import AUTO
    from generate.models_folder import remove as remove_file
    from generate.pull import drop_partial

    settings = settings_for(None)
    card = catalogue.look_up(settings, name)
    used = _is_used(settings, card)
    dropped = drop_partial(card, settings.models) if card.sources else False
    if card.prompts and embedder_files.remove_folder(settings, card) and card.path is None:
        output().print(f"{one_line(card.called)} is removed.", markup=False)
        return
    if card.path is None:
        output().print(f"{card.called}: {'the unfinished pull is removed' if dropped else 'nothing is here'}.")
        return
    if not card.sources and not yes:
        raise UsageError(f"{card.path} cannot be fetched again.", f"To remove it: lectern models remove {name} --yes")
    remove_file(settings, card)
    output().print(f"{one_line(card.called)} is removed.", markup=False)
    if used and not card.prompts:
        if settings.model != AUTO:
            catalogue.choose(settings, AUTO)
        card = catalogue.automatic(settings).card
        output().print(f"It was in use: {one_line(card.called)} answers from here on.", markup=False)


@contextmanager
def progress_bar(card: "ModelCard") -> Iterator[Callable[["Step"], None]]:
    """A bar on standard error with bytes, rate and time left; nothing moves where that is no terminal."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors(), transient=True, disable=not errors().is_terminal) as bar:
        task = bar.add_task(card.called, total=card.bytes)
        begun = False

        def step(now: "Step") -> None:
            nonlocal begun
            if not begun:  # what an earlier pull left is no part of this one's rate
                bar.reset(task, completed=now.done, start=True)
                begun = True
            bar.update(task, completed=now.done, description=f"{card.called} {now.doing}")

        yield step


def _add_row(table: Table, card: "ModelCard", mark: str) -> None:
    from generate.download import in_words

    parameters = f"{card.parameters} M" if card.parameters else ""
    size = card.path.stat().st_size if card.path and card.path.is_file() else card.bytes
    called, licence, good_for = (Text(one_line(text)) for text in (card.called, card.licence, card.good_for))
    table.add_row(mark, called, parameters, in_words(size), licence, good_for)


def _used(settings: "Settings") -> str:
    """The name of the model that the settings mean, "" where it cannot be used."""
    from generate import catalogue

    try:
        return catalogue.find(settings).name
    except ModelError:
        return ""


def _is_used(settings: "Settings", card: "ModelCard") -> bool:
    return _embedder(settings) == card.called if card.prompts else card.name == _used(settings)


def _embedder(settings: "Settings") -> str:
    """The setting that means the embedder of new libraries."""
    from index.embed import settings_for_library

    return settings_for_library(settings).embedder


def _how_to_use(settings: "Settings", card: "ModelCard") -> str:
    change = f"For one that is there: lectern docs reembed {card.called}"
    if _embedder(settings) == card.called:
        return f"New libraries are searched with it. {change}"
    return f"For a new library: LECTERN_EMBEDDER={card.called} lectern ingest PATH --library NAME. {change}"


def _whole(settings: "Settings", card: "ModelCard") -> "Path | None":
    """The model's file, or an embedder's folder, where it is here and whole."""
    from generate import catalogue

    if card.prompts:
        return embedder_files.usable_folder(settings, card)
    try:
        return catalogue.find(settings, card.called).path if card.path else None
    except ModelError:
        return None
