"""``lectern eval ask``: every question of a set, its answers in a file for a scorer to read."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.ask import ModelOption, ModeOption
from app.commands.common import errors, one_line, output, settings_for

if TYPE_CHECKING:
    from evaluate.ask import AnswerFile


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern eval ask --data everyday --sample 50 --seed 1 --out answers.jsonl")(ask)


def ask(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="A set of questions, or a folder of sets.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the answers go, a line of JSON each.")],
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, metavar="N", help="Ask only N of the questions.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which sample; drawn the same way everywhere.")] = 0,
    mode: ModeOption = None,
    model: ModelOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the answers that FILE holds.")] = False,
) -> None:
    """Ask a set's questions as a person would, conversations turn after turn, and write the answers to a file.

    Ctrl-C keeps the answers that are written; --resume goes on from there. What the model wrote is kept: the same
    prompts cost nothing the next time.
    """
    from app.stopping import softly
    from evaluate.ask import AnswerFile, ask_sets
    from evaluate.asking_sets import load_asking_sets
    from evaluate.progress_bar import meter
    from evaluate.report import refuse_lost

    refuse_lost(out)
    settings = settings_for(None, mode=mode, model=model)
    answers = AnswerFile(out, resume=resume)
    sets = load_asking_sets(data, sample=sample or 0, seed=seed)
    total = sum(len(inquiry.turns) for one in sets for inquiry in one.inquiries)

    def stop() -> bool:
        """Ends at once: the answer in work is not worth a wait, and nothing that is written is half written."""
        errors().print(_how_to_go_on(answers, total), markup=False)
        return False

    try:
        with softly(stop):
            ask_sets(sets, settings, answers, meter, _tell)
    except KeyboardInterrupt:
        stop()
        raise
    output().print(_summary(answers), markup=False)


def _tell(message: str) -> None:
    errors().print(f"Left out: {one_line(message)}", style="yellow", markup=False)


def _how_to_go_on(answers: AnswerFile, total: int) -> str:
    return f"{len(answers.done)} of {total} answers are in {answers.path}. The same command with --resume goes on."


def _summary(answers: AnswerFile) -> str:
    failed = [row for row in answers.rows if "error" in row]
    seconds = statistics.median(row["seconds"] for row in answers.rows)
    errors_too = f" {len(failed)} ended in an error, the first: {one_line(failed[0]['error'])}" if failed else ""
    return f"{len(answers.rows)} answers in {answers.path}, {seconds:.1f} s each (median).{errors_too}"
