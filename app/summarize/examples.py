"""Kinds of texts told by examples: a linear classifier over the embedder's vectors.

Ridge regression on one target a kind (Hoerl & Kennard 1970), fitted to the examples of a file in a few milliseconds
once they are embedded. An embedder that knows many languages needs few examples in each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray

from core.protocols import Embedder

RIDGE = 0.5
"""Strength of the penalty, in units of the mean variance of the vectors' dimensions times the number of examples."""

Kind = TypeVar("Kind", bound=str)

Bank = tuple[NDArray[np.float32], NDArray[np.float32]]
"""The weights of shape (kinds, dimension + 1), and the mean of the examples, shape (dimension,)."""


class ExampleKinds(Generic[Kind]):
    """The kinds of a YAML file that maps each to its examples."""

    def __init__(self, path: Path) -> None:
        self._examples: dict[Kind, list[str]] = yaml.safe_load(path.read_text("utf-8"))
        self._banks: dict[str, Bank] = {}  # by the embedder's name: all libraries of a process have the same

    def scores(self, vectors: NDArray[np.float32], embedder: Embedder) -> dict[Kind, NDArray[np.float32]]:
        """How much each text is of each kind, by vectors of shape (texts, dimension): 1 for one like the examples, 0
        for one unlike them; shapes (texts,)."""
        if embedder.name not in self._banks:
            texts = [text for group in self._examples.values() for text in group]
            self._banks[embedder.name] = self._fit(embedder.embed_passages(texts))
        weights, mean = self._banks[embedder.name]
        values: NDArray[np.float32] = ((vectors - mean) @ weights[:, :-1].T + weights[:, -1]).astype(np.float32)
        return {kind: values[:, at] for at, kind in enumerate(self._examples)}

    def _fit(self, vectors: NDArray[np.float32]) -> Bank:
        own = [at for at, group in enumerate(self._examples.values()) for _ in group]
        targets = np.eye(len(self._examples), dtype=np.float32)[own]
        mean = vectors.mean(axis=0)
        centred = vectors - mean
        penalty = RIDGE * float(centred.var(axis=0).mean()) * len(vectors)
        gram = centred.T @ centred + penalty * np.eye(centred.shape[1], dtype=np.float32)
        base = targets.mean(axis=0)
        weights = np.linalg.solve(gram, centred.T @ (targets - base)).T
        return np.hstack([weights, base[:, None]]).astype(np.float32), mean
