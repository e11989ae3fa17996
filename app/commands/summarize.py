"""``lectern summarise``: whole documents, of the library or straight from a file."""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.answer.events import Event
from app.commands.ask import ModelOption, find_engine, interruptible, last_answer
from app.commands.common import INTERRUPTED, LibraryOption, errors, print_json, settings_for
from app.commands.print_answer import print_answer
from core.errors import NoDocuments, UnknownDocument
from core.messages import _
from core.settings import Settings
from core.types import Document

if TYPE_CHECKING:
    from app.summarize.context import TaskContext

FILE = Annotated[str, typer.Argument(metavar="FILE", help="A document's name in the library, or a file.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Begin, however long it will take.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object (described in docs/json.md).")]
SentencesOption = Annotated[
    int, typer.Option("--sentences", "-n", min=0, max=200, help="About so many; 0: by the document's length.")
]

OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it into a file: .md .html .docx .pdf")
]


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern summarise report.pdf")(summarise)
    cli.command("summarize", hidden=True)(summarise)


def summarise(
    file: FILE,
    library: LibraryOption = None,
    model: ModelOption = None,
    sentences: SentencesOption = 0,
    about: Annotated[
        str, typer.Option("--about", metavar="WORDS", help="Only what concerns this: 'the deposit', 'the tenant'.")
    ] = "",
    section: Annotated[str, typer.Option(metavar="NUMBER", help="Only the section of this number.")] = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> int:
    """Summarise a whole document; every sentence names its page. Also as: summarize.

    A small model's summary is made of the document's own sentences, those that say most of each part.
    """
    from app.summarize.request import SummaryRequest
    from app.summarize.summary import summarise as summary

    settings = settings_for(library, model=model)
    document = find_document(file, settings)
    request = SummaryRequest(sentences, about.strip(), section.strip().casefold())
    return run_task(settings, (file,), yes, as_json, lambda context: summary(document, context, request), (out,))


def find_document(name: str, settings: Settings) -> Document:
    """The library's document of that name, else the file at that path, read. Raises UnknownDocument, ReadError."""
    from index.store.library import Library
    from ingest.child import ReaderPool

    path = Path(name)
    with suppress(RuntimeError):  # "~$lease.docx" is a file's name, not a person's home
        path = path.expanduser()
    try:
        with Library.open(settings) as library:
            return library.document(name)
    except (NoDocuments, UnknownDocument) as error:
        if not path.is_file():
            raise UnknownDocument(f"'{name}' is neither a document of the library nor a file.", error.hint) from error
    with ReaderPool(settings) as pool:
        return pool.read(path)


def run_task(
    settings: Settings,
    names: tuple[str, ...],
    confirmed: bool,
    as_json: bool,
    task: Callable[["TaskContext"], Generator[Event, None, None]],
    outs: Sequence[Path | None] = (),
) -> int:
    """Carry out the task on the documents ``names`` and print its answer; returns the exit code.

    ``confirmed``: begin even if it will take long. ``outs`` are files that the answer is written into, too. Ctrl-C
    keeps what was done so far. Raises UsageError where a file's name says no format.
    """
    from app.export.content import export_of
    from app.export.formats import format_of, write

    files = [out for out in outs if out]
    for file in files:
        format_of(file)
    from app.answer.as_json import to_json
    from app.chat.models import Models
    from app.summarize.context import TaskContext

    cancel = threading.Event()
    models = Models(settings)
    try:
        context = TaskContext(models.embedder, find_engine(models, "model")[0], settings, cancel, confirmed, names)
        events = interruptible(task(context), cancel)
        if as_json:
            answer = last_answer(events)
            print_json(to_json(answer))
        else:
            answer = print_answer(events)
    finally:
        models.close()
    for file in files:
        write(export_of(", ".join(names), [("", answer)]), file)
        errors().print(_("Written: {path}", path=file), style="dim", markup=False)
    return INTERRUPTED if answer.cancelled else 0
