"""``lectern read``: a question put to every page of a document, of the library or straight from a file."""

from typing import Annotated

import typer

from app.commands.ask import ModelOption
from app.commands.common import LibraryOption, settings_for
from app.commands.summarize import FILE, JsonOption, OutOption, find_document, run_task


def register(cli: typer.Typer) -> None:
    cli.command("read", epilog="Example: lectern read lease.pdf 'List every deadline'")(read)


def read(
    file: FILE,
    question: Annotated[str, typer.Argument(help="What to list, in quotes: 'all obligations of the tenant'.")],
    library: LibraryOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> int:
    """Read every page of a document for one question and list what was found, each with its page.

    Ctrl-C keeps what was found so far.
    """
    from app.read_through.reading import read_through

    settings = settings_for(library, model=model)
    document = find_document(file, settings)
    return run_task(settings, (file,), True, as_json, lambda context: read_through(document, question, context), (out,))
