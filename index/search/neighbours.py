"""Hits that are neighbouring chunks of a document -> one passage."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from index.page_spans import shift
from index.search.hits import Hit, StageResult
from index.search.query import Query

MOST_JOINED = 3
"""Neighbouring chunks joined into one passage at most: about 570 of the embedder's tokens."""


def join_neighbours(query: Query, hits: Sequence[Hit]) -> StageResult:
    """Join neighbouring chunks into one hit, at the rank and with the score of the better one."""
    joined: list[Hit] = []
    with query.library.database.reading() as db:
        for hit in hits:
            near = next((other for other in joined if _neighbours(hit, other)), None)
            whole = _join(db, near, hit) if near is not None else None
            if near is None or whole is None:
                joined.append(hit)
            else:
                joined[joined.index(near)] = whole
    return StageResult(tuple(joined))


def _join(db: sqlite3.Connection, better: Hit, other: Hit) -> Hit | None:
    """Two neighbours as one hit with the better one's score, with the document's own text between them.

    None where the document was removed since they were found.
    """
    before, after = (better, other) if better.first < other.first else (other, better)
    row = db.execute(
        "SELECT substr(text, ? + 1, ? - ?) FROM documents WHERE id = ?",
        (before.end, after.start, before.end, before.document_id),
    ).fetchone()
    if row is None:
        return None
    return replace(
        better,
        chunks=before.chunks + after.chunks,
        first=before.first,
        last=after.last,
        start=before.start,
        end=after.end,
        headings=before.headings,
        text=before.text + str(row[0]) + after.text,
        pages=before.pages + shift(after.pages, after.start - before.start),
        dense=_larger(better.dense, other.dense),
        lexical=_larger(better.lexical, other.lexical),
    )


def _neighbours(hit: Hit, other: Hit) -> bool:
    """Whether one hit follows the other directly and both together are at most MOST_JOINED chunks."""
    return (
        hit.document_id == other.document_id
        and (hit.first == other.last + 1 or hit.last + 1 == other.first)
        and max(hit.last, other.last) - min(hit.first, other.first) < MOST_JOINED
    )


def _larger(one: float | None, other: float | None) -> float | None:
    return max((score for score in (one, other) if score is not None), default=None)
