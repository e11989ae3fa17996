"""Results as tables for the terminal, as JSON and as CSV."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from core.errors import UsageError
from core.files import for_the_person
from evaluate.chance import Difference
from evaluate.scores import Result

CSV_HEADER = ("set", "run", "configuration", "stage", "metric", "value", "low", "high")
WIDE = 110
"""Columns of a terminal from which a value and its interval stand in one line."""
WHOLE = 10
"""From here on a value is a mean of counts, and needs no decimals."""
VERDICT_STYLES = {"helps": "green", "hurts": "red", "not shown": "dim"}


def refuse_lost(*files: Path) -> None:
    """Raises UsageError where one of the files could not be written: before hours of work, not after it."""
    for path in files:
        if not path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {path.absolute().parent}.", "Make it first, or name another file.")
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", "Name a file in it.")


def show(result: Result, console: Console) -> None:
    """Print the stages side by side, and below them what a second configuration changed."""
    for number in range(len(result.tables)):
        if (table := stage_table(result, number, narrow=console.width < WIDE)).row_count:
            console.print(table)
    if result.comparison:
        if any(map(_differs, chain.from_iterable(result.comparison.differences.values()))):
            console.print(comparison_table(result))
        else:
            console.print(f"{result.set}: does {_changed(result)} help?", style="bold")
        if same := [stage for stage, found in result.comparison.differences.items() if not any(map(_differs, found))]:
            console.print(f"The same on every question: {', '.join(same)}.", style="dim")
    for note in result.notes:
        console.print(note, style="dim")


def stage_table(result: Result, number: int = 0, *, narrow: bool = False) -> Table:
    """One row a stage: means with half of their 95 % interval (``narrow``: below them), and times.

    ``number`` counts ``result.tables`` from 0: the first has the latency of each stage, the last its further times.
    """
    summary, intervals = result.scores.summary(), result.scores.intervals()
    known = [metric for metric in result.tables[number] if any(metric in row for row in summary.values())]
    shown = _distinct(known, summary) if number == 0 and len(summary) > 1 else known
    times = ["ms"] if number == 0 else []
    if number and number == len(result.tables) - 1:
        times += dict.fromkeys(name for named in result.scores.times.values() for name in named)
    head = f"{result.set}: {len(result.scores.questions):,} questions (± half the 95 % interval)"
    table = _table(head if number == 0 else "", "stage")
    # As words, a long name is wrapped where it can be.
    for name in (*shown, *(f"{time} p50/p95" for time in times)):
        table.add_column(name.replace("_", " ") if narrow else name, justify="right", overflow="fold")
    seam = "\n" if narrow else " "
    for stage, values in summary.items():
        cells = [_with_interval(values.get(metric), intervals[stage].get(metric), seam) for metric in shown]
        cells += [_percentiles(values, time) for time in times]
        if number == 0 or any(cells):
            table.add_row(stage, *cells)
    return table


def comparison_table(result: Result) -> Table:
    """One row a stage and metric that changed: both means, the change with its interval, and whether it is chance."""
    comparison = result.comparison
    assert comparison is not None
    table = _table(f"{result.set}: does {_changed(result)} help? (change with its 95 % interval)", "stage", "metric")
    for name in ("before", "after", "change", "p", "+/-", "verdict"):
        table.add_column(name, justify="right", no_wrap=True)
    for stage, differences in comparison.differences.items():
        for difference in differences:
            if difference.metric in result.shown and any(map(_differs, differences)):
                table.add_row(stage, *_difference_cells(difference))
    return table


def _changed(result: Result) -> str:
    assert result.comparison is not None
    return ", ".join(f"{name}={value}" for name, value in result.comparison.changed.items())


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _distinct(metrics: Sequence[str], summary: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The metrics without those that say the same as one before: recall is hit where one document answers."""
    kept: dict[tuple[float | None, ...], str] = {}
    for metric in metrics:
        kept.setdefault(tuple(values.get(metric) for values in summary.values()), metric)
    return list(kept.values())


def _differs(found: Difference) -> bool:
    return bool(found.better or found.worse)


def _with_interval(value: float | None, ends: tuple[float, float] | None, seam: str) -> str:
    if value is None:
        return ""
    return _short(value) if ends is None else f"{_short(value)}{seam}±{_short((ends[1] - ends[0]) / 2)}"


def _percentiles(values: Mapping[str, float], name: str) -> str:
    """Milliseconds as "412/980": what is usual, and what one question in twenty takes longer than."""
    return f"{values[f'{name}_p50']:.0f}/{values[f'{name}_p95']:.0f}" if f"{name}_p50" in values else ""


def _short(value: float) -> str:
    """Three decimals, without the 0 before the point: ".883"; none from WHOLE on."""
    if abs(value) >= WHOLE:
        return f"{value:.0f}"
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def chance_text(p: float) -> str:
    """A chance for people: three decimals, or that it is less."""
    return "<.001" if p < 0.001 else _short(p)


def _difference_cells(found: Difference) -> Iterator[str]:
    style = VERDICT_STYLES[found.verdict]
    yield found.metric
    yield _short(found.first)
    yield _short(found.second)
    digits = 0 if abs(found.change) >= WHOLE else 3
    yield f"{found.change:+.{digits}f} ({found.low:+.{digits}f} to {found.high:+.{digits}f})"
    yield chance_text(found.p)
    yield f"{found.better}/{found.worse}"
    yield f"[{style}]{found.verdict}[/]"


def write_results(results: Sequence[Result], path: Path) -> None:
    """One set as an object, several as an array of such objects. Raises UsageError where it cannot be written."""
    objects: Any = [result.to_json() for result in results]
    write_text(path, json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=1) + "\n")


def write_csv(results: Sequence[Result], path: Path) -> None:
    """One line a value, for spreadsheets. Raises UsageError where it cannot be written."""
    try:
        with for_the_person(), path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(CSV_HEADER)
            for result in results:
                writer.writerows(_csv_rows(result))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder of yours.") from error


def write_text(path: Path, text: str) -> None:
    """Raises UsageError where the file cannot be written."""
    try:
        with for_the_person():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder of yours.") from error


def _csv_rows(result: Result) -> Iterator[tuple[object, ...]]:
    sides = [("", str(result.record.get("run", "")), result.scores)]
    if result.comparison:
        changed = " ".join(f"{name}={value}" for name, value in result.comparison.changed.items())
        sides.append((changed, result.comparison.run, result.comparison.scores))
    for configuration, run, scores in sides:
        intervals = scores.intervals()
        for stage, values in scores.summary().items():
            for metric, value in values.items():
                low, high = intervals[stage].get(metric, ("", ""))
                yield result.set, run, configuration, stage, metric, value, low, high
