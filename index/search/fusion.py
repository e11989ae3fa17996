"""Two rankings -> one, by score: how far a chunk stands out by meaning, and how much of the question it holds.

    score = w * near + (1 - w) * words        near, words, score in 0..1

Both scores have a natural scale, which no question stretches: ``near`` is measured against the cosines of unrelated
chunks, ``words`` is a share of the question's terms. So the side that is sure of a question decides it, and one that
knows next to nothing (no term of a foreign question, no cosine above chance) moves little. A stretch from each side's
lowest to its highest score would make noise as loud as knowledge, and so would ranks: reciprocal rank fusion found .429
of Arabic questions where BM25 alone found .939. ``w`` is fitted for each embedder (benchmarks/fusion.py). On convex
combinations: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.search.bm25 import find_document_fields, find_lexical
from index.search.dense import dense_weight, find_dense, standing_out
from index.search.hits import Scores
from index.search.query import Query
from index.search.trace import Record


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both sides found, by chunk id: cosines, shares of the question's terms, and the fused score in 0..1."""

    dense: Scores
    lexical: Scores
    fused: Scores


def find_candidates(query: Query, record: Record) -> Candidates:
    """Search both sides and fuse them; each ranking is kept in ``record``.

    The dense side is not searched where its weight is 0, unless the lexical side finds nothing.
    """
    since = record.milliseconds
    lexical = find_lexical(query)
    record.add("words", lexical, since)
    dense: dict[int, float] = {}
    if dense_weight(query) > 0 or not lexical:
        since = record.milliseconds
        dense = find_dense(query, also=lexical)
        record.add("dense", dense, since)
    fused = fuse_sides(query, dense, lexical)
    record.add("fused", fused)
    return Candidates(dense, lexical, fused)


def fuse_sides(
    query: Query, dense: Scores, lexical: Scores, vector: NDArray[np.float32] | None = None
) -> dict[int, float]:
    """The fused score, in 0..1, of every chunk that a side found, with its document's fields counted in.

    ``dense`` holds cosines to ``vector``, by default the question's.
    """
    fields, length = find_document_fields(query, dict.fromkeys([*dense, *lexical], 0.0))
    words = add_document_fields(lexical, fields, query.parameters.about_weight * length)
    near = standing_out(query, dense, vector) if dense else {}
    return fuse(near, words, dense_weight(query) if words else 1.0)


def fuse(near: Scores, words: Scores, weight: float) -> dict[int, float]:
    """``weight`` * near + (1 - ``weight``) * words, in 0..1 by chunk id, of all chunks that either side found.

    ``words`` are divided by the highest where that is above 1. If nothing is ``near``, they have all the weight and the
    highest becomes 1.
    """
    top = max(words.values(), default=1.0)
    if near:
        top = max(1.0, top)
    else:
        weight = 0.0
    return {
        key: weight * near.get(key, 0.0) + (1.0 - weight) * words.get(key, 0.0) / top for key in near.keys() | words
    }


def add_document_fields(words: Scores, fields: Scores, weight: float) -> dict[int, float]:
    """``words`` and, for the chunks of the best document, up to ``weight`` times the highest of them.

    ``fields`` holds, by chunk id, the BM25 score of its document's fields. They are divided by the highest, or by 1
    where all are lower: terms that nearly every document has do not tell which one is meant. And they count as much as
    the words know at all: those of a question in another language meet function words alone.
    """
    top = max(1.0, max(fields.values(), default=1.0))
    whole = weight * min(1.0, max(words.values(), default=0.0)) / top
    return {key: words.get(key, 0.0) + whole * fields.get(key, 0.0) for key in words.keys() | fields}
