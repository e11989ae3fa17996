"""What a sentence states: a deadline, a duty, something forbidden or excluded, an open point; told by examples."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.summarize.examples import ExampleKinds
from core.protocols import Embedder

Statement = Literal["deadline", "duty", "prohibition", "exclusion", "open", "person", "plain"]

OPEN: Statement = "open"

SURE = 0.5
"""How much a sentence must be of a kind, on the scale of the targets, and more than of others, to be told unasked."""

_EXAMPLES = ExampleKinds[Statement](Path(__file__).with_name("statements.yaml"))


def statement_scores(vectors: NDArray[np.float32], embedder: Embedder) -> dict[Statement, NDArray[np.float32]]:
    """How much each sentence is of each kind, by vectors of shape (sentences, dimension): 1 for one like the examples,
    0 for one unlike them; shapes (sentences,)."""
    return _EXAMPLES.scores(vectors, embedder)


def sure_of(kind: Statement, vectors: NDArray[np.float32], embedder: Embedder) -> list[int]:
    """The sentences that are clearly of a kind, the clearest first."""
    scores = statement_scores(vectors, embedder)
    own = scores[kind]
    clearest = np.max(list(scores.values()), axis=0)
    return [int(at) for at in np.argsort(-own, kind="stable") if own[at] >= max(SURE, clearest[at])]
