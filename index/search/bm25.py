"""Words of a question -> the chunks and documents that hold them, by BM25 in SQLite's FTS5."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.search.query_terms import Terms, question_terms

Ids = Sequence[int] | NDArray[np.int64]
"""Ids of rows, none negative."""


def search_words(
    db: sqlite3.Connection,
    question: str,
    k: int,
    *,
    file_weight: float,
    body_weight: float = 1.0,
    among: Ids | None = None,
    terms: Terms | None = None,
) -> list[tuple[int, float]]:
    """The ``k`` best chunks by BM25 as (chunk id, score), best first; scores are positive. No question is an error.

    ``among``, chunk ids, limits the search to these; ``terms`` are the question's, where they are known already.
    """
    terms = terms or question_terms(db, question)
    names = list(terms.weights)
    if not names:
        return []
    found = []
    if terms.needed < len(names):  # FTS5 counts a term as often as it is named: all of them twice
        needed, rest = _any_of(names[: terms.needed]), _any_of(names[terms.needed :])
        query = f"({needed}) AND ({needed} OR {rest} OR {rest})"
        found = _best(db, query, 2, k, (file_weight, body_weight), among)
    if terms.needed == len(names) or (among is not None and len(found) < k):
        # What is rare in the library may stand in none of the chunks that a filter keeps.
        found = _best(db, _any_of(names), 1, k, (file_weight, body_weight), among)
    return found


def _best(
    db: sqlite3.Connection, query: str, times: int, k: int, weights: tuple[float, float], among: Ids | None
) -> list[tuple[int, float]]:
    """The ``k`` best rows for an FTS5 query that names each term ``times`` times."""
    rows = db.execute(
        "SELECT rowid, -bm25(words, ?, ?) / ? AS score FROM words WHERE words MATCH ?"  # noqa: S608
        f" {_among('rowid', among)} ORDER BY score DESC, rowid LIMIT ?",
        (*weights, times, query, *_values(among), k),
    )
    return [(int(row[0]), float(row[1])) for row in rows]


def search_abouts(
    db: sqlite3.Connection, question: str, k: int, among: Ids | None = None, terms: Terms | None = None
) -> dict[str, float]:
    """The ``k`` documents that as a whole are about the question's words, by id, with their BM25 scores.

    ``among``, numbers of documents, limits the search to these; ``terms`` are the question's, where they are known.
    """
    query = _any_of((terms or question_terms(db, question)).weights)
    if not query:
        return {}
    rows = db.execute(
        "SELECT documents.id, -bm25(abouts) AS score FROM abouts JOIN documents ON number = abouts.rowid"  # noqa: S608
        f" WHERE abouts MATCH ? {_among('abouts.rowid', among)} ORDER BY score DESC LIMIT ?",
        (query, *_values(among), k),
    )
    return {str(row[0]): float(row[1]) for row in rows}


def _any_of(names: Iterable[str]) -> str:
    """An FTS5 query for any of these terms; "" for none."""
    return " OR ".join(f'"{name}"' for name in names)


def _among(column: str, among: Ids | None) -> str:
    """SQL that lets only some rows through, asked of each row that the words found; ``_values`` is its mask."""
    return f"AND substr(?, {column} + 1, 1) = x'01'" if among is not None else ""


def _values(among: Ids | None) -> tuple[bytes, ...]:
    """One byte a row, at the row's id: a tenth of the time that a list takes which SQLite must read (100,000 ids)."""
    if among is None:
        return ()
    ids = np.asarray(among, dtype=np.int64)
    mask = np.zeros(ids.max(initial=0) + 1, dtype=np.uint8)
    mask[ids] = 1
    return (mask.tobytes(),)
