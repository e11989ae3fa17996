"""Two rankings -> one, by score: a convex combination of normalised scores, each side weighted by what it knows.

Ranks alone let a side that does not know the question's language drag the other down: on Arabic questions reciprocal
rank fusion found .429 where words alone found .939 and this .92. After Bruch, Gai and Ingber, "An Analysis of Fusion
Functions for Hybrid Retrieval" (2023).
"""

from collections.abc import Mapping

POOL = 100
"""Chunks that each side may propose."""

FILE_WEIGHT = 1.0
"""How much a word of a document's name or title counts beside one of its text."""

ABOUT_WEIGHT = 0.25
"""How much it counts beside a chunk's own score that its document is about the question: reports of several firms use
the same words, and only their names and first pages say whose they are. On 195 questions over 20 such reports a right
one was among the first five passages' for .82 without and .98 with it."""

FAMILIAR = 0.9
"""The share of a question's letters that the embedder's vocabulary must know for its vectors to count in full: of
English questions .95 of 1 in 100 and no less than .86 of 8,000 to MiniLM's."""

STRANGE = 0.8
"""At this share and below they do not count at all. Of Hindi questions MiniLM's vocabulary knows .55, but names and
figures make it .79 of 1 in 20; at .6 the vectors of these took hit@1 from .900 to .889."""


def dense_share(weight: float, familiarity: float) -> float:
    """The dense side's weight in 0..1 for a question whose language the embedder knows that well (0..1)."""
    trust = min(1.0, max(0.0, (familiarity - STRANGE) / (FAMILIAR - STRANGE)))
    return weight * trust


def fuse(dense: Mapping[int, float], words: Mapping[int, float], weight: float) -> dict[int, float]:
    """Scores in 0..1 by chunk id, of all that either side found.

    ``dense`` holds cosines, ``words`` BM25 scores. Cosines are stretched from the lowest found to 1 for the highest;
    BM25 has a natural zero and is divided by the highest. A side that found nothing leaves all to the other.
    """
    if not words:
        weight = 1.0
    if not dense:
        weight = 0.0
    top = max(words.values(), default=1.0)
    high, low = max(dense.values(), default=1.0), min(dense.values(), default=0.0)
    stretch = max(high - low, 1e-9)
    found = {}
    for key in dense.keys() | words.keys():
        near = (dense[key] - low) / stretch if key in dense else 0.0
        found[key] = weight * near + (1.0 - weight) * words.get(key, 0.0) / top
    return found


def lift(scores: Mapping[int, float], about: Mapping[int, float], weight: float) -> dict[int, float]:
    """Scores in 0..1 with a share of ``weight / (1 + weight)`` for the document that a chunk is of.

    ``about`` holds, by chunk id, the BM25 score of the whole document; divided by the highest, or by 1 where all are
    lower: words that nearly every document has say nothing about which one is meant.
    """
    top = max(1.0, max(about.values(), default=1.0))
    return {key: (score + weight * about.get(key, 0.0) / top) / (1.0 + weight) for key, score in scores.items()}
