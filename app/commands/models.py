"""``lectern models``: which chat models there are, and which one answers."""

import typer

models = typer.Typer(help="List the chat models on this machine, and choose one.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    cli.add_typer(models, name="models")


@models.command("list")
def list_models() -> None:
    """List."""
