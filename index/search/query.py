"""The question of one search with what every stage needs to answer it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.facets import DocumentChoice
from core.protocols import Embedder
from core.settings import Settings
from index.search.filters import ResolvedFilter
from index.search.parameters import DEFAULTS, SearchParameters
from index.search.query_terms import QueryTerms, question_terms
from index.store.library import Library
from index.store.vectors import VectorIndex

POOL = 100
"""Chunks that each side (dense, BM25) proposes."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, the number ``k`` of passages wanted, and the library, index and models that the stages use.

    ``filter`` limits the search to a part of the library; None searches all of it. ``choice`` are the documents that
    the question asks about: where it is sure, ``filter`` keeps these alone. ``vector_cache`` and ``term_cache``
    hold embeddings and terms by question, so that each is computed once.
    """

    question: str
    k: int
    library: Library
    index: VectorIndex
    embedder: Embedder
    settings: Settings
    filter: ResolvedFilter | None = None
    parameters: SearchParameters = DEFAULTS
    choice: DocumentChoice | None = None
    vector_cache: dict[str, NDArray[np.float32]] = field(default_factory=dict, compare=False)
    term_cache: dict[str, QueryTerms] = field(default_factory=dict, compare=False)

    def vector(self) -> NDArray[np.float32]:
        """The question's unit vector of shape (dimension,), computed once."""
        if self.question not in self.vector_cache:
            self.vector_cache[self.question] = self.embedder.embed_question(self.question)
        return self.vector_cache[self.question]

    def terms(self, db: sqlite3.Connection) -> QueryTerms:
        """The question's terms and their weights, looked up once."""
        if self.question not in self.term_cache:
            self.term_cache[self.question] = question_terms(db, self.question)
        return self.term_cache[self.question]

    @property
    def filter_chunks(self) -> NDArray[np.int64] | None:
        """The chunk ids that the filter keeps, of shape (n,), sorted; None without a filter."""
        return None if self.filter is None else self.filter.chunks
