"""The dense side: the chunks whose embeddings are nearest to the question's, and what their cosines say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from index.embed import Multilingual
from index.familiarity import weight_by_familiarity
from index.search.hits import Scores
from index.search.query import POOL, Query
from index.search.question_mean import question_offset
from index.unit import unit

BACKGROUND = 256
"""Vectors sampled to estimate the distribution of a question's cosines: its spread is then known to within 5 %."""

_MOST = 6.0
"""Deviations above or below chance that count: in a library of a few chunks the spread is hardly known."""

DENSE_WEIGHTS: Mapping[str, float] = {"all-MiniLM-L6-v2": 0.63, "multilingual-e5-small": 0.79}
"""Fitted weights of the dense side in 0..1, by the beginning of the embedder's name (docs/retrieval.md)."""

_OTHER_WEIGHT = 0.7
"""That of an embedder which nothing was fitted for: between the two."""


def find_dense(query: Query, also: Iterable[int] = ()) -> dict[int, float]:
    """Cosines by chunk id: of the POOL nearest chunks, and of the chunks in ``also`` (found by BM25).

    Nearest are those that stand out, with what all questions have in common taken off (``question_offset``).
    """
    vector, offset = query.vector(), question_offset(query.embedder)
    if offset is None:
        nearest = dict(query.index.search(vector, POOL, query.filter_chunks))
    else:
        found = query.index.search(unit((vector - offset)[None, :])[0], POOL, query.filter_chunks)
        nearest = query.index.similarities(vector, [key for key, _ in found])
    return nearest | query.index.similarities(vector, [key for key in also if key not in nearest])


def dense_weight(query: Query) -> float:
    """The dense side's weight in 0..1, lowered where the embedder does not know the question's language."""
    weight = usual_weight(query.embedder, query.parameters.dense_weight)
    known = weight * familiar_share(query)
    return known / (known + 1 - weight) if known else 0.0


def familiar_share(query: Query) -> float:
    """How much of the embedder's scores counts in the question's language, in 0..1."""
    embedder = query.embedder
    return (
        weight_by_familiarity(1.0, embedder.familiarity(query.question)) if isinstance(embedder, Multilingual) else 1.0
    )


def usual_weight(embedder: Embedder, wanted: float | None = None) -> float:
    """``wanted``, or else the fitted weight of the embedder's dense side in a language that it knows."""
    if wanted is not None:
        return wanted
    return next((weight for name, weight in DENSE_WEIGHTS.items() if embedder.name.startswith(name)), _OTHER_WEIGHT)


def standing_out(query: Query, cosines: Scores, vector: NDArray[np.float32] | None = None) -> dict[int, float]:
    """How far each chunk stands out by meaning, in 0..1: 0.5 for one as near as the best of unrelated chunks would be.

    ``cosines`` are the chunks' to ``vector``, by default the question's; what they owe to that which all questions
    have in common (``question_offset``) does not count.
    """
    vector = query.vector() if vector is None else vector
    if (offset := question_offset(query.embedder)) is not None:
        common = query.index.similarities(offset, list(cosines))
        cosines = {key: cosine - common.get(key, 0.0) for key, cosine in cosines.items()}
        vector = vector - offset
    with query.library.database.reading() as db:
        # Hashes are random, so that the first in their order are a fair sample; an index holds that order.
        rows = db.execute("SELECT vector FROM embeddings ORDER BY hash LIMIT ?", (BACKGROUND,)).fetchall()
    if not rows:  # the last document was removed since the search
        return dict.fromkeys(cosines, 0.5)
    sample = np.frombuffer(b"".join(row[0] for row in rows), dtype="<f4").reshape(len(rows), -1)
    background = sample @ vector
    chunks = len(query.index) if query.filter is None else len(query.filter.chunks)
    clear = clearness(np.array(list(cosines.values()), dtype=np.float64), background, chunks)
    shares = (np.clip(clear, -_MOST, _MOST) + _MOST) / (2 * _MOST)
    return dict(zip(cosines, shares.tolist(), strict=True))


def clearness(cosines: NDArray[np.floating], background: NDArray[np.floating], chunks: int) -> NDArray[np.float64]:
    """How many standard deviations each cosine, shape (n,), is above the expected best of ``chunks`` unrelated chunks.

    ``background``, shape (m,), holds the question's cosines with a sample of chunks. The largest of N normal values is
    expected about sqrt(2 ln N) standard deviations above their mean.
    """
    spread = max(float(background.std()), 1e-6)
    expected = sqrt(2 * log(max(chunks, 1)))
    return (np.asarray(cosines, dtype=np.float64) - float(background.mean())) / spread - expected
