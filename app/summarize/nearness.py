"""How near sentences are to what is asked for: by the embedder, and by the words that they share with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from index.analyzer import FUNCTION_WORDS, analyze
from index.relatedness import relatedness


def nearness_and_words(
    asked: str, vectors: NDArray[np.float32], texts: Iterable[str], embedder: Embedder
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How near each of ``texts`` is to ``asked``, and the share of its words that each holds; both 0..1, shape (n,).

    ``vectors`` are unit embeddings of the texts, or of a part of each, shape (n, dimension).
    """
    cosines = (vectors @ embedder.embed_question(asked)).astype(np.float32)
    near = np.clip(relatedness(cosines, embedder, "question"), 0.0, 1.0)
    wanted = set(analyze(asked)) - FUNCTION_WORDS
    held = [len(wanted & set(analyze(text))) / max(1, len(wanted)) for text in texts]
    return near, np.array(held, dtype=np.float32)
