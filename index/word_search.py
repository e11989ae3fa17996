"""Words of a question -> the chunks and documents that hold them, by BM25 in SQLite's FTS5."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from index.terms import Terms, question_terms


def search_words(
    db: sqlite3.Connection,
    question: str,
    k: int,
    *,
    file_weight: float,
    body_weight: float = 1.0,
    among: Iterable[int] | None = None,
    terms: Terms | None = None,
) -> list[tuple[int, float]]:
    """The ``k`` best chunks by BM25 as (chunk id, score), best first; scores are positive. No question is an error.

    ``among``, chunk ids, limits the search to these; ``terms`` are the question's, where they are known already.
    """
    query = _any_of(terms or question_terms(db, question))
    if not query:
        return []
    rows = db.execute(
        "SELECT rowid, -bm25(words, ?, ?) AS score FROM words WHERE words MATCH ?"  # noqa: S608
        f" {_among('rowid', among)} ORDER BY score DESC, rowid LIMIT ?",
        (file_weight, body_weight, query, *_values(among), k),
    )
    return [(int(row[0]), float(row[1])) for row in rows]


def search_abouts(
    db: sqlite3.Connection, question: str, k: int, among: Iterable[int] | None = None, terms: Terms | None = None
) -> dict[str, float]:
    """The ``k`` documents that as a whole are about the question's words, by id, with their BM25 scores.

    ``among``, numbers of documents, limits the search to these; ``terms`` are the question's, where they are known.
    """
    query = _any_of(terms or question_terms(db, question))
    if not query:
        return {}
    rows = db.execute(
        "SELECT documents.id, -bm25(abouts) AS score FROM abouts JOIN documents ON number = abouts.rowid"  # noqa: S608
        f" WHERE abouts MATCH ? {_among('abouts.rowid', among)} ORDER BY score DESC LIMIT ?",
        (query, *_values(among), k),
    )
    return {str(row[0]): float(row[1]) for row in rows}


def _any_of(terms: Terms) -> str:
    """An FTS5 query for any of the terms; "" where none of them occurs."""
    return " OR ".join(f'"{term}"' for term in terms.weights)


def _among(column: str, among: Iterable[int] | None) -> str:
    """SQL that lets only some rows through. The plus keeps SQLite from searching the words once for each of them."""
    return f"AND +{column} IN (SELECT value FROM json_each(?))" if among is not None else ""  # noqa: S608


def _values(among: Iterable[int] | None) -> tuple[str, ...]:
    return (json.dumps([int(key) for key in among]),) if among is not None else ()
