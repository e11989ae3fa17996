"""Question -> passages: what means the same (dense) and what says the same (words), fused, without repeats.

    dense ─┐
    words ─┼─> fused -> (expanded) -> (reranked) -> (diverse) -> distinct -> passages
    about ─┘

A side ranks chunk ids; a stage after the fusion turns hits into hits (``Step``) and is named in ``Retriever.steps``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import ModelError, WindowError
from core.protocols import Embedder, Expander
from core.settings import Settings
from core.types import Passage
from index.search.dedupe import distinct
from index.search.expanded_query import search_expansions, wants_expansions
from index.search.filters import Filter, Kept, cut, resolve
from index.search.fusion import POOL
from index.search.hits import Hit, Sifted, load_hits, ranked, to_passage
from index.search.mmr import diversify
from index.search.neighbours import join_neighbours
from index.search.parameters import DEFAULTS, SearchParameters
from index.search.query import Query, find, find_dense
from index.search.trace import Record, Trace
from index.store.library import Library, no_documents
from index.store.statements import current_generation
from index.store.vectors import VectorIndex

Write = Callable[[str], Sequence[str]]
"""A question -> what to search for besides."""

Step = Callable[[Query, Sequence[Hit]], Sifted]
"""A stage after the fusion: hits, best first -> those it keeps, in its own order."""


def candidates(k: int) -> int:
    """How many of the fused chunks go on, for the later stages to choose ``k`` from."""
    return max(POOL // 2, 4 * k)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages found, best first, how long the search took, and what a person should know of it."""

    passages: tuple[Passage, ...]
    milliseconds: float
    notes: tuple[str, ...] = ()


class Retriever:
    """Searches one library. Thread-safe; sees what any process committed before the question was asked."""

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        settings: Settings,
        expander: Expander | None = None,
        parameters: SearchParameters = DEFAULTS,
    ) -> None:
        """``expander`` writes what the setting ``expand`` searches for besides; without one nothing is.

        Raises EmbedderMismatch where the library was built with another embedder.
        """
        library.check_embedder(embedder)
        self._library = library
        self._embedder = embedder
        self._settings = settings
        self._expander = expander
        self._parameters = parameters
        self._index = VectorIndex(library)
        self._last_kept: tuple[Filter, int, Kept] | None = None
        self.steps = tuple(_steps(settings, parameters))

    @property
    def passages(self) -> int:
        """How many passages a search returns where nothing else is said."""
        return self._settings.passages

    @property
    def dense_weight(self) -> float:
        """The parameters' weight of the dense side in 0..1."""
        return self._parameters.dense_weight

    def search(
        self,
        question: str,
        k: int | None = None,
        within: Filter | None = None,
        *,
        cancel: threading.Event | None = None,
        expanded: bool = True,
    ) -> Retrieval:
        """The ``k`` best passages (the settings' number by default) of what the filter ``within`` keeps.

        Nothing is written to search for besides where not ``expanded``, no more once ``cancel`` is set, and nothing, as
        a note says, where the model that writes it fails.
        Raises NoDocuments for an empty library, UsageError for a filter that keeps nothing.
        """
        record, notes, expander = Record(), list[str](), self._expander

        def write(text: str) -> Sequence[str]:
            assert expander is not None
            try:
                return expander(text, cancel)
            except (ModelError, WindowError) as error:
                notes.append(f"Only the question itself was searched for: {error}")
                return ()

        hits = self._run(self._query(question, k, within), record, write if expander and expanded else None)
        return Retrieval(tuple(map(to_passage, hits)), record.milliseconds, tuple(notes))

    def trace(
        self, question: str, k: int | None = None, within: Filter | None = None, *, expanded: bool = True
    ) -> Trace:
        """What every stage of that search ranked: POOL chunks of each side, then the ``k`` best.

        Raises what ``search`` raises, and what the expander raises: the trace is for measuring.
        """
        record = Record()
        query = self._query(question, k, within)
        self._run(query, record, self._expander if expanded else None)
        if "dense" not in record:  # the search did without it; what it would have found is shown all the same
            since = record.milliseconds
            record.add("dense", find_dense(query), since)
        with self._library.database.reading() as db:
            return record.trace(db, POOL)

    def _query(self, question: str, k: int | None, within: Filter | None) -> Query:
        k = k or self._settings.passages
        kept = None
        if within is not None:
            with self._library.database.reading() as db:
                self._refuse_empty(db)
                kept = self._kept(db, within)
        return Query(question, k, self._library, self._index, self._embedder, self._settings, kept, self._parameters)

    def _kept(self, db: sqlite3.Connection, within: Filter) -> Kept:
        """What the filter keeps, remembered while neither it nor the library changes: a talk asks in one place."""
        generation = current_generation(db)
        last = self._last_kept
        if last is None or last[:2] != (within, generation):
            last = self._last_kept = (within, generation, resolve(db, within))
        return last[2]

    def _refuse_empty(self, db: sqlite3.Connection) -> None:
        if not db.execute("SELECT 1 FROM chunks LIMIT 1").fetchone():
            raise no_documents(self._library.name)

    def _run(self, query: Query, record: Record, write: Write | None) -> tuple[Hit, ...]:
        """The whole line for one question, each stage kept in ``record``."""
        hits = self._candidates(query, record, write)
        for name, step in self.steps:
            sifted = step(query, hits)
            record.add(name, sifted)
            hits = sifted.hits
        return hits

    def _candidates(self, query: Query, record: Record, write: Write | None) -> tuple[Hit, ...]:
        """The best chunks by the fused score of all sides: more than are wanted, for the stages to choose from."""
        found = find(query, record)
        if write is not None and wants_expansions(query):
            found = search_expansions(query, write(query.question), found)
            record.add("expanded", found.fused)
        with self._library.database.reading() as db:
            if not found.fused:
                self._refuse_empty(db)
            best = ranked(found.fused)[: candidates(query.k)]
            hits = load_hits(db, best, found.fused, found.dense, found.words)
        if query.kept is None or query.kept.pages is None:
            return hits
        return tuple(part for hit in hits if (part := cut(hit, query.kept.pages)) is not None)


def _steps(settings: Settings, parameters: SearchParameters) -> Iterator[tuple[str, Step]]:
    """The stages after the fusion, by name: those that are asked for, and those that are always there."""
    if settings.reranker:
        from index.search.rerank import load_reranker

        yield "reranked", load_reranker(settings)
    if parameters.diversity:
        yield "diverse", diversify
    yield "distinct", distinct
    yield "passages", join_neighbours
