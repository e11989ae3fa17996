"""Query expansion: the candidates of a question, changed by texts that a model wrote for it.

queries  each rewording is searched like the question itself, and the fused scores are averaged
hyde     the dense side searches near the mean of the question and made-up passages (Gao et al., "Precise Zero-Shot
         Dense Retrieval without Relevance Labels", 2022); the lexical side searches for the question only
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.search.dense import dense_weight
from index.search.fusion import Candidates, find_candidates, fuse_sides
from index.search.query import POOL, Query
from index.search.trace import Record
from index.unit import unit

QUESTION_SHARE = 0.5
"""The question's own share of a score; the rest is the mean over the rewordings."""


def wants_expansions(query: Query) -> bool:
    """Whether a model is to write texts for this question: made-up passages only where the dense side counts."""
    kind = query.settings.expand
    return kind == "queries" or (kind == "hyde" and dense_weight(query) > 0)


def search_expansions(query: Query, texts: Sequence[str], candidates: Candidates) -> Candidates:
    """``candidates`` with what ``texts`` find; ``query.settings.expand`` says of which kind the texts are.

    The fused scores change. Cosines and lexical scores stay those of the question itself.
    """
    if not texts:
        return candidates
    if query.settings.expand == "queries":
        return _add_rewordings(query, texts, candidates)
    return _add_passages(query, texts, candidates)


def _add_rewordings(query: Query, texts: Sequence[str], candidates: Candidates) -> Candidates:
    others = [find_candidates(replace(query, question=text), Record()).fused for text in texts]
    fused = {key: QUESTION_SHARE * score for key, score in candidates.fused.items()}
    for other in others:
        for key, score in other.items():
            fused[key] = fused.get(key, 0.0) + (1 - QUESTION_SHARE) * score / len(others)
    new = [key for key in fused if key not in candidates.fused]
    if not candidates.dense or not new:
        return replace(candidates, fused=fused)
    vector = query.vector()
    return replace(candidates, dense={**candidates.dense, **query.index.similarities(vector, new)}, fused=fused)


def _add_passages(query: Query, texts: Sequence[str], candidates: Candidates) -> Candidates:
    vector = query.vector()
    moved: NDArray[np.float32] = unit((vector + query.embedder.embed_passages(texts).sum(axis=0))[None, :])[0]
    near = dict(query.index.search(moved, POOL, query.filter_chunks))
    near |= query.index.similarities(moved, [key for key in candidates.lexical if key not in near])
    missing = [key for key in near if key not in candidates.dense]
    cosines = {**candidates.dense, **query.index.similarities(vector, missing)}
    return Candidates(cosines, candidates.lexical, fuse_sides(query, near, candidates.lexical))
