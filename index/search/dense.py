"""The dense side: the chunks whose embeddings are nearest to the question's, and how much weight that side has."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from index.embed import Multilingual
from index.familiarity import weight_by_familiarity
from index.search.query import POOL, Query

BACKGROUND = 256
"""Vectors sampled to estimate the distribution of a question's cosines: its spread is then known to within 5 %."""

USUAL = 3.0
"""The clearness at which the weight is ``dense_weight`` itself. Medians: 1.9 on squad2-dev, 2.1 on chunking-eval and
2.4 on xquad-en, whose tuning halves want a weight a little below 0.5; 4.4 on nq-oracle, which wants 0.7; -0.5 on
sec-10-q."""

_MOST = 6.0
"""Deviations above or below it that count: in a library of a few chunks the spread is hardly known."""


def find_dense(query: Query, also: Iterable[int] = ()) -> dict[int, float]:
    """Cosines by chunk id: of the POOL nearest chunks, and of the chunks in ``also`` (found by BM25)."""
    vector = query.vector()
    nearest = dict(query.index.search(vector, POOL, query.filter_chunks))
    return nearest | query.index.similarities(vector, [key for key in also if key not in nearest])


def dense_weight(query: Query) -> float:
    """The dense side's weight in 0..1: the parameters', lowered where the embedder does not know the language."""
    embedder = query.embedder
    familiarity = embedder.familiarity(query.question) if isinstance(embedder, Multilingual) else 1.0
    return weight_by_familiarity(query.parameters.dense_weight, familiarity)


def find_clearness(query: Query, nearest: float) -> float:
    """The ``clearness`` of the cosine ``nearest``, held against a sample of the library's embeddings."""
    with query.library.database.reading() as db:
        # Hashes are random, so that the first in their order are a fair sample; an index holds that order.
        rows = db.execute("SELECT vector FROM embeddings ORDER BY hash LIMIT ?", (BACKGROUND,)).fetchall()
    if not rows:  # the last document was removed since the search
        return 0.0
    background = np.frombuffer(b"".join(row[0] for row in rows), dtype="<f4").reshape(len(rows), -1)
    chunks = len(query.index) if query.filter is None else len(query.filter.chunks)
    return clearness(nearest, background @ query.vector(), chunks)


def clearness(nearest: float, background: NDArray[np.float32], chunks: int) -> float:
    """How many standard deviations the best cosine is above the expected best of ``chunks`` unrelated chunks.

    ``background``, shape (n,), holds the question's cosines with a sample of chunks. The largest of N normal values is
    expected about sqrt(2 ln N) standard deviations above their mean.
    """
    spread = max(float(background.std()), 1e-6)
    return (nearest - float(background.mean())) / spread - sqrt(2 * log(max(chunks, 1)))


def weight_by_clearness(weight: float, clear: float, strength: float) -> float:
    """The dense side's weight in 0..1, raised above ``weight`` where its best hit stands out, else lowered.

    The weight's odds rise by a factor of e ** ``strength`` for each deviation of clearness above USUAL.
    """
    odds = exp(strength * max(-_MOST, min(_MOST, clear - USUAL)))
    return weight * odds / (weight * odds + 1 - weight)
