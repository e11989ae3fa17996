"""Candidates -> the same, those first that are relevant and say something else than what stands above them.

Maximal marginal relevance: Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking" (1998).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.search.dense import dense_weight
from index.search.hits import Hit, StageResult
from index.search.query import Query


def rank_by_mmr(query: Query, hits: Sequence[Hit]) -> StageResult:
    """All hits in the order of their marginal relevance, which becomes their score, in 0..1.

    With d the setting ``diversity``: (1 - d) * score + d * (1 - the highest cosine to a hit that stands above).
    Nothing changes where the embedder does not know the question's language: its vectors tell nothing apart.
    """
    share = query.settings.diversity
    with query.library.database.reading() as db:
        vectors = _vectors(db, [hit.chunks[0] for hit in hits])
    hits = [hit for hit in hits if hit.chunks[0] in vectors]
    if not hits or dense_weight(query) == 0:
        return StageResult(tuple(hits))
    rows = np.stack([vectors[hit.chunks[0]] for hit in hits])
    cosines = np.clip(rows @ rows.T, 0.0, 1.0)
    relevance = np.array([hit.score for hit in hits])
    highest = np.zeros(len(hits))
    left = np.ones(len(hits), dtype=bool)
    chosen: list[Hit] = []
    while left.any():
        marginal = np.where(left, (1 - share) * relevance + share * (1 - highest), -1.0)
        best = int(marginal.argmax())
        chosen.append(replace(hits[best], score=float(marginal[best])))
        left[best] = False
        highest = np.maximum(highest, cosines[best])
    return StageResult(tuple(chosen))


def _vectors(db: sqlite3.Connection, chunks: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """Unit vectors by chunk id; those of chunks removed meanwhile are left out."""
    rows = db.execute(
        "SELECT chunks.id, embeddings.vector FROM chunks JOIN embeddings ON embeddings.hash = chunks.embedding"
        " WHERE chunks.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(chunks)),),
    )
    return {int(row[0]): np.frombuffer(row[1], dtype="<f4") for row in rows}
