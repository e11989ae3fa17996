"""Maximal marginal relevance (MMR): items that are relevant and unlike those already chosen.

Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries"
(SIGIR 1998). Used as a stage of the search, and to choose the sentences of a summary.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.search.dense import dense_weight
from index.search.hits import Hit, StageResult
from index.search.query import Query

Similarity = Callable[[Sequence[int], Sequence[int]], Sequence[float] | NDArray[np.float32]]
"""Items (m) and chosen items (at least one) -> the highest similarity of each item to a chosen one, shape (m,)."""


def choose_by_mmr(
    relevance: NDArray[np.floating],
    similarity: Similarity,
    diversity: float,
    *,
    count: int,
    among: Sequence[int],
    chosen: Sequence[int] = (),
) -> list[tuple[int, float]]:
    """Choose ``count`` of the items ``among`` one by one: (item, marginal relevance), in the order of the choice.

    Each step takes the item i with the highest (1 - diversity) * relevance[i] + diversity * (1 - max similarity of i to
    the chosen items): the formula of Carbonell & Goldstein (1998) with lambda = 1 - diversity, plus ``diversity``.
    Without chosen items the similarity is 0; ties go to the item that comes first in ``among``.

    ``relevance`` has shape (n,), items are indices into it. ``chosen`` items count as chosen before the first step.
    """
    before = list(chosen)
    left = [item for item in among if item not in before]
    found: list[tuple[int, float]] = []
    while left and len(found) < count:
        highest = np.asarray(similarity(left, before) if before else np.zeros(len(left)), dtype=np.float64)
        marginal = (1 - diversity) * relevance[left].astype(np.float64) + diversity * (1 - highest)
        best = int(marginal.argmax())
        found.append((left[best], float(marginal[best])))
        before.append(left.pop(best))
    return found


def rank_by_mmr(query: Query, hits: Sequence[Hit]) -> StageResult:
    """All hits in the order of their marginal relevance, which becomes their score, in 0..1.

    The parameter ``diversity`` is the trade-off, similarity is the cosine clipped to 0..1. Nothing changes where the
    embedder does not know the question's language, because its vectors then mean nothing.
    """
    with query.library.database.reading() as db:
        vectors = _vectors(db, [hit.chunks[0] for hit in hits])
    hits = [hit for hit in hits if hit.chunks[0] in vectors]
    if not hits or dense_weight(query) == 0:
        return StageResult(tuple(hits))
    rows = np.stack([vectors[hit.chunks[0]] for hit in hits])
    cosines = np.clip(rows @ rows.T, 0.0, 1.0)
    ranked = choose_by_mmr(
        np.array([hit.score for hit in hits]),
        lambda items, chosen: cosines[np.ix_(items, chosen)].max(axis=1),
        query.parameters.diversity,
        count=len(hits),
        among=range(len(hits)),
    )
    return StageResult(tuple(replace(hits[item], score=score) for item, score in ranked))


def _vectors(db: sqlite3.Connection, chunks: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """Unit vectors by chunk id; those of chunks removed meanwhile are left out."""
    rows = db.execute(
        "SELECT chunks.id, embeddings.vector FROM chunks JOIN embeddings ON embeddings.hash = chunks.embedding"
        " WHERE chunks.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(chunks)),),
    )
    return {int(row[0]): np.frombuffer(row[1], dtype="<f4") for row in rows}
