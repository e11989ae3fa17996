"""A question -> the terms to search for, with their inverse document frequencies."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from index.analyzer import analyze, second_forms, written
from index.language import language_of
from index.search.question_words import without_question_words
from index.spelling import most_slips, spelled_like
from index.store.statements import current_generation

MOST_TERMS = 24
"""Terms of a question that are searched, the rarest first."""

MOST_LOOKED_UP = 10_000
"""Different terms of a question that are looked up at all, below SQLite's limit of 32,766 values."""

MOST_POSTINGS = 20_000
"""Rows that are scored for one question: about 20 ms in FTS5. Only rows with one of the rarest terms are scored, and
these are as many terms as stay below this number; the other terms count in the scores of these rows. On 100,000 chunks
that found the same ten chunks as a search for any of the terms, which took 118 ms, also with half as many rows."""

MOST_RESPELLED = 8
"""Words that no chunk holds for which a word that is spelt nearly so is looked for, some milliseconds each."""

MOST_SPELLINGS = 100_000
"""Terms with the first letter of a word among which that is."""

_CACHED_FROM = 1_000
"""Rows of a term from which their number is cached: FTS5 reads the term's whole list to count them, which for the
terms of one question takes 10 ms at 100,000 chunks."""

_DRIFT = 1 / 16
"""The share by which a library may have grown since a number was cached."""

_MOST_CACHED = 50_000
"""Numbers cached, about 10 MB."""

_counts: dict[tuple[str, str], tuple[int, int]] = {}  # by database file and term: rows of the library, rows of the term
_rows: dict[str, tuple[int, int]] = {}  # by database file: the library's generation, and its rows then

_LEAST = 1e-6
"""The weight that FTS5 gives a term that is in more than half of all rows."""


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """The terms of a question.

    ``order`` holds the terms in the order of the question, ``weights`` the inverse document frequency of those that are
    searched, the rarest first. ``unknown`` is the sum of the weights of words that no chunk holds in any form. Only
    chunks that hold one of the first ``needed`` terms of ``weights`` are scored. ``halved`` are the terms of words that
    are searched in two forms, as they stand and as the stem of the question's language: each counts half. So do the
    keys of ``respelled``, which are spelt nearly as their values, terms of the question that no chunk holds.
    """

    order: Sequence[str]
    weights: Mapping[str, float]
    unknown: float
    needed: int
    halved: frozenset[str] = frozenset()
    respelled: Mapping[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        """The BM25 score of a chunk of average length that holds every word once, in both forms; 0 without terms."""
        return (
            sum(weight / 2 if term in self.halved else weight for term, weight in self.weights.items()) + self.unknown
        )


def question_terms(db: sqlite3.Connection, question: str) -> QueryTerms:
    """The terms to search for ``question``: those that occur in the library, rare ones first, as many as stay fast.

    A word is searched in the forms that occur: as it stands, as its stem in the question's language, or as both; where
    neither does, as the word that is spelt nearly so.
    Weights are those of FTS5's bm25: log((N - n + 0.5) / (n + 0.5)) for a term in n of N rows.
    """
    asked = without_question_words(question)
    asked = asked if analyze(asked) else question
    order = analyze(asked)
    words = list(dict.fromkeys(order))[:MOST_LOOKED_UP]
    stems = second_forms(asked, language_of(question))
    unique = list(dict.fromkeys([*words, *(stems[word] for word in words if word in stems)]))[:MOST_LOOKED_UP]
    file = str(db.execute("PRAGMA database_list").fetchone()[2])
    rows = max(_count_rows(db, file), 1)
    found = _count(db, file, unique, rows)
    known = {term for term, _ in found}
    strange = [word for word in words if word not in known and stems.get(word) not in known]
    respelled = {near: word for near, word in _respelled(db, strange, written(asked)).items() if near not in known}
    found = sorted([*found, *_count(db, file, sorted(respelled), rows)], key=lambda pair: pair[1])
    weights: dict[str, float] = {}
    postings = needed = 0
    for term, count in found[:MOST_TERMS]:
        postings += count
        if postings <= MOST_POSTINGS or not weights:
            needed += 1
        elif count > rows / 2:  # FTS5 counts these as nothing
            break
        weights[term] = _weight(rows, count)
    missing = min(len(strange), MOST_TERMS) - len(respelled) / 2
    both = {form for word, stem in stems.items() if word in known and stem in known for form in (word, stem)}
    halved = frozenset(both | respelled.keys())
    return QueryTerms(order, weights, missing * _weight(rows, 0), needed, halved, respelled)


def _respelled(db: sqlite3.Connection, words: Sequence[str], written: Mapping[str, str]) -> dict[str, str]:
    """The terms of the library that are spelt nearly as one of these words, which it does not hold, each with that.

    A word is compared as its stem, then as it is ``written``: a slip may make another stem ("chimny": chimni, chimney).
    """
    found: dict[str, str] = {}
    for word in list(filter(most_slips, words))[:MOST_RESPELLED]:
        near = _spelled_like(db, word)
        if near is None and word in written:
            near = _spelled_like(db, written[word])
        if near is not None:
            found[near] = word
    return found


def _spelled_like(db: sqlite3.Connection, word: str) -> str | None:
    """The term of the library that is spelt nearly as ``word``, None where there is none."""
    first, slips = word[0], most_slips(word)
    rows = db.execute(
        "SELECT term FROM (SELECT term FROM terms WHERE term >= ? AND term < ? LIMIT ?)"
        " WHERE length(term) BETWEEN ? AND ?",
        (first, chr(ord(first) + 1), MOST_SPELLINGS, len(word) - slips, len(word) + slips),
    )
    return spelled_like(word, (str(row[0]) for row in rows))


def _count_rows(db: sqlite3.Connection, file: str) -> int:
    """The number of rows of the term index. Counting a million takes milliseconds: done once a library generation."""
    generation = current_generation(db)
    then, rows = _rows.get(file, (-1, 0))
    if then != generation or not file:  # a database in memory has no name to know it by
        rows = int(db.execute("SELECT count(*) FROM words_docsize").fetchone()[0])
        _rows[file] = (generation, rows)
    return rows


def _count(db: sqlite3.Connection, file: str, terms: Sequence[str], rows: int) -> list[tuple[str, int]]:
    """The terms that occur with the number of rows that hold each, the rarest first."""
    found: dict[str, int] = {}
    for term in terms:
        then, count = _counts.get((file, term), (0, 0))
        if abs(rows - then) <= rows * _DRIFT:
            found[term] = count
    rest = [term for term in terms if term not in found]
    query = f"SELECT term, doc FROM terms WHERE term IN ({', '.join('?' * len(rest))})"  # noqa: S608
    counted = {str(row[0]): int(row[1]) for row in db.execute(query, rest)}
    if len(_counts) > _MOST_CACHED:
        _counts.clear()
    _counts.update({(file, term): (rows, count) for term, count in counted.items() if count >= _CACHED_FROM})
    return sorted((found | counted).items(), key=lambda pair: pair[1])


def _weight(rows: int, count: int) -> float:
    return max(_LEAST, log((max(rows, count) - count + 0.5) / (count + 0.5)))
