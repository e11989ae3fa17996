"""Results as tables for the terminal, as JSON and as CSV."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from core.errors import UsageError
from evaluate.chance import Difference
from evaluate.scores import Result

CSV_HEADER = ("set", "run", "configuration", "stage", "metric", "value", "low", "high")
VERDICT_STYLES = {"helps": "green", "hurts": "red", "no difference shown": "dim"}


def show(result: Result, console: Console) -> None:
    """Print the stages side by side, and below them what a second configuration changed."""
    console.print(stage_table(result))
    if result.comparison:
        console.print(comparison_table(result))
    for note in result.notes:
        console.print(note, style="dim")


def stage_table(result: Result) -> Table:
    """One row a stage: the mean and half of its interval in points of the last digit, and the latency."""
    title = f"{result.set}: {len(result.scores.questions):,} questions"
    table = Table("stage", title=title, caption="value ± half the 95 % interval", title_justify="left")
    summary, intervals = result.scores.summary(), result.scores.intervals()
    shown = [metric for metric in result.shown if any(metric in values for values in summary.values())]
    timed = any("ms_p50" in values for values in summary.values())
    for name in (*shown, *(("p50 ms", "p95 ms") if timed else ())):
        table.add_column(name, justify="right")
    for stage, values in summary.items():
        cells = [_with_interval(values.get(metric), intervals[stage].get(metric)) for metric in shown]
        cells += [f"{values[key]:.1f}" if key in values else "" for key in ("ms_p50", "ms_p95")] if timed else []
        table.add_row(stage, *cells)
    return table


def comparison_table(result: Result) -> Table:
    """One row a stage and metric: both means, the change with its interval, and whether it can be chance."""
    comparison = result.comparison
    assert comparison is not None
    changed = ", ".join(f"{name}={value}" for name, value in comparison.changed.items())
    table = Table("stage", "metric", title=f"{result.set}: does {changed} help?", title_justify="left")
    for name in ("before", "after", "change (95 %)", "p", "better/worse", "verdict"):
        table.add_column(name, justify="right")
    for stage, differences in comparison.differences.items():
        for difference in differences:
            if difference.metric in result.shown:
                table.add_row(stage, *_difference_cells(difference))
    return table


def _with_interval(value: float | None, ends: tuple[float, float] | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if ends is None else f"{value:.3f} ±{(ends[1] - ends[0]) / 2:.3f}"


def _difference_cells(found: Difference) -> Iterator[str]:
    style = VERDICT_STYLES[found.verdict]
    yield found.metric
    yield f"{found.first:.3f}"
    yield f"{found.second:.3f}"
    yield f"{found.change:+.3f} ({found.low:+.3f} to {found.high:+.3f})"
    yield f"{found.p:.3f}"
    yield f"{found.better}/{found.worse}"
    yield f"[{style}]{found.verdict}[/]"


def write_results(results: Sequence[Result], path: Path) -> None:
    """One set as an object, several as an array of such objects. Raises UsageError where it cannot be written."""
    objects: Any = [result.to_json() for result in results]
    write_text(path, json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=1) + "\n")


def write_csv(results: Sequence[Result], path: Path) -> None:
    """One line a value, for spreadsheets. Raises UsageError where it cannot be written."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(CSV_HEADER)
            for result in results:
                writer.writerows(_csv_rows(result))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder of yours.") from error


def write_text(path: Path, text: str) -> None:
    """Raises UsageError where the file cannot be written."""
    try:
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
