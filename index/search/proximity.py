"""Term proximity: a chunk scores higher if terms that are neighbours in the question are close together in the chunk.

For "harbour master salary", "harbour" within 4 terms of "master" adds the pair's whole weight, within 8 terms half of
it. This is the sequential dependence model (Metzler and Croft, "A Markov Random Field Model for Term Dependencies",
SIGIR 2005) over the candidates of BM25, restricted to pairs of rare terms.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import pairwise

import regex

from index.analyzer import PAIRED
from index.search.query_terms import QueryTerms

TELLING = 1.0
"""Least inverse document frequency of a term in a pair: it is in less than about a quarter of all chunks."""

NEAR, FAR = 4, 8
"""Largest distance, in terms, at which a pair counts in full, and at which it counts half."""

Pairs = Sequence[tuple[str, str, float]]
"""Two terms and the weight of the pair, in units of BM25."""

_WHOLE = regex.compile(rf".*_|{PAIRED}")
"""Terms that form no pairs: codes, whose parts are terms too, and pairs of characters, in scripts indexed so.

Both contain the proximity of their parts already.
"""


def telling_pairs(terms: QueryTerms, weight: float) -> Pairs:
    """Pairs of neighbouring rare terms of the question, weighted by ``weight`` times the lower term weight."""
    if not weight:
        return []
    telling = [term for term in terms.order if terms.weights.get(term, 0.0) > TELLING and not _WHOLE.match(term)]
    return [
        (one, other, weight * min(terms.weights[one], terms.weights[other]))
        for one, other in pairwise(telling)
        if one != other
    ]


def proximity(db: sqlite3.Connection, pairs: Pairs, chunks: Iterable[int]) -> dict[int, float]:
    """The sum of the pairs' weights in each chunk, in units of BM25, by id; chunks without pairs are left out."""
    if not pairs:
        return {}
    rows = db.execute(
        "SELECT rowid, body FROM words WHERE rowid IN (SELECT value FROM json_each(?))", (json.dumps(list(chunks)),)
    )
    wanted = {term for one, other, _ in pairs for term in (one, other)}
    scores = {int(row[0]): _score(pairs, _positions(str(row[1]), wanted)) for row in rows}
    return {key: score for key, score in scores.items() if score}


def _positions(body: str, wanted: set[str]) -> dict[str, list[int]]:
    """The positions of each wanted term in ``body`` (terms joined by spaces), counted from 0, ascending."""
    positions: dict[str, list[int]] = {}
    for position, term in enumerate(body.split(" ")):
        if term in wanted:
            positions.setdefault(term, []).append(position)
    return positions


def _score(pairs: Pairs, positions: dict[str, list[int]]) -> float:
    total = 0.0
    for one, other, weight in pairs:
        if one in positions and other in positions:
            gap = _gap(positions[one], positions[other])
            total += weight if gap <= NEAR else weight / 2 if gap <= FAR else 0.0
    return total


def _gap(one: Sequence[int], other: Sequence[int]) -> int:
    """The smallest distance, in terms, between a position in ``one`` and a position in ``other``."""
    both = sorted([(position, 0) for position in one] + [(position, 1) for position in other])
    return min(after - before for (before, a), (after, b) in pairwise(both) if a != b)
