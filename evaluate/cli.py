"""``lectern eval``: each command validates, calls one function of ``evaluate.measure`` and prints what it returns.

``evaluate.program`` adds these commands to those of ``app``; importing them loads typer and the settings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.commands.common import output, settings_for
from core.errors import UsageError
from core.settings import load_settings
from evaluate import cli_ask, cli_mine, cli_spans
from evaluate.configuration import Configuration
from evaluate.progress_bar import meter

if TYPE_CHECKING:
    from evaluate.measure import Choice
    from evaluate.scores import Result

app = typer.Typer(
    name="eval",
    help="Measure how well Lectern finds, cuts up and answers.",
    epilog="Start with: lectern eval retrieval --data DIR   (docs/evaluation.md says what a set looks like)",
    no_args_is_help=True,
)

Half = Literal["all", "tune", "report", "unseen"]

DataOption = Annotated[
    list[Path], typer.Option("--data", metavar="DIR", help="A folder with a set of questions; may be given many times.")
]
SampleOption = Annotated[int, typer.Option("--sample", min=0, metavar="N", help="Ask only N of the questions; 0: all.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Which sample; the same seed draws the same questions.")]
SplitOption = Annotated[
    Half,
    typer.Option(
        "--split",
        help="tune: one half of the articles; report: the other; unseen: those the span reader never learnt from.",
    ),
]
BalancedOption = Annotated[
    bool,
    typer.Option("--balanced", help="As many questions without an answer as with one: half of the sample each."),
]
CompareOption = Annotated[
    list[str] | None,
    typer.Option(
        "--compare",
        metavar="NAME=VALUE",
        help="Measure again with this setting, or weight of the search: does it help?",
    ),
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on with an interrupted run.")]
JsonOption = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the results as JSON.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the results as CSV.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with plots.")]


def _search_command(measurement: Literal["retrieval", "chunks"]) -> Callable[..., None]:
    """The command that measures the search in one of two ways: both take the same options."""

    def command(
        data: DataOption,
        sample: SampleOption = 0,
        seed: SeedOption = 0,
        split: SplitOption = "all",
        compare: CompareOption = None,
        fresh: FreshOption = False,
        json_file: JsonOption = None,
        csv_file: CsvOption = None,
        html_file: HtmlOption = None,
    ) -> None:
        from evaluate.measure import measure_chunks, measure_retrieval

        measure = measure_retrieval if measurement == "retrieval" else measure_chunks
        files = (json_file, csv_file, html_file)
        _measure(measure, data, _choice(split, sample, seed, fresh), compare, files)

    return command


app.command(
    "retrieval",
    help="How well every stage of the search finds what answers: hit, recall, MRR, nDCG, MAP and latency.",
    epilog="Example: lectern eval retrieval --data squad --split report --compare dense_weight=0.7",
)(_search_command("retrieval"))

app.command(
    "chunks",
    help="How much of the exact words that answer the chunks hold, and how much else: recall, precision and IoU.",
    epilog="Example: lectern eval chunks --data chunking-eval --compare chunk_tokens=120",
)(_search_command("chunks"))


@app.command(epilog="Example: lectern eval answers --data squad --sample 200 --balanced --split unseen")
def answers(
    data: DataOption,
    sample: SampleOption = 0,
    seed: SeedOption = 0,
    split: SplitOption = "all",
    balanced: BalancedOption = False,
    compare: CompareOption = None,
    closed_book: Annotated[
        bool, typer.Option("--closed-book/--no-closed-book", help="Also ask the model without any passage.")
    ] = True,
    perplexity: Annotated[
        bool, typer.Option("--perplexity", help="Also how surprised the model is by the reference answer.")
    ] = False,
    fresh: FreshOption = False,
    json_file: JsonOption = None,
    csv_file: CsvOption = None,
    html_file: HtmlOption = None,
) -> None:
    """How right the answers are, how well cited, and whether what has no answer is declined."""
    from functools import partial

    from evaluate.measure import measure_answers

    measure = partial(measure_answers, closed_book=closed_book, perplexity=perplexity)
    files = (json_file, csv_file, html_file)
    _measure(measure, data, _choice(split, sample, seed, fresh, balanced), compare, files)


@app.command(epilog="Example: lectern eval runs")
def runs() -> None:
    """The runs that came to their end, newest first."""
    from rich.table import Table

    from evaluate.runs import finished

    table = Table("run", "command", "set", "questions", "started", "split")
    for run in finished(settings_for(None).home):
        identity = run.record["identity"]
        table.add_row(
            run.id,
            identity["command"],
            identity["data"]["set"],
            str(len(run.rows)),
            run.record["started"],
            identity["options"]["split"],
        )
    output().print(table)


@app.command(epilog="Example: lectern eval compare 3f2a 91bc --html change.html")
def compare(
    first: Annotated[str, typer.Argument(help="The run before the change: its id, or the beginning of it.")],
    second: Annotated[str, typer.Argument(help="The run after the change.")],
    json_file: JsonOption = None,
    csv_file: CsvOption = None,
    html_file: HtmlOption = None,
) -> None:
    """Did a change of the program, a model or a setting help? Compares two runs question by question."""
    from evaluate.measure import compare_runs
    from evaluate.report import show
    from evaluate.runs import Run
    from evaluate.sets import load_set

    home = settings_for(None).home
    before, after = Run.load(home, first), Run.load(home, second)
    result = compare_runs(before, after, load_set(Path(before.record["folder"])))
    show(result, output())
    _write([result], (json_file, csv_file, html_file))


@app.command(epilog="Example: lectern eval clear")
def clear() -> None:
    """Delete the libraries and runs of all sets; your own libraries and questions stay."""
    from evaluate.set_library import clear as clear_all

    output().print(f"{clear_all(settings_for(None).home) / 1e6:,.0f} MB freed.")


cli_ask.register(app)
cli_mine.register(app)
cli_spans.register(app)


def _measure(
    measure: Callable[..., Result],
    folders: Sequence[Path],
    choice: Choice,
    compare: Sequence[str] | None,
    files: tuple[Path | None, ...],
) -> None:
    """Measure every set, show it as soon as it is done, and write all to the files."""
    from evaluate.report import refuse_lost, show
    from evaluate.sets import load_set

    settings, changed = settings_for(None), _changes(compare or ())
    refuse_lost(*filter(None, files))
    sets = [load_set(folder) for folder in folders]
    results = []
    for data in sets:
        results.append(measure(data, settings, choice, changed, meter))
        show(results[-1], output())
    _write(results, files)


def _write(results: Sequence[Result], files: tuple[Path | None, ...]) -> None:
    json_file, csv_file, html_file = files
    if json_file:
        from evaluate.report import write_results

        write_results(results, json_file)
    if csv_file:
        from evaluate.report import write_csv

        write_csv(results, csv_file)
    if html_file:
        from evaluate.page import write_page

        write_page(results, html_file)


def _choice(split: Half, sample: int, seed: int, fresh: bool, balanced: bool = False) -> Choice:
    from evaluate.measure import Choice

    return Choice(split, sample, seed, fresh, balanced)


def _changes(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE pairs. Raises UsageError for anything else."""
    changed = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--compare {pair} is not NAME=VALUE.", "For example: --compare dense_weight=0.7")
        changed[name] = value
        try:
            Configuration(load_settings()).changed({name: value})
        except UsageError as error:
            raise UsageError(
                f"--compare {pair}: {error.message}", "docs/retrieval.md names the settings and weights."
            ) from error
    return changed
