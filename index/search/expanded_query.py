"""A question, and what was written for it -> other scores: what it is worded like, and what could answer it.

queries  each wording is searched like the question, and the fused scores are averaged
hyde     the dense side looks near question and made-up passage together (Gao et al., "Precise Zero-Shot Dense
         Retrieval without Relevance Labels", 2022); words are searched for the question alone
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.embed import unit
from index.search.fusion import POOL
from index.search.query import Found, Query, dense_weight, find, fuse_sides
from index.search.trace import Record

OWN = 0.5
"""The share of a score that is the question's own; the other wordings' mean is the rest."""


def wants_texts(query: Query) -> bool:
    """Whether anything is to be written for this question: a passage only where the dense side counts."""
    kind = query.settings.expand
    return kind == "queries" or (kind == "hyde" and dense_weight(query) > 0)


def expand(query: Query, texts: Sequence[str], found: Found) -> Found:
    """What ``query`` found with what ``texts`` find, which are of the kind that its settings name.

    Cosines and BM25 scores stay those to the question itself.
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
