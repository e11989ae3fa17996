"""Query expansion: searches with the texts that a model wrote for a question, and combines the scores.

queries  each other wording is searched like the question, and the fused scores are averaged
hyde     the dense vector is the mean of the question's and the hypothetical passages' (Gao et al., "Precise Zero-Shot
         Dense Retrieval without Relevance Labels", 2022); BM25 searches for the question's words only
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.search.fusion import POOL
from index.search.query import Found, Query, dense_weight, find, fuse_sides
from index.search.trace import Record
from index.unit import unit

OWN = 0.5
"""Weight of the question's own score, 0..1; the mean of the other wordings' scores has the rest."""


def wants_expansions(query: Query) -> bool:
    """Whether the settings ask for expansions of this question; passages are of use only if dense search counts."""
    kind = query.settings.expand
    return kind == "queries" or (kind == "hyde" and dense_weight(query) > 0)


def search_expansions(query: Query, texts: Sequence[str], found: Found) -> Found:
    """``found`` with the fused scores changed by a search for ``texts``, expansions of the kind that the settings name.

    Cosines and BM25 scores remain those of the question itself. Returns ``found`` if there are no texts.
    """
    if not texts:
        return found
    if query.settings.expand == "queries":
        return _with_wordings(query, texts, found)
    return _near_passages(query, texts, found)


def _with_wordings(query: Query, texts: Sequence[str], found: Found) -> Found:
    others = [find(replace(query, question=text), Record()).fused for text in texts]
    fused = {key: OWN * score for key, score in found.fused.items()}
    for other in others:
        for key, score in other.items():
            fused[key] = fused.get(key, 0.0) + (1 - OWN) * score / len(others)
    new = [key for key in fused if key not in found.fused]
    if not found.dense or not new:
        return replace(found, fused=fused)
    vector = query.vector()
    return replace(found, dense={**found.dense, **query.index.similarities(vector, new)}, fused=fused)


def _near_passages(query: Query, texts: Sequence[str], found: Found) -> Found:
    vector = query.vector()
    moved: NDArray[np.float32] = unit((vector + query.embedder.embed_passages(texts).sum(axis=0))[None, :])[0]
    among = None if query.kept is None else query.kept.chunks
    near = dict(query.index.search(moved, POOL, among))
    near |= query.index.similarities(moved, [key for key in found.words if key not in near])
    cosines = {**found.dense, **query.index.similarities(vector, [key for key in near if key not in found.dense])}
    return Found(cosines, found.words, fuse_sides(query, near, found.words))
