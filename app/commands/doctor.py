"""``lectern doctor``: what is installed, which model, what the libraries hold and whether it is consistent."""

import typer


def register(cli: typer.Typer) -> None:
    cli.command()(doctor)


def doctor() -> None:
    """Doctor."""
