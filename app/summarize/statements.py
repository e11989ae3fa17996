"""What a sentence states: a deadline, a duty, something forbidden or excluded, an open point; told by examples.

A linear classifier over the embedder's vectors, ridge regression on one target a kind (Hoerl & Kennard 1970), fitted to
the examples of statements.yaml in a few milliseconds. An embedder that knows many languages needs few examples in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter

from core.protocols import Embedder

Statement = Literal["deadline", "duty", "prohibition", "exclusion", "open", "person", "plain"]

OPEN: Statement = "open"

EXAMPLES = Path(__file__).with_name("statements.yaml")

RIDGE = 0.5
"""Strength of the penalty, in units of the mean variance of the vectors' dimensions times the number of examples."""

SURE = 0.35
"""How much more a sentence must be of a kind than plain to be told unasked, on the scale of the targets 0 and 1."""

Bank = tuple[tuple[Statement, ...], NDArray[np.float32], NDArray[np.float32]]
"""The kinds, the weights of shape (kinds, dimension + 1) and the mean of the examples, shape (dimension,)."""

_BANKS: dict[str, Bank] = {}


def statement_scores(vectors: NDArray[np.float32], embedder: Embedder) -> dict[Statement, NDArray[np.float32]]:
    """How much each sentence is of each kind, by vectors of shape (sentences, dimension): 1 for one like the examples,
    0 for one unlike them; shapes (sentences,)."""
    kinds, weights, mean = _bank(embedder)
    values: NDArray[np.float32] = ((vectors - mean) @ weights[:, :-1].T + weights[:, -1]).astype(np.float32)
    return {kind: values[:, at] for at, kind in enumerate(kinds)}


def sure_of(kind: Statement, vectors: NDArray[np.float32], embedder: Embedder) -> list[int]:
    """The sentences that are clearly of a kind, the clearest first."""
    scores = statement_scores(vectors, embedder)
    others = np.max([values for name, values in scores.items() if name != kind], axis=0)
    margin = scores[kind] - others
    return [int(at) for at in np.argsort(-margin, kind="stable") if margin[at] >= SURE]


def _bank(embedder: Embedder) -> Bank:
    if embedder.name not in _BANKS:
        examples = TypeAdapter(dict[Statement, list[str]]).validate_python(yaml.safe_load(EXAMPLES.read_text("utf-8")))
        texts = [text for group in examples.values() for text in group]
        _BANKS[embedder.name] = _fit(examples, embedder.embed_passages(texts))
    return _BANKS[embedder.name]


def _fit(examples: dict[Statement, list[str]], vectors: NDArray[np.float32]) -> Bank:
    """Ridge regression with a target of 1 for an example's own kind and 0 for the others."""
    kinds = tuple(examples)
    own: Sequence[int] = [at for at, group in enumerate(examples.values()) for _ in group]
    targets = np.eye(len(kinds), dtype=np.float32)[own]
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    penalty = RIDGE * float(centred.var(axis=0).mean()) * len(vectors)
    gram = centred.T @ centred + penalty * np.eye(centred.shape[1], dtype=np.float32)
    base = targets.mean(axis=0)
    weights = np.linalg.solve(gram, centred.T @ (targets - base)).T
    return kinds, np.hstack([weights, base[:, None]]).astype(np.float32), mean
