"""``lectern eval add``, ``mine`` and ``forget``: a person's own questions, replayed after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import LibraryOption, errors, one_line, output, settings_for
from core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluate.mine import Changed, Outcome

STYLES = {"better": "green", "worse": "red", "same": "dim", "new": "cyan"}


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern eval add 'Who signed the lease?' --document lease.pdf --page 3")(add)
    cli.command(epilog="Example: LECTERN_ABOUT_WEIGHT=0 lectern eval mine")(mine)
    cli.command(epilog="Example: lectern eval forget 3f2a91bc04d7")(forget)


def add(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    document: Annotated[str, typer.Option("--document", "-d", metavar="FILE", help="The document that answers it.")],
    page: Annotated[int | None, typer.Option("--page", "-p", min=1, help="The page, slide or section.")] = None,
    answer: Annotated[str, typer.Option("--answer", help="What the answer should say, for yourself.")] = "",
    library: LibraryOption = None,
) -> None:
    """Keep a question with the page that answers it, to be asked again after every change."""
    from index.library import Library
    from index.questions import keep

    with Library.open(settings_for(library)) as opened:
        found = opened.document(document)
        if page is not None and page not in {known.number for known in found.pages}:
            raise UsageError(f"{found.name} has no page {page}.", f"It has {len(found.pages)}.")
        kept = keep(opened.folder, question, found.name, page, answer)
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
    """Ask your own questions again: what got better, what worse, since they were last replayed.

    Other chunks or another embedder need a library of their own: LECTERN_CHUNK_TOKENS=120 lectern ingest PATH
    --library trial, then lectern eval mine --library trial --of default.

    Ends with exit code 1 where something got worse.
    """
    from rich.progress import track

    from app.services import Desk
    from evaluate import mine as own
    from evaluate.hashes import model_hashes
    from index.library import Library
    from index.questions import kept_questions

    settings = settings_for(library)
    with Desk(settings) as desk, Library.open(settings_for(of or settings.library)) as asked:
        questions = kept_questions(asked.folder)
        if not questions:
            raise UsageError(
                f"the library '{asked.name}' has no questions yet.",
                'Add one: lectern eval add "question" --document FILE --page N',
            )
        before = own.last_outcomes(asked.folder)
        replay = own.Replay(desk, passages, with_answers)
        console = errors()
        outcomes = {kept.id: replay.ask(kept) for kept in track(questions, "Asking", console=console, transient=True)}
        own.save_replay(desk.library.folder, settings, model_hashes(settings, chat=with_answers), outcomes)
    changes = own.compare(questions, before, outcomes)
    _show(changes)
    return 1 if any(changed.change == "worse" for changed in changes) else 0


def forget(
    question_id: Annotated[str, typer.Argument(metavar="ID", help="As `lectern eval mine` shows it.")],
    library: LibraryOption = None,
) -> None:
    """Take one of your own questions out again."""
    from index.library import Library
    from index.questions import forget as take_out

    with Library.open(settings_for(library)) as opened:
        gone = take_out(opened.folder, question_id)
    output().print(f"Forgotten: {one_line(gone.question)}", markup=False)


def _show(changes: Sequence[Changed]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "question", "page", "before", "now", "")
    order = {"worse": 0, "better": 1, "new": 2, "same": 3}
    for changed in sorted(changes, key=lambda one: order[one.change]):
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


def _describe(outcome: Outcome | None) -> str:
    """ "place 2", "not found", with "cited" or "not cited" where an answer was written."""
    if outcome is None:
        return ""
    place = "not found" if outcome.place is None else f"place {outcome.place}"
    if outcome.cited is None:
        return place
    return f"{place}, {'cited' if outcome.cited else 'not cited' if outcome.answered else 'declined'}"
