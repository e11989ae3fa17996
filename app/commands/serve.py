"""``lectern serve``: the page in the browser."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import LibraryOption, errors, settings_for

if TYPE_CHECKING:
    from core.settings import Settings


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern serve --port 8600")(serve)


def serve(
    library: LibraryOption = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Default: the first free one from 8501 on.")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    fetch_model: Annotated[
        bool,
        typer.Option(
            "--fetch-model",
            help="Fetch the model `standard` and the embedder `multilingual` in the background, where not here.",
        ),
    ] = False,
) -> None:
    """Open the page in the browser; it listens on this machine's own address (127.0.0.1) alone.

    Nothing is fetched without --fetch-model (`make run` gives it), or the button in the page. Where a model was chosen
    (`lectern models use`), none is.
    """
    from app.ui.server import serve as serve_page

    settings = settings_for(library)
    if fetch_model and (line := fetch_line(settings)):
        errors().print(line, style="dim", markup=False)
    serve_page(settings, port, open_browser=not no_browser, fetch_model=fetch_model)


def fetch_line(settings: "Settings") -> str:
    """What is said before something is fetched in the background; "" where all is here, or the person chose a model."""
    from generate.catalogue import entry_of
    from generate.choice import AUTO, STANDARD, TINY
    from generate.download import in_words
    from index.embed import AUTO as BEST_EMBEDDER
    from index.embedders.converted import MULTILINGUAL, fetched_name

    if settings.model != AUTO:
        return ""
    standard, embedder = entry_of(settings, STANDARD), entry_of(settings, MULTILINGUAL)
    wanted: list[str] = []
    if standard and not standard.path:
        wanted.append(f"the model {standard.called} ({in_words(standard.bytes)}; tiny answers until it is here)")
    if embedder and settings.embedder == BEST_EMBEDDER and not fetched_name(settings, MULTILINGUAL):
        wanted.append(f"the embedder {embedder.called} ({in_words(embedder.bytes)})")
    if not wanted:
        return ""
    keep = STANDARD if standard and standard.path else TINY
    return f"Fetched in the background, once: {', '.join(wanted)}. To do without: lectern models use {keep}"
