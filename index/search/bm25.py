"""The lexical side: chunks and documents that hold the question's terms, by BM25 in SQLite's FTS5 and by proximity."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from index.search.hits import Scores
from index.search.proximity import proximity, telling_pairs
from index.search.query import POOL, Query
from index.search.query_terms import QueryTerms, question_terms

FILE_WEIGHT = 1.0
"""How much a term of a document's name or title counts beside one of its text."""

Ids = Sequence[int] | NDArray[np.int64]
"""Ids of rows, none negative."""


def find_lexical(query: Query) -> dict[int, float]:
    """The POOL best chunks by BM25 and by how close the question's terms are to each other in them.

    Scores are shares of the question: 1 where a chunk holds each of its terms once, all of them close together.
    """
    with query.library.database.reading() as db:
        terms = query.terms(db)
        found = dict(
            search_chunks(db, query.question, POOL, file_weight=FILE_WEIGHT, among=query.filter_chunks, terms=terms)
        )
        pairs = telling_pairs(terms, query.parameters.proximity)
        near = proximity(db, pairs, found)
    whole = terms.weight + sum(weight for *_, weight in pairs)
    return {key: (score + near.get(key, 0.0)) / whole for key, score in found.items()}


def find_document_fields(query: Query, chunks: Scores) -> tuple[dict[int, float], float]:
    """The BM25 score of the fields of each chunk's document (name, title, keywords, beginning), by chunk id.

    Chunks whose document was not found are left out. The second value, in 0..1, says how much longer the documents are
    than one chunk: the mean of 1 - 1/n over ``chunks``, n being the number of chunks of a chunk's document.
    """
    with query.library.database.reading() as db:
        rows = db.execute(
            "SELECT id, document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(chunks)),),
        ).fetchall()
        sizes = {document: _chunk_count(db, document) for document in {row["document_id"] for row in rows}}
        length = mean([1 - 1 / sizes[row["document_id"]] for row in rows] or [0.0])
        if not length * query.parameters.about_weight:
            return {}, length
        among = None if query.filter is None else query.filter.documents
        documents = search_document_fields(db, query.question, POOL, among, query.terms(db))
    scores = {row["id"]: documents[row["document_id"]] for row in rows if row["document_id"] in documents}
    return scores, length


def search_chunks(
    db: sqlite3.Connection,
    question: str,
    k: int,
    *,
    file_weight: float,
    body_weight: float = 1.0,
    among: Ids | None = None,
    terms: QueryTerms | None = None,
) -> list[tuple[int, float]]:
    """The ``k`` best chunks by BM25 as (chunk id, score), best first; scores are positive. Accepts any question.

    ``among``, chunk ids, limits the search to these; ``terms`` are the question's, where they are known already.
    """
    terms = terms or question_terms(db, question)
    names = list(terms.weights)
    if not names:
        return []
    found = []
    if terms.needed < len(names):  # the first part counts too: each term is named as often as it counts, all twice
        needed = names[: terms.needed]
        again = Counter(_as_they_count(terms, names * 2)) - Counter(needed)
        query = f"({_any_of(needed)}) AND ({_any_of(again.elements())})"
        found = _best(db, query, 2 * _times(terms), k, (file_weight, body_weight), among)
    if terms.needed == len(names) or (among is not None and len(found) < k):
        # What is rare in the library may occur in none of the chunks that a filter keeps.
        query = _any_of(_as_they_count(terms, names))
        found = _best(db, query, _times(terms), k, (file_weight, body_weight), among)
    return found


def _times(terms: QueryTerms) -> int:
    """How often a term that counts in full is named: FTS5 counts each as often as it is named."""
    return 2 if terms.halved else 1


def _as_they_count(terms: QueryTerms, names: Iterable[str]) -> list[str]:
    """``names`` with those that count in full as often as ``_times`` says, and those that count half once."""
    return [each for name in names for each in [name] * (1 if name in terms.halved else _times(terms))]


def _best(
    db: sqlite3.Connection, query: str, times: int, k: int, weights: tuple[float, float], among: Ids | None
) -> list[tuple[int, float]]:
    """The ``k`` best rows for an FTS5 query that names each term that counts in full ``times`` times."""
    rows = db.execute(
        "SELECT rowid, -bm25(words, ?, ?) / ? AS score FROM words WHERE words MATCH ?"  # noqa: S608
        f" {_among('rowid', among)} ORDER BY score DESC, rowid LIMIT ?",
        (*weights, times, query, *_mask(among), k),
    )
    return [(int(row[0]), float(row[1])) for row in rows]


def search_document_fields(
    db: sqlite3.Connection, question: str, k: int, among: Ids | None = None, terms: QueryTerms | None = None
) -> dict[str, float]:
    """BM25 scores by document id of the ``k`` documents whose fields match the question best.

    ``among``, numbers of documents, limits the search to these; ``terms`` are the question's, where they are known.
    """
    terms = terms or question_terms(db, question)
    query = _any_of(_as_they_count(terms, terms.weights))
    if not query:
        return {}
    rows = db.execute(
        "SELECT documents.id, -bm25(abouts) / ? AS score FROM abouts JOIN documents ON number = abouts.rowid"  # noqa: S608
        f" WHERE abouts MATCH ? {_among('abouts.rowid', among)} ORDER BY score DESC LIMIT ?",
        (_times(terms), query, *_mask(among), k),
    )
    return {str(row[0]): float(row[1]) for row in rows}


def _chunk_count(db: sqlite3.Connection, document: str) -> int:
    """Chunks of a document; they are numbered from 0, and an index holds their order."""
    row = db.execute("SELECT max(ordinal) + 1 FROM chunks WHERE document_id = ?", (document,)).fetchone()
    return int(row[0])


def _any_of(names: Iterable[str]) -> str:
    """An FTS5 query for any of these terms; "" for none."""
    return " OR ".join(f'"{name}"' for name in names)


def _among(column: str, among: Ids | None) -> str:
    """SQL that keeps only the rows of ``among``, checked for each row that matches the terms; see ``_mask``."""
    return f"AND substr(?, {column} + 1, 1) = x'01'" if among is not None else ""


def _mask(among: Ids | None) -> tuple[bytes, ...]:
    """One byte a row, at the row's id; () for no limit. Ten times as fast as a list of 100,000 ids."""
    if among is None:
        return ()
    ids = np.asarray(among, dtype=np.int64)
    mask = np.zeros(ids.max(initial=0) + 1, dtype=np.uint8)
    mask[ids] = 1
    return (mask.tobytes(),)
