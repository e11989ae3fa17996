"""``lectern compare``: all that two documents differ in, in the terminal, as JSON, HTML or DOCX."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import LibraryOption, errors, output, print_json, settings_for
from app.commands.summarize import FILE, JsonOption, find_document, run_task
from core.errors import UsageError
from core.messages import _
from core.settings import Settings
from core.types import Document

HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the list and both texts side by side to FILE.")
]
DocxOption = Annotated[
    Path | None, typer.Option("--docx", metavar="FILE", help="Write the new text, its changes tracked, to FILE.")
]


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern compare lease-2016.pdf lease-2026.pdf --html changes.html")(compare)


def compare(
    old: FILE,
    new: FILE,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]...", help="Further documents: all are told point by point.")
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
    html: HtmlOption = None,
    docx: DocxOption = None,
) -> int:
    """Compare two versions of a document: every difference, the weightiest first; no model takes part.

    Amounts, dates, names, small words that bind (not, may, shall) and added or removed clauses come first, then
    wording, then what was moved, split or joined. Clauses that are only renumbered are no difference.
    """
    from app.compare.comparison import compare_documents
    from app.compare.report.as_docx import write_docx
    from app.compare.report.as_html import to_html
    from app.compare.report.as_json import to_json
    from app.compare.report.terminal import print_comparison

    settings = settings_for(library)
    if more:
        return _compare_several((old, new, *more), settings, as_json, (html, docx))
    with errors().status(_("Reading…")), ThreadPoolExecutor(2) as readers:
        documents = list(readers.map(lambda name: find_document(name, settings), (old, new)))
    comparison = compare_documents(*documents)
    by_point = bool(comparison.points) and not as_json
    try:
        if html:
            html.write_text(to_html(comparison), "utf-8")
        if docx and not by_point:
            write_docx(comparison, docx)
    except OSError as error:
        raise UsageError(f"{error.filename or html or docx} cannot be written: {error.strerror}.") from error
    if by_point:
        for line in comparison.notes:
            errors().print(line, style="yellow", markup=False)
        if html:
            errors().print(_("Written: {path}", path=html), style="dim", markup=False)
        return _compare_several((old, new), settings, as_json, (docx,), documents)
    if as_json:
        print_json(to_json(comparison))
        return 0
    print_comparison(comparison, output())
    for path in filter(None, (html, docx)):
        errors().print(_("Written: {path}", path=path), style="dim", markup=False)
    return 0


def _compare_several(
    names: tuple[str, ...],
    settings: Settings,
    as_json: bool,
    outs: tuple[Path | None, ...],
    documents: Sequence[Document] = (),
) -> int:
    """What documents that are no versions of each other say on each point, also in the files ``outs``."""
    from app.compare.several import compare_several

    read = documents or [find_document(name, settings) for name in names]
    return run_task(settings, names, True, as_json, lambda context: compare_several(read, context), outs)
