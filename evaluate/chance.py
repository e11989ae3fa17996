"""What of a number is chance: intervals by bootstrap, and paired tests of two configurations.

Questions on the same passage succeed and fail together, so that not questions but groups of them are drawn:
the cluster bootstrap (Davison & Hinkley 1997, section 3.8). A table of values holds one row a question and one column
a metric; NaN stands where a metric does not apply to a question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RESAMPLES = 2_000
"""Draws; the ends of a 95 % interval then rest on 50 draws each."""
LEVEL = 0.95
"""Share of intervals that hold the true mean, in the long run."""
LESS_IS_BETTER = frozenset({"nats", "contradicted", "misphrased", "asserted", "tokens_prompt", "tokens_answer"})
"""Metrics of which less is better; of all others, more."""
BATCH = 250
"""Draws made at a time: 250 x 10,000 groups x 8 bytes are 20 MB."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric under two configurations, over the same questions: ``second`` minus ``first`` is ``change``.

    ``low`` and ``high`` bound the change with 95 % confidence. ``p`` is the chance of a change this large, up or
    down, if the configurations were equal. ``better`` and ``worse`` count questions.
    """

    metric: str
    first: float
    second: float
    change: float
    low: float
    high: float
    p: float
    better: int
    worse: int

    @property
    def verdict(self) -> str:
        """ "helps", "hurts" or, where it may be chance, "not shown": by p < .05 and an interval without 0."""
        if self.p >= 1 - LEVEL or self.low <= 0 <= self.high:
            return "not shown"
        return "helps" if (self.change > 0) != (self.metric in LESS_IS_BETTER) else "hurts"


def means(values: Values) -> Values:
    """Means of the columns, shape (metrics,); NaN where a metric applies to no question."""
    counts = (~np.isnan(values)).sum(axis=0)
    return cast(
        Values, np.divide(np.nansum(values, axis=0), counts, out=np.full(values.shape[1], np.nan), where=counts > 0)
    )


def intervals(values: Values, groups: Sequence[str], seed: int = 0) -> Values:
    """Percentile bootstrap (Efron 1979): shape (metrics, 2), the low and the high end for each column's mean.

    ``values`` has shape (questions, metrics) and ``groups`` one name a question.
    """
    sums, counts = _by_group(values, groups)
    number = len(sums)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(0, RESAMPLES, BATCH):
        weights = rng.multinomial(number, np.full(number, 1 / number), size=BATCH).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn.append((weights @ sums) / (weights @ counts))
    tails = [50 * (1 - LEVEL), 100 - 50 * (1 - LEVEL)]
    resampled = np.concatenate(drawn)
    ends = np.full((values.shape[1], 2), np.nan)
    known = ~np.isnan(resampled).all(axis=0)
    ends[known] = np.nanpercentile(resampled[:, known], tails, axis=0).T
    return ends


def compare(
    first: Values, second: Values, groups: Sequence[str], metrics: Sequence[str], seed: int = 0
) -> tuple[Difference, ...]:
    """Paired comparison, one Difference a column; ``first`` and ``second`` have shape (questions, metrics).

    p comes from a permutation test that swaps the configurations for whole groups, two-sided, with the draw itself
    counted (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    change = second - first
    ends, chances = intervals(change, groups, seed), _sign_flips(change, groups, seed)
    gain = change * [-1.0 if metric in LESS_IS_BETTER else 1.0 for metric in metrics]
    # A question counts for both or for neither: the means are then those of the same questions.
    paired = np.isnan(change)
    a, b = means(np.where(paired, np.nan, first)), means(np.where(paired, np.nan, second))
    return tuple(
        Difference(
            metric=metric,
            first=float(a[column]),
            second=float(b[column]),
            change=float(b[column] - a[column]),
            low=float(ends[column, 0]),
            high=float(ends[column, 1]),
            p=float(chances[column]),
            better=int((gain[:, column] > 0).sum()),
            worse=int((gain[:, column] < 0).sum()),
        )
        for column, metric in enumerate(metrics)
    )


def _sign_flips(change: Values, groups: Sequence[str], seed: int) -> Values:
    sums, _ = _by_group(change, groups)
    # One unit in the last place: sums of the same numbers in another order must count as equal.
    observed = np.abs(sums.sum(axis=0)) * (1 - 1e-12)
    rng = np.random.default_rng(seed)
    reached = np.zeros(sums.shape[1])
    for _ in range(0, RESAMPLES, BATCH):
        signs = rng.integers(0, 2, size=(BATCH, len(sums))) * 2.0 - 1.0
        reached += (np.abs(signs @ sums) >= observed).sum(axis=0)
    return (1 + reached) / (1 + RESAMPLES)


def _by_group(values: Values, groups: Sequence[str]) -> tuple[Values, Values]:
    """Sums and counts of the values that apply, both of shape (groups, metrics)."""
    _, places = np.unique(np.asarray(groups), return_inverse=True)
    shape = (int(places.max()) + 1, values.shape[1])
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, places, np.nan_to_num(values))
    np.add.at(counts, places, ~np.isnan(values))
    return sums, counts
