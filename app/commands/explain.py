"""``lectern explain``: the ranks of passages at every stage of a search, and which stage left them out and why."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output, print_json, settings_for
from app.commands.search_filter import takes_filter
from core.errors import UsageError

if TYPE_CHECKING:
    from app.answer.rules.base import Rule
    from app.answer.table_answer import TableFound
    from app.chat.open_library import OpenLibrary
    from index.search.explain import ChunkOutcome, Explanation, StageRank
    from index.search.filters import Filter

FIRST_WORDS = 8
"""First words of a passage that the table shows, enough to know it by."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern explain 'Who signed the lease?' --document lease.docx --page 3")(explain)


@takes_filter
def explain(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    library: LibraryOption = None,
    document: Annotated[
        str, typer.Option("--document", metavar="FILE", help="Follow this document's passages (default: the first).")
    ] = "",
    page: Annotated[int | None, typer.Option("--page", min=1, help="Only those on this page or slide.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (described in docs/json.md).")] = False,
    within: "Filter | None" = None,
) -> None:
    """Show where passages stood at every stage of a search, and why those that were not found were not."""
    from app.answer.as_json import choice_to_json
    from app.answer.chosen import files_of
    from app.chat.open_library import OpenLibrary
    from index.search.explain import explain as explained

    if not question.strip():
        raise UsageError("the question is empty.", "Give the one whose search is to be explained.")
    if page is not None and not document:
        raise UsageError("--page needs --document.", "Say of which document the page is; --pages limits the search.")
    with OpenLibrary(settings_for(library)) as opened:
        found = explained(question, opened.retriever, opened.library, document=document, page=page, within=within)
        foreseen = foresee(question, opened, within)
        choice = opened.retriever.choice(question, within)
        files = files_of(choice, opened.library) if choice else ""
    if as_json:
        print_json(to_json(found, foreseen) | {"choice": choice_to_json(choice)})
    else:
        print_table(found)
        if choice:
            how = "searched alone" if choice.is_sure else "preferred to others"
            for line in (f"Asked about, and {how}: {files} (--anywhere for all).", *choice.said):
                output().print(one_line(line), markup=False)
        for line in foreseen.lines:
            output().print(line, markup=False)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How likely it is, before a model that reads has read anything, that the documents answer, 0..1; ``least`` is the
    probability from which it is asked. ``rules`` are those that changed what is shown as evidence. ``table`` is the
    answer of a whole table, None where the question asks for none."""

    certainty: float
    least: float
    rules: tuple["Rule", ...]
    table: "TableFound | None" = None

    @property
    def lines(self) -> tuple[str, ...]:
        if self.table is not None:
            return (
                f"Answered by a query over a table of {self.table.document.name}, which accounts for "
                f"{self.table.covered:.0%} of the question. {self.table.answer.told}",
                f"Query: {self.table.answer.sql}",
            )
        asked = "is asked" if self.certainty >= self.least else "is not asked, and the nearest passage is quoted"
        spoke = "; ".join(f"{rule.name} ({rule.reason})" for rule in self.rules) or "none"
        return (
            f"That the documents answer is likely by {self.certainty:.2f}: a model that reads {asked} "
            f"(from {self.least:.2f} on; the setting strictness).",
            f"Rules that changed which sentences are shown: {spoke}.",
        )


def foresee(question: str, opened: "OpenLibrary", within: "Filter | None") -> Foreseen:
    """What is decided before a draft. Raises NoDocuments, UsageError for a filter that keeps nothing."""
    from app.answer.assembly import with_form
    from app.answer.confidence import certainty_before, least_certainty
    from app.answer.pipeline import weigh
    from app.answer.question import Question
    from app.answer.retrieval import retrieve

    spoke: dict[str, Rule] = {}
    services = opened.services(None)
    services = replace(services, rules=replace(services.rules, spoke=lambda rule: spoke.setdefault(rule.name, rule)))
    asked = with_form(Question(question, within=within))
    found = weigh(asked, retrieve(asked, services), services)
    certainty, least = certainty_before(asked, found.evidence), least_certainty(asked, opened.settings.strictness)
    return Foreseen(certainty, least, tuple(spoke.values()), found.table)


def to_json(found: "Explanation", foreseen: Foreseen) -> dict[str, object]:
    """The explanation as docs/json.md describes it."""
    return {
        "question": found.question,
        "certainty": round(foreseen.certainty, 4),
        "asked_from": foreseen.least,
        "rules": [{"name": rule.name, "reason": rule.reason} for rule in foreseen.rules],
        "query": None if foreseen.table is None else foreseen.table.answer.sql,
        "stages": [{"name": name, "places": places} for name, places in found.stages],
        "passages": [
            {
                "document": outcome.document_id,
                "file": outcome.file,
                "page": outcome.locator.page,
                "where": outcome.locator.label,
                "start": outcome.start,
                "end": outcome.end,
                "text": outcome.text,
                "stages": {s.stage: {"rank": s.rank, "score": s.score} for s in outcome.ranks},
                "found": not outcome.ended,
                "ended": outcome.ended,
                "why": outcome.why,
            }
            for outcome in found.outcomes
        ],
        "more": found.more,
    }


def print_table(found: "Explanation") -> None:
    """A row for each passage: its rank and score at every stage, and at which it was left out and why."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Passage", overflow="fold", ratio=3)
    for name, places in found.stages:
        table.add_column(f"{name}\n(of {places})", justify="right", no_wrap=True)
    table.add_column("What became of it", overflow="fold", ratio=3)
    for outcome in found.outcomes:
        table.add_row(_passage(outcome), *map(_rank, outcome.ranks), _became(outcome))
    console = output()
    console.print(table, soft_wrap=False)
    if found.more:
        console.print(f"{found.more:,} further passages of the document got less far.", style="dim")


def _passage(outcome: "ChunkOutcome") -> Text:
    words = " ".join(outcome.text.split()[:FIRST_WORDS])
    name = ", ".join(text for text in (outcome.file, outcome.locator.label) if text)
    return Text.assemble((one_line(name), "bold"), f"\n{one_line(words)}…")


def _rank(stage: "StageRank") -> Text:
    if stage.rank is None or stage.score is None:
        return Text("–", style="dim")
    return Text.assemble(f"{stage.rank}", (f"\n{stage.score:.3g}", "dim"))


def _became(outcome: "ChunkOutcome") -> Text:
    if not outcome.ended:
        rank = outcome.ranks[-1].rank
        return Text(f"found, place {rank}" + (f"; {one_line(outcome.why)}" if outcome.why else ""), style="green")
    return Text.assemble((f"ended at {outcome.ended}: ", "yellow"), one_line(outcome.why))
