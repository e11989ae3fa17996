"""A question -> the terms to search, and how much each tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from index.analyzer import analyze
from index.search.question_words import without_asking
from index.store.statements import current_generation

MOST_TERMS = 24
"""Terms of a question that are searched, the rarest first."""

MOST_WORDS = 10_000
"""Different words of a question that are looked up at all, below SQLite's limit of 32,766 values."""

MOST_POSTINGS = 20_000
"""Rows that are looked at for one question: about 20 ms in FTS5. They hold one of its rarest terms, as many of these as
stay below; the other terms count in the scores of these rows. On 100,000 chunks that found the very ten chunks that a
search for any of the terms found in 118 ms, also with half as many rows."""

_DEAR = 1_000
"""Rows of a term from which their number is remembered: FTS5 reads the term's whole list to tell it, which for the
words of one question takes 10 ms at 100,000 chunks."""

_DRIFT = 1 / 16
"""The share by which a library may have grown since a number was remembered."""

_MOST_REMEMBERED = 50_000
"""Numbers remembered, about 10 MB."""

_counts: dict[tuple[str, str], tuple[int, int]] = {}  # by database file and term: rows of the library, rows of the term
_rows: dict[str, tuple[int, int]] = {}  # by database file: the library's generation, and its rows then

_LEAST = 1e-6
"""What FTS5 gives a term that stands in more than half of all rows."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a question.

    ``order`` holds its words as they follow each other, ``weights`` the inverse document frequency of those that are
    searched, the rarest first, and ``unknown`` the sum of what those would weigh that no text holds. Of the chunks only
    those are looked at that hold one of the first ``needed`` terms.
    """

    order: Sequence[str]
    weights: Mapping[str, float]
    unknown: float
    needed: int

    @property
    def weight(self) -> float:
        """What a text that held every term once would score by BM25, at the average length; 0 without terms."""
        return sum(self.weights.values()) + self.unknown


def question_terms(db: sqlite3.Connection, question: str) -> Terms:
    """The terms to search for ``question``: those that occur, rare ones first, as many as stay fast.

    Weights are those of FTS5's bm25: log((N - n + 0.5) / (n + 0.5)) for a term in n of N rows.
    """
    order = analyze(without_asking(question)) or analyze(question)
    unique = list(dict.fromkeys(order))[:MOST_WORDS]
    file = str(db.execute("PRAGMA database_list").fetchone()[2])
    rows = max(_count_rows(db, file), 1)
    found = _count(db, file, unique, rows)
    weights: dict[str, float] = {}
    postings = needed = 0
    for term, count in found[:MOST_TERMS]:
        postings += count
        if postings <= MOST_POSTINGS or not weights:
            needed += 1
        elif count > rows / 2:  # FTS5 counts these as nothing
            break
        weights[term] = _weight(rows, count)
    missing = min(len(unique) - len(found), MOST_TERMS)
    return Terms(order, weights, missing * _weight(rows, 0), needed)


def _count_rows(db: sqlite3.Connection, file: str) -> int:
    """How many rows the words have. Counting a million takes milliseconds: done once for a state of the library."""
    generation = current_generation(db)
    then, rows = _rows.get(file, (-1, 0))
    if then != generation or not file:  # a database in memory has no name to know it by
        rows = int(db.execute("SELECT count(*) FROM words_docsize").fetchone()[0])
        _rows[file] = (generation, rows)
    return rows


def _count(db: sqlite3.Connection, file: str, terms: Sequence[str], rows: int) -> list[tuple[str, int]]:
    """Those of the terms that occur, with the number of rows that hold them, the rarest first."""
    found: dict[str, int] = {}
    for term in terms:
        then, count = _counts.get((file, term), (0, 0))
        if abs(rows - then) <= rows * _DRIFT:
            found[term] = count
    rest = [term for term in terms if term not in found]
    query = f"SELECT term, doc FROM terms WHERE term IN ({', '.join('?' * len(rest))})"  # noqa: S608
    counted = {str(row[0]): int(row[1]) for row in db.execute(query, rest)}
    if len(_counts) > _MOST_REMEMBERED:
        _counts.clear()
    _counts.update({(file, term): (rows, count) for term, count in counted.items() if count >= _DEAR})
    return sorted((found | counted).items(), key=lambda pair: pair[1])


def _weight(rows: int, count: int) -> float:
    return max(_LEAST, log((max(rows, count) - count + 0.5) / (count + 0.5)))
