"""``lectern serve``: the page in the browser."""

from typing import Annotated

import typer

from app.commands.common import LibraryOption, settings_for


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern serve --port 8600")(serve)


def serve(
    library: LibraryOption = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Default: the first free one from 8501 on.")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the page in the browser; it listens on this machine's own address (127.0.0.1) alone."""
    from app.ui.server import serve as serve_page

    serve_page(settings_for(library), port, open_browser=not no_browser)
