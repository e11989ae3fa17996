"""Query expansion: a search that uses texts that a model wrote for the question. There are two kinds.

queries  The model rewords the question ("What does the flat cost a month?" for "How much is the rent?"). Each rewording
         is searched too. A chunk's score is QUESTION_SHARE times its score for the question, plus the rest times its
         mean score for the rewordings.
hyde     The model makes up passages that could answer (Gao et al., "Precise Zero-Shot Dense Retrieval without Relevance
         Labels", 2022). The dense side searches for the mean of the vectors of question and passages; the lexical side
         searches for the question only.
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
"""Share of the question itself in a score, 0..1; the rest is the mean over the rewordings."""


def wants_expansions(query: Query) -> bool:
    """Whether a model should write texts for this query. Made-up passages need a dense side with a weight above 0."""
    kind = query.settings.expand
    return kind == "queries" or (kind == "hyde" and dense_weight(query) > 0)


def search_expansions(query: Query, texts: Sequence[str], candidates: Candidates) -> Candidates:
    """The candidates of the question (``candidates``) together with those that ``texts`` find.

    ``query.settings.expand`` is the kind of ``texts``. Only the fused scores change; cosines and lexical scores remain
    those of the question itself.
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
    return Candidates(cosines, candidates.lexical, fuse_sides(query, near, candidates.lexical, moved))
