"""A question on its way through the stages, and what each side finds for it: dense, words, and about."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from core.settings import Settings
from index.embed import Multilingual
from index.search.bm25 import search_abouts, search_words
from index.search.filters import Kept
from index.search.fusion import FILE_WEIGHT, POOL, clearness, dense_share, fuse, lean, lift
from index.search.hits import Scored
from index.search.parameters import DEFAULTS, SearchParameters
from index.search.proximity import closeness, telling_pairs
from index.search.query_terms import Terms, question_terms
from index.search.trace import Record
from index.store.library import Library
from index.store.vectors import VectorIndex

Vector = NDArray[np.float32]

BACKGROUND = 256
"""Vectors that say what cosines a question has with any chunk: their spread is then known to within 5 %."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, the number of passages wanted, and what a stage may look things up in.

    ``kept`` is what a filter keeps, None for all of the library. ``vectors`` and ``known`` hold those of questions that
    were embedded, and whose terms were looked up, on the way.
    """

    question: str
    k: int
    library: Library
    index: VectorIndex
    embedder: Embedder
    settings: Settings
    kept: Kept | None = None
    parameters: SearchParameters = DEFAULTS
    vectors: dict[str, Vector] = field(default_factory=dict, compare=False)
    known: dict[str, Terms] = field(default_factory=dict, compare=False)

    def vector(self) -> Vector:
        """The question's unit vector of shape (dimension,), computed once."""
        if self.question not in self.vectors:
            self.vectors[self.question] = self.embedder.embed_question(self.question)
        return self.vectors[self.question]

    def terms(self, db: sqlite3.Connection) -> Terms:
        """The question's terms, looked up once."""
        if self.question not in self.known:
            self.known[self.question] = question_terms(db, self.question)
        return self.known[self.question]


@dataclass(frozen=True, slots=True)
class Found:
    """What the sides found, by chunk id: cosines, shares of the question's words, and the fused score in 0..1."""

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
    weight = dense_weight(query)
    if dense and words and 0 < weight < 1:
        weight = lean(weight, find_clearness(query, max(dense.values())), query.parameters.dense_lean)
    both = fuse(dense, words, weight)
    about, parts = find_about(query, both)
    return lift(both, about, query.parameters.about_weight * parts)


def dense_weight(query: Query) -> float:
    """The dense side's weight in 0..1: the parameters', less where the embedder does not know the language."""
    embedder = query.embedder
    familiarity = embedder.familiarity(query.question) if isinstance(embedder, Multilingual) else 1.0
    return dense_share(query.parameters.dense_weight, familiarity)


def find_dense(query: Query, also: Iterable[int] = ()) -> dict[int, float]:
    """The POOL nearest chunks with their cosines, and the cosines of those in ``also``, which the words found."""
    vector = query.vector()
    among = None if query.kept is None else query.kept.chunks
    nearest = dict(query.index.search(vector, POOL, among))
    return nearest | query.index.similarities(vector, [key for key in also if key not in nearest])


def find_clearness(query: Query, nearest: float) -> float:
    """How far the cosine ``nearest`` stands out from those of any chunks (see ``clearness``)."""
    with query.library.database.reading() as db:
        # Hashes are random, so that the first in their order are a fair sample; an index holds that order.
        rows = db.execute("SELECT vector FROM embeddings ORDER BY hash LIMIT ?", (BACKGROUND,)).fetchall()
    if not rows:  # the last document was removed since the search
        return 0.0
    background = np.frombuffer(b"".join(row[0] for row in rows), dtype="<f4").reshape(len(rows), -1)
    chunks = len(query.index) if query.kept is None else len(query.kept.chunks)
    return clearness(nearest, background @ query.vector(), chunks)


def find_words(query: Query) -> dict[int, float]:
    """The POOL best chunks by BM25 and by how close the question's words stand together in them.

    Scores are shares of the question: 1 where a chunk holds each of its words once, all of them close together.
    """
    among = None if query.kept is None else query.kept.chunks
    with query.library.database.reading() as db:
        terms = query.terms(db)
        found = dict(search_words(db, query.question, POOL, file_weight=FILE_WEIGHT, among=among, terms=terms))
        pairs = telling_pairs(terms, query.parameters.proximity)
        close = closeness(db, pairs, found)
    whole = terms.weight + sum(weight for *_, weight in pairs)
    return {key: (score + close.get(key, 0.0)) / whole for key, score in found.items()}


def find_about(query: Query, chunks: Scored) -> tuple[dict[int, float], float]:
    """The BM25 score of the whole document that each of ``chunks`` is of; those of other documents are left out.

    And how much more than its parts a document is: the mean of 1 - 1/n over ``chunks``, n the chunks of its document.
    """
    with query.library.database.reading() as db:
        rows = db.execute(
            "SELECT id, document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(chunks)),),
        ).fetchall()
        sizes = {document: _size(db, document) for document in {row["document_id"] for row in rows}}
        parts = mean([1 - 1 / sizes[row["document_id"]] for row in rows] or [0.0])
        if not parts * query.parameters.about_weight:
            return {}, parts
        among = None if query.kept is None else query.kept.documents
        documents = search_abouts(db, query.question, POOL, among, query.terms(db))
    about = {row["id"]: documents[row["document_id"]] for row in rows if row["document_id"] in documents}
    return about, parts


def _size(db: sqlite3.Connection, document: str) -> int:
    """Chunks of a document; they are numbered from 0, and an index holds their order."""
    row = db.execute("SELECT max(ordinal) + 1 FROM chunks WHERE document_id = ?", (document,)).fetchone()
    return int(row[0])
