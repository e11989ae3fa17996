"""Kinds of texts told by examples: a classifier over the embedder's vectors.

Kernel ridge regression (Saunders, Gammerman & Vovk 1998) with one target a kind, fitted to the examples of a file in
some milliseconds once they are embedded. An embedder that knows many languages needs few examples in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from app.examples import ExampleBank, Kind
from core.protocols import Embedder

GAMMA = 0.7
"""Of the Gaussian kernel exp(-GAMMA d²), d the distance of two unit vectors: an opposite one is told apart by it."""

RIDGE = 0.2
"""Strength of the penalty. Both were chosen on the even papers of docs/whole-documents.md."""


class ExampleKinds(Generic[Kind]):
    """The kinds of a YAML file that maps each to its examples; "deadline duty" heads those that are of both."""

    def __init__(self, path: Path) -> None:
        self._bank = ExampleBank[str](path)
        self._fitted: dict[str, _Fitted[Kind]] = {}  # by the embedder's name, as the bank

    def scores(self, vectors: NDArray[np.float32], embedder: Embedder) -> dict[Kind, NDArray[np.float32]]:
        """How much each text is of each kind, by vectors of shape (texts, dimension): 1 for one like the examples, 0
        for one unlike them; shapes (texts,)."""
        if embedder.name not in self._fitted:
            self._fitted[embedder.name] = _Fitted(*self._bank.embedded(embedder))
        return self._fitted[embedder.name].scores(vectors)


class _Fitted(Generic[Kind]):
    """Fitted to n examples: the kinds of each, and their vectors of shape (n, dimension)."""

    def __init__(self, own: Sequence[str], vectors: NDArray[np.float32]) -> None:
        kinds: dict[Kind, None] = dict.fromkeys(kind for heads in own for kind in heads.split())  # type: ignore[misc]
        self._kinds = tuple(kinds)
        targets = np.array([[kind in heads.split() for kind in self._kinds] for heads in own], dtype=np.float32)
        self._mean = vectors.mean(axis=0)
        self._examples = self._centred(vectors)
        self._base = targets.mean(axis=0)
        gram = self._kernel(self._examples) + RIDGE * np.eye(len(own), dtype=np.float32)
        self._weights = np.linalg.solve(gram, targets - self._base).astype(np.float32)

    def scores(self, vectors: NDArray[np.float32]) -> dict[Kind, NDArray[np.float32]]:
        values = self._kernel(self._centred(vectors)) @ self._weights + self._base
        return {kind: values[:, at] for at, kind in enumerate(self._kinds)}

    def _centred(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        apart = vectors - self._mean
        unit: NDArray[np.float32] = apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
        return unit

    def _kernel(self, units: NDArray[np.float32]) -> NDArray[np.float32]:
        """The kernel of each text with each example, shape (texts, n)."""
        values: NDArray[np.float32] = np.exp(-GAMMA * (2 - 2 * units @ self._examples.T))
        return values
