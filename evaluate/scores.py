"""The values of every stage, question by question, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from evaluate import chance
from evaluate.chance import Difference, Values

MEDIAN, SLOW = 50, 95
"""Percentiles of latency: what is usual, and what one question in twenty takes longer than."""


@dataclass(frozen=True, slots=True)
class Scores:
    """``stages`` holds one table a stage, of shape (questions, metrics), the rows in the order of ``questions``.

    ``groups`` names the group of each question; ``milliseconds`` holds, for a stage that was timed, how long each
    question took until its result was there, ``times`` further times of it by name, of the questions that have them.
    NaN stands where a metric does not apply to a question.
    """

    questions: tuple[str, ...]
    groups: tuple[str, ...]
    metrics: tuple[str, ...]
    stages: Mapping[str, Values]
    milliseconds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)

    def summary(self) -> dict[str, dict[str, float]]:
        """The mean of every metric, and p50 and p95 of the times, by stage; what applies nowhere is left out."""
        stages = {}
        for stage, values in self.stages.items():
            means = zip(self.metrics, chance.means(values), strict=True)
            stages[stage] = {metric: float(mean) for metric, mean in means if not np.isnan(mean)}
            for name, times in {"ms": self.milliseconds.get(stage, ()), **self.times.get(stage, {})}.items():
                if times:
                    p50, p95 = np.percentile(times, [MEDIAN, SLOW])
                    stages[stage] |= {f"{name}_p50": float(p50), f"{name}_p95": float(p95)}
        return stages

    def intervals(self) -> dict[str, dict[str, tuple[float, float]]]:
        """The 95 % interval of every mean, by stage."""
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for stage, values in self.stages.items():
            ends = zip(self.metrics, chance.intervals(values, self.groups), strict=True)
            found[stage] = {metric: (float(low), float(high)) for metric, (low, high) in ends if not np.isnan(low)}
        return found

    def differences(self, other: "Scores") -> dict[str, tuple[Difference, ...]]:
        """``other`` against this, over the questions that both have and the stages and metrics that both know."""
        common = [question for question in self.questions if question in set(other.questions)]
        metrics = [metric for metric in self.metrics if metric in other.metrics]
        groups = dict(zip(self.questions, self.groups, strict=True))
        found = {}
        for stage in self.stages.keys() & other.stages.keys() if common else ():
            first, second = self._part(stage, common, metrics), other._part(stage, common, metrics)
            compared = chance.compare(first, second, [groups[question] for question in common], metrics)
            found[stage] = tuple(change for change in compared if not np.isnan(change.change))
        return {stage: found[stage] for stage in self.stages if stage in found}

    def _part(self, stage: str, questions: Sequence[str], metrics: Sequence[str]) -> Values:
        rows = {question: row for row, question in enumerate(self.questions)}
        columns = [self.metrics.index(metric) for metric in metrics]
        return self.stages[stage][[rows[question] for question in questions]][:, columns]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A second configuration on the same questions. ``changed`` says what is other in it."""

    changed: Mapping[str, str]
    run: str
    scores: Scores
    differences: Mapping[str, tuple[Difference, ...]]


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found out about one set. ``tables`` are the metrics that are shown, a tuple for each table."""

    command: str
    set: str
    scores: Scores
    tables: tuple[tuple[str, ...], ...]
    record: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    comparison: Comparison | None = None

    @property
    def shown(self) -> tuple[str, ...]:
        """The metrics of all tables."""
        return tuple(chain.from_iterable(self.tables))

    def to_json(self) -> dict[str, Any]:
        """The result as the JSON object that docs/evaluation.md describes."""
        return {
            "command": self.command,
            "set": self.set,
            "run": self.record.get("run", ""),
            "questions": len(self.scores.questions),
            "stages": self.scores.summary(),
            "intervals": self.scores.intervals(),
            "comparison": self.comparison and _comparison_to_json(self.comparison),
            "notes": list(self.notes),
            "record": dict(self.record),
        }


def _comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "changed": dict(comparison.changed),
        "run": comparison.run,
        "stages": comparison.scores.summary(),
        "differences": {
            stage: {d.metric: {**asdict(d), "verdict": d.verdict} for d in found}
            for stage, found in comparison.differences.items()
        },
    }
