"""``lectern eval spans``: how well the span reader points at the words that answer, and knows when none do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.commands.common import errors, output, settings_for
from core.errors import UsageError


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern eval spans --data squad2-dev --split test --json spans.json")(spans)


def spans(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="A folder with corpus, queries and qrels.")],
    split: Annotated[
        Literal["train", "dev", "test"], typer.Option("--split", help="Which side; the reader learnt from train.")
    ] = "test",
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the probability's reliability, a PNG.")
    ] = None,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Without what the chat model makes of the words.")] = False,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Draw only N of the questions; 0: all.")] = 0,
) -> None:
    """How well the span reader points at the words that answer, and knows when none do; 95 % intervals by bootstrap."""
    from core.files import for_the_person, write_atomically

    for path in filter(None, (json_file, plot)):
        if not path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {path.absolute().parent}.", "Make it first, or name another file.")
    figures = _figures(data, split, limit, no_llm=no_llm, plot=plot)
    show(figures)
    if json_file:
        with for_the_person():
            write_atomically(json_file, (json.dumps(figures, indent=1) + "\n").encode(), private=False)


def _figures(
    data: Path, split: Literal["train", "dev", "test"], limit: int, *, no_llm: bool, plot: Path | None
) -> Mapping[str, Any]:
    from app.chat.models import Models
    from evaluate.span_reader import run

    models = Models(settings_for(None, embedder="bundled", model="bundled"))
    with ExitStack() as stack:
        stack.callback(models.close)
        waiting = stack.enter_context(errors().status("Reading…"))
        return run(
            data.absolute(),
            split,
            models.span_reader(),
            models.embedder,
            limit,
            progress=lambda line: waiting.update(f"{line}…"),
            engine=None if no_llm else models.engine,
            plot=plot,
        )


def show(figures: Mapping[str, Any]) -> None:
    """The figures, each with its interval where it has one."""
    from rich.table import Table

    table = Table(title=f"{figures['set']}, {figures['split']}: {figures['questions']:,} questions")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval")
    intervals = figures.get("intervals", {})
    for path, value in _leaves({name: value for name, value in figures.items() if name != "intervals"}):
        known: Any = intervals
        for step in path:
            known = known.get(step) if isinstance(known, Mapping) else None
        interval = f"{known[0]:.3f} to {known[1]:.3f}" if known else ""
        table.add_row(" ".join(path), f"{value:.0f}" if path[-1] == "ms_p50" else f"{value:.3f}", interval)
    output().print(table)


def _leaves(figures: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every number but the count of questions, with the keys that lead to it."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, name))
        elif isinstance(value, float):
            yield (*above, name), value
