"""A reliability diagram: how often questions of a stated probability are answered."""

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.files import for_the_person


def draw_reliability(probabilities: NDArray[np.float64], truth: NDArray[np.bool_], path: Path, bins: int = 10) -> None:
    """Write a PNG: for each bin of equal width the share that is true, over a histogram of the probabilities.

    Bars are 95 % intervals of a share (Wilson 1927). Raises UsageError where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("A diagram needs matplotlib.", "Run: pip install 'lectern[eval]'") from error

    figure = Figure(figsize=(5, 5.5), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    edges = np.linspace(0, 1, bins + 1)
    upper.plot((0, 1), (0, 1), color="0.7", linewidth=1)
    for low, high in pairwise(edges):
        inside = (probabilities >= low) & ((probabilities < high) | (high == 1.0))
        if inside.any():
            share, stated = float(truth[inside].mean()), float(probabilities[inside].mean())
            below, above = wilson(share, int(inside.sum()))
            upper.plot((stated, stated), (below, above), color="#2a6f97", linewidth=1.5)
            upper.plot(stated, share, "o", color="#2a6f97")
    upper.set(ylabel="share that the passages answer", ylim=(0, 1), xlim=(0, 1))
    lower.hist(probabilities, bins=list(edges), color="#2a6f97")
    lower.set(xlabel="stated probability", ylabel="questions")
    with for_the_person():
        figure.savefig(path, dpi=110)


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share of ``count`` (Wilson 1927), 95 % for ``z`` 1.96."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    return max(0.0, middle - half), min(1.0, middle + half)
