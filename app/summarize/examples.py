"""Kinds of texts told by examples: a linear classifier over the embedder's vectors.

Ridge regression on one target a kind (Hoerl & Kennard 1970), fitted to the examples of a file in a few milliseconds
once they are embedded. An embedder that knows many languages needs few examples in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from app.examples import ExampleBank, Kind
from core.protocols import Embedder

RIDGE = 0.5
"""Strength of the penalty, in units of the mean variance of the vectors' dimensions times the number of examples."""

Fitted = tuple[NDArray[np.float32], NDArray[np.float32]]
"""The weights of shape (kinds, dimension + 1), and the mean of the examples, shape (dimension,)."""


class ExampleKinds(Generic[Kind]):
    """The kinds of a YAML file that maps each to its examples."""

    def __init__(self, path: Path) -> None:
        self._bank = ExampleBank[Kind](path)
        self._fitted: dict[str, Fitted] = {}  # by the embedder's name, as the bank

    def scores(self, vectors: NDArray[np.float32], embedder: Embedder) -> dict[Kind, NDArray[np.float32]]:
        """How much each text is of each kind, by vectors of shape (texts, dimension): 1 for one like the examples, 0
        for one unlike them; shapes (texts,)."""
        own, examples = self._bank.embedded(embedder)
        kinds = list(dict.fromkeys(own))
        if embedder.name not in self._fitted:
            self._fitted[embedder.name] = _fit([kinds.index(kind) for kind in own], examples)
        weights, mean = self._fitted[embedder.name]
        values: NDArray[np.float32] = ((vectors - mean) @ weights[:, :-1].T + weights[:, -1]).astype(np.float32)
        return {kind: values[:, at] for at, kind in enumerate(kinds)}


def _fit(own: Sequence[int], vectors: NDArray[np.float32]) -> Fitted:
    """Fit to examples of shape (n, dimension); ``own`` is the number of each one's kind."""
    targets = np.eye(max(own) + 1, dtype=np.float32)[list(own)]
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    penalty = RIDGE * float(centred.var(axis=0).mean()) * len(vectors)
    gram = centred.T @ centred + penalty * np.eye(centred.shape[1], dtype=np.float32)
    base = targets.mean(axis=0)
    weights = np.linalg.solve(gram, centred.T @ (targets - base)).T
    return np.hstack([weights, base[:, None]]).astype(np.float32), mean
