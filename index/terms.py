"""A question -> the terms to search, and how much each tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from index.asking import without_asking
from index.words import words

MOST_TERMS = 24
"""Terms of a question that are searched, the rarest first."""

MOST_WORDS = 10_000
"""Different words of a question that are looked up at all, below SQLite's limit of 32,766 values."""

MOST_POSTINGS = 60_000
"""Rows that the terms of one question may touch together: about 50 ms in FTS5. The rarest two always count."""

_LEAST = 1e-6
"""What FTS5 gives a term that stands in more than half of all rows."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a question.

    ``order`` holds its words as they follow each other, ``weights`` the inverse document frequency of those that are
    searched, the rarest first, and ``unknown`` the sum of what those would weigh that no text holds.
    """

    order: Sequence[str]
    weights: Mapping[str, float]
    unknown: float

    @property
    def weight(self) -> float:
        """What a text that held every term once would score by BM25, at the average length; 0 without terms."""
        return sum(self.weights.values()) + self.unknown


def question_terms(db: sqlite3.Connection, question: str) -> Terms:
    """The terms to search for ``question``: those that occur, rare ones first, as many as stay fast.

    Weights are those of FTS5's bm25: log((N - n + 0.5) / (n + 0.5)) for a term in n of N rows.
    """
    order = words(without_asking(question)) or words(question)
    unique = list(dict.fromkeys(order))[:MOST_WORDS]
    found = db.execute(
        f"SELECT term, doc FROM terms WHERE term IN ({', '.join('?' * len(unique))}) ORDER BY doc",  # noqa: S608
        unique,
    ).fetchall()
    # Ids are given in turn, so that the highest is about the number of rows; counting them takes long.
    rows = max(int(db.execute("SELECT coalesce(max(rowid), 0) FROM words").fetchone()[0]), 1)
    weights: dict[str, float] = {}
    postings = 0
    for term, count in found[:MOST_TERMS]:
        postings += count
        if postings > MOST_POSTINGS and len(weights) >= 2:
            break
        weights[term] = _weight(rows, count)
    missing = min(len(unique) - len(found), MOST_TERMS)
    return Terms(order, weights, missing * _weight(rows, 0))


def _weight(rows: int, count: int) -> float:
    return max(_LEAST, log((max(rows, count) - count + 0.5) / (count + 0.5)))
