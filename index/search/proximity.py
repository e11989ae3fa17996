"""Term proximity: chunks score higher where neighbouring terms of the question are near each other in them.

The sequential dependence model (Metzler and Croft, "A Markov Random Field Model for Term Dependencies", SIGIR 2005)
over the candidates of BM25, with pairs of rare terms instead of all neighbours.
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
"""The inverse document frequency above which a term makes a pair: it is in less than about a fourth of all chunks."""

NEAR, FAR = 4, 8
"""Terms from one to the other within which a pair counts in full, and by half."""

Pairs = Sequence[tuple[str, str, float]]
"""Two terms and the weight of the pair, in units of BM25."""

_WHOLE = regex.compile(rf".*_|{PAIRED}")
"""Codes, whose parts are terms too, and scripts that are indexed in pairs of characters: proximity is in them."""


def telling_pairs(terms: QueryTerms, weight: float) -> Pairs:
    """Neighbours among the question's rare terms; a pair weighs ``weight`` times its commoner term."""
    if not weight:
        return []
    telling = [term for term in terms.order if terms.weights.get(term, 0.0) > TELLING and not _WHOLE.match(term)]
    return [
        (one, other, weight * min(terms.weights[one], terms.weights[other]))
        for one, other in pairwise(telling)
        if one != other
    ]


def proximity(db: sqlite3.Connection, pairs: Pairs, chunks: Iterable[int]) -> dict[int, float]:
    """The weights of the pairs that each chunk holds, summed, in units of BM25; chunks without pairs are left out."""
    if not pairs:
        return {}
    rows = db.execute(
        "SELECT rowid, body FROM words WHERE rowid IN (SELECT value FROM json_each(?))", (json.dumps(list(chunks)),)
    )
    wanted = {term for one, other, _ in pairs for term in (one, other)}
    scores = {int(row[0]): _score(pairs, _positions(str(row[1]), wanted)) for row in rows}
    return {key: score for key, score in scores.items() if score}


def _positions(body: str, wanted: set[str]) -> dict[str, list[int]]:
    """Where each wanted term is in ``body``, terms joined by spaces, counted from 0, in order."""
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
