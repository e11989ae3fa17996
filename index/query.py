"""A question on its way through the stages, and what each side finds for it: dense, words, and about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from core.protocols import Embedder
from core.settings import Settings
from index.embed import Multilingual
from index.filters import Kept
from index.fuse import ABOUT_WEIGHT, FILE_WEIGHT, POOL, dense_share, fuse, lift
from index.hits import Scored
from index.library import Library
from index.trace import Record
from index.vectors import VectorIndex
from index.words import search_abouts, search_words


@dataclass(frozen=True, slots=True)
class Query:
    """A question, the number of passages wanted, and what a stage may look things up in.

    ``kept`` is what a filter keeps, None for all of the library.
    """

    question: str
    k: int
    library: Library
    index: VectorIndex
    embedder: Embedder
    settings: Settings
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the sides found, by chunk id: cosines, BM25 scores, and the fused score in 0..1."""

    dense: Scored
    words: Scored
    fused: Scored


def find(query: Query, record: Record) -> Found:
    """What both sides find, fused; each is kept in ``record``. The dense side is spared where it counts nothing."""
    since = record.milliseconds
    words = find_words(query)
    record.add("words", words, since)
    dense: dict[int, float] = {}
    weight = dense_weight(query)
    if weight > 0 or not words:
        since = record.milliseconds
        dense = find_dense(query, also=words)
        record.add("dense", dense, since)
    fused = fuse_sides(query, dense, words)
    record.add("fused", fused)
    return Found(dense, words, fused)


def fuse_sides(query: Query, dense: Scored, words: Scored) -> dict[int, float]:
    """The fused score of every chunk that a side found, lifted by what its document is about."""
    both = fuse(dense, words, dense_weight(query))
    return lift(both, find_about(query, both), ABOUT_WEIGHT)


def dense_weight(query: Query) -> float:
    """The dense side's weight in 0..1: the settings', less where the embedder does not know the language."""
    embedder = query.embedder
    familiarity = embedder.familiarity(query.question) if isinstance(embedder, Multilingual) else 1.0
    return dense_share(query.settings.dense_weight, familiarity)


def find_dense(query: Query, also: Iterable[int] = ()) -> dict[int, float]:
    """The POOL nearest chunks with their cosines, and the cosines of those in ``also``, which the words found."""
    vector = query.embedder.embed_question(query.question)
    among = None if query.kept is None else query.kept.chunks
    nearest = dict(query.index.search(vector, POOL, among))
    return nearest | query.index.similarities(vector, [key for key in also if key not in nearest])


def find_words(query: Query) -> dict[int, float]:
    """The POOL best chunks by BM25, with their scores."""
    among = None if query.kept is None else query.kept.chunks
    with query.library.database.reading() as db:
        return dict(search_words(db, query.question, POOL, file_weight=FILE_WEIGHT, among=among))


def find_about(query: Query, chunks: Scored) -> dict[int, float]:
    """The BM25 score of the whole document that each of ``chunks`` is of; those of other documents are left out."""
    with query.library.database.reading() as db:
        among = None if query.kept is None else query.kept.documents
        documents = search_abouts(db, query.question, POOL, among)
        rows = db.execute(
            "SELECT id, document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(chunks)),),
        ).fetchall()
    return {row["id"]: documents[row["document_id"]] for row in rows if row["document_id"] in documents}
