"""Words that stand beside each other in a question, and near each other in a text: the two are about the same.

A sequential dependence model (Metzler and Croft, "A Markov Random Field Model for Term Dependencies", SIGIR 2005) over
the candidates of BM25, with pairs of words that tell something instead of all neighbours.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import pairwise

import regex

from index.analyzer import PAIRED
from index.search.query_terms import Terms

TELLING = 1.0
"""The inverse document frequency from which a word makes a pair: it stands in less than about a fourth of all texts."""

NEAR, FAR = 4, 8
"""Words from one to the other within which a pair counts in full, and by half."""

Pairs = Sequence[tuple[str, str, float]]

_WHOLE = regex.compile(rf".*_|{PAIRED}")
"""Codes, whose parts are terms too, and scripts whose signs are indexed in pairs: closeness counts in them already."""


def telling_pairs(terms: Terms, weight: float) -> Pairs:
    """Neighbours among the question's telling words, with what each counts: ``weight`` of its commoner word."""
    if not weight:
        return []
    telling = [term for term in terms.order if terms.weights.get(term, 0.0) > TELLING and not _WHOLE.match(term)]
    return [
        (one, other, weight * min(terms.weights[one], terms.weights[other]))
        for one, other in pairwise(telling)
        if one != other
    ]


def closeness(db: sqlite3.Connection, pairs: Pairs, chunks: Iterable[int]) -> dict[int, float]:
    """For each of these chunks that holds a pair the sum of what its pairs weigh, in units of BM25."""
    if not pairs:
        return {}
    rows = db.execute(
        "SELECT rowid, body FROM words WHERE rowid IN (SELECT value FROM json_each(?))", (json.dumps(list(chunks)),)
    )
    wanted = {term for one, other, _ in pairs for term in (one, other)}
    scores = {int(row[0]): _score(pairs, _places(str(row[1]), wanted)) for row in rows}
    return {key: score for key, score in scores.items() if score}


def _places(body: str, wanted: set[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(body.split(" ")):
        if word in wanted:
            places.setdefault(word, []).append(place)
    return places


def _score(pairs: Pairs, places: dict[str, list[int]]) -> float:
    total = 0.0
    for one, other, weight in pairs:
        if one in places and other in places:
            gap = _gap(places[one], places[other])
            total += weight if gap <= NEAR else weight / 2 if gap <= FAR else 0.0
    return total


def _gap(one: Sequence[int], other: Sequence[int]) -> int:
    """Words from a place in the one to the nearest in the other; both are in order."""
    both = sorted([(place, 0) for place in one] + [(place, 1) for place in other])
    return min(after - before for (before, a), (after, b) in pairwise(both) if a != b)
