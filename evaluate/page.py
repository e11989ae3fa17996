"""Results as one HTML page with plots: whole in itself, without scripts, nothing is loaded from anywhere."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evaluate.chance import Difference
from evaluate.extra import need
from evaluate.report import chance_text, write_text
from evaluate.scores import Result

TEMPLATE = Path(__file__).with_name("page.html")
COLOURS = ("#33567d", "#d08c3c", "#3d8068", "#8d5a97", "#b0524e", "#5f6b7a", "#a3934a")
"""Colours of the stages, apart from each other also for most of those who see few."""
LATENCIES = ("ms_p50", "ms_p95")


def write_page(results: Sequence[Result], path: Path) -> None:
    """Write the page. Raises UsageError where the file cannot be written or the extra ``eval`` is missing."""
    jinja2 = need("jinja2")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    title = f"Lectern: {results[0].command} measured on {', '.join(result.set for result in results)}"
    write_text(path, template.render(title=title, sets=[_section(result) for result in results]))


def _section(result: Result) -> dict[str, Any]:
    summary, intervals = result.scores.summary(), result.scores.intervals()
    metrics = [m for m in (*result.shown, *LATENCIES) if any(m in values for values in summary.values())]
    tables = [table for table in result.tables if any(m in ends for m in table for ends in intervals.values())]
    plots = [{"label": "metrics by stage", "svg": _metric_plot(table, summary, intervals)} for table in tables]
    section: dict[str, Any] = {
        "name": result.set,
        "questions": len(result.scores.questions),
        "metrics": metrics,
        "rows": [
            {"stage": stage, "cells": [_cell(values.get(m), intervals[stage].get(m)) for m in metrics]}
            for stage, values in summary.items()
        ],
        "notes": result.notes,
        "record": json.dumps(dict(result.record), indent=1, ensure_ascii=False),
    }
    if result.comparison:
        section["changed"] = ", ".join(f"{name}={value}" for name, value in result.comparison.changed.items())
        section["differences"] = list(_difference_rows(result))
        plots.append({"label": "changes with their intervals", "svg": _change_plot(result)})
    return section | {"plots": plots}


def _cell(value: float | None, ends: tuple[float, float] | None) -> dict[str, str]:
    if value is None:
        return {"value": "", "range": ""}
    if ends is None:
        return {"value": f"{value:.1f}", "range": ""}
    return {"value": f"{value:.3f}", "range": f"{ends[0]:.3f}–{ends[1]:.3f}"}


def _shown_differences(result: Result) -> Iterator[tuple[str, Difference]]:
    """Those of the stages in which any question came out otherwise."""
    assert result.comparison is not None
    for stage, differences in result.comparison.differences.items():
        if not any(found.better or found.worse for found in differences):
            continue
        yield from ((stage, found) for found in differences if found.metric in result.shown)


def _difference_rows(result: Result) -> Iterator[dict[str, str]]:
    for stage, found in _shown_differences(result):
        yield {
            "stage": stage,
            "metric": found.metric,
            "first": f"{found.first:.3f}",
            "second": f"{found.second:.3f}",
            "change": f"{found.change:+.3f}",
            "range": f"{found.low:+.3f} to {found.high:+.3f}",
            "p": chance_text(found.p),
            "counts": f"{found.better} / {found.worse}",
            "verdict": found.verdict,
        }


def _metric_plot(
    table: Sequence[str], summary: dict[str, dict[str, float]], intervals: dict[str, dict[str, Any]]
) -> str:
    """Points with their intervals, one group a metric of the table, one colour a stage."""
    metrics = [m for m in table if any(m in ends for ends in intervals.values())]
    figure, axes = _figure(height=3.4)
    for number, (stage, values) in enumerate(summary.items()):
        places = [place + (number + 1) / (len(summary) + 1) - 0.5 for place, m in enumerate(metrics) if m in values]
        known = [m for m in metrics if m in values]
        means = [values[m] for m in known]
        below = [max(0.0, values[m] - intervals[stage][m][0]) for m in known]
        above = [max(0.0, intervals[stage][m][1] - values[m]) for m in known]
        colour = COLOURS[number % len(COLOURS)]
        axes.errorbar(places, means, yerr=[below, above], fmt="o", markersize=4, capsize=2, color=colour, label=stage)
    axes.set_xticks(range(len(metrics)), metrics)
    axes.grid(axis="y", color="#e6e9ee")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return _svg(figure)


def _change_plot(result: Result) -> str:
    """One line a stage and metric: the change and its interval, beside zero."""
    found = list(_shown_differences(result))
    figure, axes = _figure(height=max(1.5, 0.22 * len(found) + 0.6))
    places = range(len(found), 0, -1)
    changes = [difference.change for _, difference in found]
    below = [max(0.0, difference.change - difference.low) for _, difference in found]
    above = [max(0.0, difference.high - difference.change) for _, difference in found]
    axes.errorbar(changes, list(places), xerr=[below, above], fmt="o", markersize=4, capsize=2, color=COLOURS[0])
    axes.axvline(0, color="#5f6b7a", linewidth=1)
    axes.set_yticks(list(places), [f"{stage} {difference.metric}" for stage, difference in found])
    axes.grid(axis="x", color="#e6e9ee")
    return _svg(figure)


def _figure(height: float) -> tuple[Any, Any]:
    """A figure and its axes, ``height`` inches high."""
    # The classes themselves, without pyplot: it would choose a display and keep every figure.
    figure = need("matplotlib.figure").Figure(figsize=(9, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Any) -> str:
    """The figure as an <svg> element; its texts stay texts, so that they can be read aloud and searched."""
    buffer = io.StringIO()
    with need("matplotlib").rc_context(
        {"svg.fonttype": "none", "font.family": "sans-serif", "svg.hashsalt": "lectern"}
    ):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
