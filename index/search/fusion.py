"""Two rankings -> one, by score: a convex combination of normalised scores, each side weighted by what it knows.

By score and not by rank: reciprocal rank fusion lets a side that does not know the question's language drag the other
down (on Arabic questions it found .429 where BM25 without vectors found .939 and this .92). After Bruch, Gai and
Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.search.bm25 import find_document_fields, find_lexical
from index.search.dense import dense_weight, find_clearness, find_dense, weight_by_clearness
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


def fuse_sides(query: Query, dense: Scores, lexical: Scores) -> dict[int, float]:
    """The fused score, in 0..1, of every chunk that a side found, with its document's fields counted in."""
    weight = dense_weight(query)
    if dense and lexical and 0 < weight < 1:
        weight = weight_by_clearness(weight, find_clearness(query, max(dense.values())), query.parameters.dense_lean)
    fused = fuse(dense, lexical, weight)
    fields, length = find_document_fields(query, fused)
    return add_document_fields(fused, fields, query.parameters.about_weight * length)


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], weight: float) -> dict[int, float]:
    """``weight`` * dense + (1 - ``weight``) * lexical, in 0..1 by chunk id, of all chunks that either side found.

    ``dense`` holds cosines, stretched so that the lowest found is 0 and the highest 1. ``lexical`` holds shares of the
    question's terms, which have a natural zero: they are divided by the highest where that is above 1, so that they
    count little where no chunk holds much of the question. If one side is empty, the other has all the weight, and
    its highest score becomes 1.
    """
    if not lexical:
        weight = 1.0
    if not dense:
        weight = 0.0
    top = max(lexical.values(), default=1.0)
    if weight > 0:
        top = max(1.0, top)
    high, low = max(dense.values(), default=1.0), min(dense.values(), default=0.0)
    stretch = max(high - low, 1e-9)
    fused = {}
    for key in dense.keys() | lexical.keys():
        near = (dense[key] - low) / stretch if key in dense else 0.0
        fused[key] = weight * near + (1.0 - weight) * lexical.get(key, 0.0) / top
    return fused


def add_document_fields(scores: Scores, fields: Scores, weight: float) -> dict[int, float]:
    """Scores in 0..1 in which the document's fields have a share of ``weight / (1 + weight)``.

    ``fields`` holds, by chunk id, the BM25 score of its document's fields. They are divided by the highest, or by 1
    where all are lower: terms that nearly every document has do not tell which one is meant.
    """
    top = max(1.0, max(fields.values(), default=1.0))
    return {key: (score + weight * fields.get(key, 0.0) / top) / (1.0 + weight) for key, score in scores.items()}
