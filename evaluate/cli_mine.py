"""``lectern eval add``, ``mine`` and ``forget``: a person's own questions, replayed after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import LibraryOption, errors, one_line, output, settings_for
from core.errors import LibraryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.types import Document
    from evaluate.mine import Changed, Outcome

STYLES = {
    "gone": "red",
    "changed": "red",
    "worse": "red",
    "better": "green",
    "unclear": "yellow",
    "new": "cyan",
    "same": "dim",
}
"""Of every change, in the order in which they are shown."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern eval add 'Who signed the lease?' --document lease.pdf --page 3")(add)
    cli.command(epilog="Example: LECTERN_ABOUT_WEIGHT=0 lectern eval mine")(mine)
    cli.command(epilog="Example: lectern eval forget 3f2a91bc04d7")(forget)


def add(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    document: Annotated[str, typer.Option("--document", "-d", metavar="FILE", help="The document that answers it.")],
    page: Annotated[int | None, typer.Option("--page", "-p", min=1, help="The page, slide or section.")] = None,
    answer: Annotated[str, typer.Option("--answer", help="What the answer should say, in the document's words.")] = "",
    library: LibraryOption = None,
) -> None:
    """Keep a question with the page that answers it, to be asked again after every change."""
    from index.store.kept_questions import keep
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        found = opened.document(document)
        if page is not None and page not in {known.number for known in found.pages}:
            raise UsageError(f"{found.name} has no page {page}.", f"It has {len(found.pages)}.")
        kept = keep(opened.folder, question, found.name, page, answer)
        _warn_of(kept.answer, found, page)
    output().print(f"Kept as {kept.id}. Replay all with: lectern eval mine", markup=False)


def mine(
    library: LibraryOption = None,
    passages: Annotated[int, typer.Option("--passages", min=1, max=50, help="Places that are looked at.")] = 10,
    with_answers: Annotated[
        bool, typer.Option("--answers", help="Also write the answers, and see whether they cite the page.")
    ] = False,
    of: Annotated[
        str | None, typer.Option("--of", metavar="LIBRARY", help="Ask the questions kept in another library.")
    ] = None,
) -> int:
    """Ask your own questions again: what got better, what worse, since they were last replayed, and which documents
    no longer give the answer that was kept.

    Other chunks or another embedder need a library of their own: LECTERN_CHUNK_TOKENS=120 lectern ingest PATH
    --library trial, then lectern eval mine --library trial --of default.

    Ends with exit code 1 where something got worse, an answer changed or a document is gone.
    """
    from rich.progress import track

    from app.chat.open_library import OpenLibrary
    from evaluate import mine as own
    from evaluate.hashes import model_hashes
    from index.store.kept_questions import kept_questions, read_questions
    from index.store.library import Library

    settings, console, saved = settings_for(library), errors(), True
    with OpenLibrary(settings) as opened, Library.open(settings_for(of or settings.library)) as own_library:
        questions = kept_questions(own_library.folder)
        for rows in (read_questions(own_library.folder), own.read_replays(own_library.folder)):
            if rows.problem:
                console.print(one_line(rows.problem), style="yellow", markup=False)
        if not questions:
            raise UsageError(
                f"the library '{own_library.name}' has no questions yet.",
                'Add one: lectern eval add "question" --document FILE --page N',
            )
        before = own.last_outcomes(own_library.folder)
        replay = own.Replay(opened, passages, with_answers)
        outcomes = {kept.id: replay.ask(kept) for kept in track(questions, "Asking", console=console, transient=True)}
        changes = own.compare(questions, before, outcomes)
        _show(changes)
        try:
            own.save_replay(opened.library.folder, settings, model_hashes(settings, chat=with_answers), outcomes)
        except LibraryError as error:
            console.print(f"lectern: this replay is not kept: {error}", style="red", markup=False)
            saved = False
    return 1 if not saved or any(changed.change in own.FAILED for changed in changes) else 0


def forget(
    question_id: Annotated[str, typer.Argument(metavar="ID", help="As `lectern eval mine` shows it.")],
    library: LibraryOption = None,
) -> None:
    """Take one of your own questions out again."""
    from index.store.kept_questions import forget as take_out
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        gone = take_out(opened.folder, question_id)
    output().print(f"Forgotten: {one_line(gone.question)}", markup=False)


def _warn_of(answer: str, document: Document, page: int | None) -> None:
    """Say where a replay will not be able to compare the answer."""
    from evaluate.kept_answers import can_compare, standing
    from evaluate.mine import stretches

    if not answer:
        return
    if not can_compare(answer):
        line = f"“{answer}” cannot be compared: a replay will look at the page alone."
    elif not standing(document, answer, stretches(document, page)):
        line = f"The page does not say “{answer}” in these words: a replay will call it changed. Give the page's words."
    else:
        return
    errors().print(one_line(line), style="yellow", markup=False)


def _show(changes: Sequence[Changed]) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(Column("id", no_wrap=True, min_width=12), "question", "page", "before", "now", "")
    order = list(STYLES)
    for changed in sorted(changes, key=lambda one: order.index(one.change)):
        kept = changed.kept
        page = f"{kept.document}, {kept.page}" if kept.page else kept.document
        table.add_row(
            kept.id,
            Text(one_line(kept.question)),
            Text(one_line(page)),
            _describe(changed.before),
            _describe(changed.after),
            Text(changed.change, style=STYLES[changed.change]),
        )
    console = output()
    console.print(table)
    counts = {name: sum(changed.change == name for changed in changes) for name in order}
    found = sum(changed.after.place is not None for changed in changes)
    console.print(
        f"{found} of {len(changes)} found; " + ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    )
    _show_answers(changes)


def _show_answers(changes: Sequence[Changed]) -> None:
    """Every kept answer that is no longer given, beside what is said now; and of how many none was compared."""
    console = output()
    for changed in changes:
        kept, after = changed.kept, changed.after
        if changed.change == "changed":
            now = f"“{one_line(after.says)}” {one_line(after.where)}" if after.says else "nothing there answers it"
            lines = (f"{kept.id} {one_line(kept.question)}", f"  kept: {one_line(kept.answer)}", f"  now:  {now}")
            console.print("\n".join(lines), markup=False)
        elif changed.change == "gone":
            console.print(f"{kept.id} {one_line(kept.document)} is no longer in the library.", markup=False)
    if any(changed.change in ("changed", "gone") for changed in changes):
        console.print("Right as it is? lectern eval add with --answer, or lectern eval forget ID", markup=False)
    bare = sum(not changed.after.gone and changed.after.holds is None for changed in changes)
    if bare:
        console.print(f"{bare} without an answer to compare: their page's place alone was looked at.", markup=False)


def _describe(outcome: Outcome | None) -> str:
    """ "place 2", "not found", with "cited" or "not cited" where an answer was written."""
    if outcome is None:
        return ""
    if outcome.gone:
        return "gone"
    place = "not found" if outcome.place is None else f"place {outcome.place}"
    if outcome.cited is None:
        return place
    return f"{place}, {'cited' if outcome.cited else 'not cited' if outcome.answered else 'declined'}"
