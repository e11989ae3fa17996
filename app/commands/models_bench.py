"""``lectern models bench`` and ``lectern models stop``: how fast a model is here, and the end of engines that wait."""

from typing import Annotated

import typer
from rich.table import Table

from app.commands.common import errors, one_line, output, settings_for
from app.phrases import count


def register(models: typer.Typer) -> None:
    models.command(epilog="Example: lectern models bench standard")(bench)
    models.command(epilog="Example: lectern models stop")(stop)


def bench(
    name: Annotated[str | None, typer.Argument(help="A model of this machine; the one in use by default.")] = None,
) -> None:
    """Measure how fast a model reads and writes here, its memory and its best number of threads, which is then used.

    Takes about a minute. While other programs are at work all is slower, and the number of threads stays as it is.
    """
    from core.errors import UsageError
    from generate.bench import best_of, candidates, is_busy, measure
    from generate.catalogue import find
    from generate.speed import keep

    settings = settings_for(None, model=name)
    card = find(settings)
    if card.path is None:
        raise UsageError(f"{card.name} runs on a server.", "Measure a model of this machine.")
    errors().print(f"Measuring {one_line(card.name)} ...", style="dim", markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Threads", "Reads, tokens/s", "Writes, tokens/s", "Loads in", "Memory"):
        table.add_column(title, justify="right")
    busy = is_busy()
    speeds = list(measure(settings, [settings.threads] if settings.threads else candidates()))
    for speed in speeds:
        memory = f"{speed.memory_mb:,} MB" if speed.memory_mb else ""
        row = (f"{speed.read:.0f}", f"{speed.write:.0f}", f"{speed.load_s:.1f} s", memory)
        table.add_row(str(speed.threads), *row)
    best = best_of(speeds, busy=busy)
    output().print(table)
    output().print(
        f"A question with its evidence: first word after about {best.first_word_s():.1f} s, "
        f"an answer of two lines after {best.answer_s():.1f} s ({count(best.threads, 'thread')}).",
        markup=False,
    )
    if busy:
        errors().print("Other programs are at work: measure again once they have ended.", style="yellow", markup=False)
    try:
        keep(settings, card.path, best)
    except OSError as error:
        errors().print(f"This could not be kept: {one_line(str(error))}.", style="yellow", markup=False)


def stop() -> None:
    """End the chat models that stay loaded for the next command, and free their memory, also where they answer."""
    from generate.running import running_processes, stop_shared

    found = running_processes()
    stop_shared()
    for engine in found:
        output().print(f"Ended {one_line(engine.model)} (process {engine.pid}).", markup=False)
    if not found:
        output().print("No model is loaded.", markup=False)
