"""Candidates -> the best of them that differ: repeats are dropped, and other documents get a chance."""

from __future__ import annotations

from collections.abc import Sequence

from index.analyzer import analyze
from index.search.hits import Hit, Sifted
from index.search.query import Query

SAME_DOCUMENT = 0.95
"""What a score is multiplied by for each better passage of the same document: other documents get a chance. On sec-10-q
a right report is among five passages' for .995 with .9 and .95, for .959 with 1; chunking-eval, whose answers stand in
one document each, has a token recall of .869, .872 and .876."""

DUPLICATE = 0.9
"""The share of words two passages have in common (Jaccard) from which the lower one says nothing of its own."""


def distinct(query: Query, hits: Sequence[Hit]) -> Sifted:
    """The ``k`` best, one by one: repeats are passed over, and each document's next chunk counts a little less."""
    chosen: list[Hit] = []
    bags: dict[int, frozenset[str]] = {}
    instead: dict[int, int] = {}
    taken: dict[str, int] = {}
    rest = list(hits)
    while rest and len(chosen) < query.k:
        best = max(rest, key=lambda hit: hit.score * SAME_DOCUMENT ** taken.get(hit.document_id, 0))
        rest.remove(best)
        bag = frozenset(analyze(best.text))
        same = next((key for key, other in bags.items() if _alike(bag, other)), None)
        if same is not None:
            instead[best.chunks[0]] = same
            continue
        chosen.append(best)
        bags[best.chunks[0]] = bag
        taken[best.document_id] = taken.get(best.document_id, 0) + 1
    return Sifted(tuple(chosen), instead)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether ``one`` says nothing that ``other`` does not: a figure that only it has is news, however small."""
    new = one - other
    return len(one & other) >= DUPLICATE * len(one | other) and not any(map(_has_digit, new))


def _has_digit(word: str) -> bool:
    return any(sign.isdigit() for sign in word)
