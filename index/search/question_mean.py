"""What all questions have in common, to an embedder: the mean vector of neutral questions in ten languages.

E5's cosines have an offset that depends on language and form: a passage that resembles questions as such is near to any
question, and one in the question's own language nearer than one in another that answers it. Half of the mean taken off
the question's vector takes half of that off. The vectors are made by benchmarks/question_mean.py.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder

MEAN_SHARE = 0.5
"""Chosen on even halves between 0 and 1 (docs/retrieval.md)."""

MEANS = Path(__file__).with_name("question_means.safetensors")
"""The mean vector by the beginning of the embedder's name; for MiniLM, which knows English alone, there is none."""


def question_offset(embedder: Embedder) -> NDArray[np.float32] | None:
    """What is taken off a question's vector before it is compared, shape (dimension,); None for nothing."""
    found = next((mean for name, mean in _means().items() if embedder.name.startswith(name)), None)
    return None if found is None or found.shape != (embedder.dimension,) else np.float32(MEAN_SHARE) * found


@cache
def _means() -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load_file

    return load_file(MEANS)
