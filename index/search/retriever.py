"""Question -> passages: the two sides, their fusion, and the stages after it, in order.

    dense  (embeddings) ─┐
    words  (BM25)       ─┼─> fused -> (expanded) -> (reranked) -> (diverse) -> distinct -> passages
    document fields     ─┘

A side scores chunks by id. A stage after the fusion turns hits into hits (``Step``); ``Retriever.steps`` names them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.errors import ModelError, WindowError
from core.facets import DocumentChoice
from core.messages import _
from core.protocols import Embedder, Expander
from core.settings import Settings
from core.types import Passage
from index.library_embedder import follow
from index.search.choice import DocumentChooser, narrowed, preferring
from index.search.dedupe import dedupe
from index.search.dense import find_dense, usual_weight
from index.search.expanded_query import search_expansions, wants_expansions
from index.search.filters import Filter, ResolvedFilter, resolve
from index.search.fusion import Candidates, find_candidates
from index.search.hits import Hit, StageResult, load_hits, ranked, to_passage
from index.search.mmr import rank_by_mmr
from index.search.neighbours import join_neighbours
from index.search.page_filter import cut_to_pages
from index.search.parameters import DEFAULTS, SearchParameters
from index.search.query import POOL, Query
from index.search.trace import Record, Trace
from index.store.library import Library, no_documents
from index.store.statements import current_generation
from index.store.vectors import VectorIndex

WriteTexts = Callable[[str], Sequence[str]]
"""A question -> the texts that expand it."""

Result = TypeVar("Result")

Step = Callable[[Query, Sequence[Hit]], StageResult]
"""A stage after the fusion: hits, best first -> the hits that it keeps, in its own order."""


def candidate_count(k: int) -> int:
    """The number of fused chunks that the later stages choose ``k`` passages from."""
    return max(POOL // 2, 4 * k)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages found, best first, how long the search took, and notes for the person who asked.

    ``respelled`` are terms that were searched because they are spelt nearly as their values, terms of the question that
    no chunk holds. ``choice`` are the documents that the question asks about, None where it says nothing of that.
    """

    passages: tuple[Passage, ...]
    milliseconds: float
    notes: tuple[str, ...] = ()
    respelled: Mapping[str, str] = field(default_factory=dict)
    choice: DocumentChoice | None = None


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
        """``expander`` writes the texts for the setting ``expand``; without one, no query is expanded.

        Raises EmbedderMismatch if the library was built with another embedder.
        """
        library.check_embedder(embedder)
        self._library = library
        self._embedder = embedder
        self._settings = settings
        self._expander = expander
        self._parameters = parameters
        self._index = VectorIndex(library)
        self._chooser = DocumentChooser()
        self._last_filter: tuple[Filter, int, ResolvedFilter] | None = None
        self.steps = tuple(_steps(settings, parameters))

    @property
    def passages(self) -> int:
        """The number of passages that a search returns by default."""
        return self._settings.passages

    @property
    def dense_weight(self) -> float:
        """The weight of the dense side in 0..1, in a language that the embedder knows."""
        return usual_weight(self._embedder, self._parameters.dense_weight)

    def search(
        self,
        question: str,
        k: int | None = None,
        within: Filter | None = None,
        *,
        cancel: threading.Event | None = None,
        expanded: bool = True,
    ) -> Retrieval:
        """The ``k`` best passages (by default as many as the settings say) of what the filter ``within`` keeps.

        ``expanded`` False searches without query expansion. Setting ``cancel`` stops the model that writes for the
        expansion; if that model fails, a note says that only the question was searched for.
        Raises NoDocuments for an empty library, UsageError for a filter that keeps nothing.
        """
        expander = self._expander if expanded else None

        def run() -> Retrieval:
            record, notes = Record(), list[str]()

            def write(text: str) -> Sequence[str]:
                assert expander is not None
                try:
                    return expander(text, cancel)
                except (ModelError, WindowError) as error:
                    notes.append(_("Only the question itself was searched for: {error}", error=error))
                    return ()

            query = self._query(question, k, within)
            hits = self._run(query, record, write if expander else None)
            hits += self._others(query, within)
            terms = query.term_cache.get(question)
            respelled = terms.respelled if terms else {}
            passages = tuple(map(to_passage, hits))
            return Retrieval(passages, record.milliseconds, tuple(notes), respelled, query.choice)

        return self._with_one_embedder(run)

    def trace(
        self, question: str, k: int | None = None, within: Filter | None = None, *, expanded: bool = True
    ) -> Trace:
        """The ranking of every stage of the same search: POOL chunks of each side, then the ``k`` best.

        Raises what ``search`` raises and, because a trace is for measuring, what the expander raises.
        """

        def run() -> Record:
            record, query = Record(), self._query(question, k, within)
            self._run(query, record, self._expander if expanded else None)
            if "dense" not in record:  # it had no weight and was not searched; a trace shows it all the same
                since = record.milliseconds
                record.add("dense", find_dense(query), since)
            return record

        record = self._with_one_embedder(run)
        with self._library.database.reading() as db:
            return record.trace(db, POOL)

    def _with_one_embedder(self, run: Callable[[], Result]) -> Result:
        """What ``run`` returns, a search by the library's present embedder; it is run again where that has changed.

        Raises what ``run`` raises, EmbedderMismatch, ModelError.
        """
        while True:
            follow(self._library, self._embedder)
            name = self._embedder.name
            try:
                found = run()
            except Exception:  # a vector of one embedder among those of another: whatever that led to
                if self._library.embedder_name in ("", name):
                    raise
                continue
            if self._library.embedder_name in ("", name):
                return found

    def _query(self, question: str, k: int | None, within: Filter | None) -> Query:
        k = k or self._settings.passages
        resolved = choice = None
        with self._library.database.reading() as db:
            if within is not None and not within.keeps_all:
                self._refuse_empty(db)
                resolved = self._resolve(db, within)
            if within is None or not within.anywhere:
                choice = self._chooser.choose(db, question, resolved)
            if choice is not None and choice.is_sure:
                resolved = narrowed(db, resolved, choice)
        return Query(
            question, k, self._library, self._index, self._embedder, self._settings, resolved, self._parameters, choice
        )

    def choice(self, question: str, within: Filter | None = None) -> DocumentChoice | None:
        """The documents that a question asks about; None where it says nothing of that."""
        return self._query(question, None, within).choice

    def searched_chunks(self, question: str, within: Filter | None = None) -> ResolvedFilter | None:
        """What a search for the question is limited to; None where it is all of the library."""
        return self._query(question, None, within).filter

    def _others(self, query: Query, within: Filter | None) -> tuple[Hit, ...]:
        """Of other documents, as many as are missing where the chosen ones have fewer chunks than are wanted."""
        choice = query.choice
        if choice is None or not choice.is_sure or query.filter is None or len(query.filter.chunks) >= query.k:
            return ()
        wide = self._query(query.question, query.k, replace(within or Filter(), anywhere=True))
        wide = replace(wide, vector_cache=query.vector_cache)
        others = (hit for hit in self._run(wide, Record(), None) if hit.document_id not in choice.document_ids)
        return tuple(others)[: query.k - len(query.filter.chunks)]

    def _resolve(self, db: sqlite3.Connection, within: Filter) -> ResolvedFilter:
        """Resolve a filter; the last one is cached until the library changes, as a conversation keeps its filter."""
        generation = current_generation(db)
        last = self._last_filter
        if last is None or last[:2] != (within, generation):
            last = self._last_filter = (within, generation, resolve(db, within))
        return last[2]

    def _refuse_empty(self, db: sqlite3.Connection) -> None:
        if not db.execute("SELECT 1 FROM chunks LIMIT 1").fetchone():
            raise no_documents(self._library.folder)

    def _run(self, query: Query, record: Record, write: WriteTexts | None) -> tuple[Hit, ...]:
        """All stages for one question, each recorded in ``record``."""
        candidates = find_candidates(query, record)
        if write is not None and wants_expansions(query):
            candidates = search_expansions(query, write(query.question), candidates)
            record.add("expanded", candidates.fused)
        if query.choice is not None and not query.choice.is_sure:
            with self._library.database.reading() as db:
                candidates = preferring(db, candidates, query.choice, query.parameters.other_documents)
            record.add("expanded" if "expanded" in record else "fused", candidates.fused)
        hits = self._load(query, candidates)
        for name, step in self.steps:
            result = step(query, hits)
            record.add(name, result)
            hits = result.hits
        return hits

    def _load(self, query: Query, candidates: Candidates) -> tuple[Hit, ...]:
        """The best candidates as hits, more than are wanted, cut to the filter's pages."""
        with self._library.database.reading() as db:
            if not candidates.fused:
                self._refuse_empty(db)
            best = ranked(candidates.fused)[: candidate_count(query.k)]
            hits = load_hits(db, best, candidates.fused, candidates.dense, candidates.lexical)
        if query.filter is None or query.filter.pages is None:
            return hits
        return tuple(cut for hit in hits if (cut := cut_to_pages(hit, query.filter.pages)) is not None)


def _steps(settings: Settings, parameters: SearchParameters) -> Iterator[tuple[str, Step]]:
    """The stages after the fusion with their names: those that are asked for, then those of every search."""
    if settings.reranker:
        from index.search.rerank import load_reranker

        yield "reranked", load_reranker(settings)
    if parameters.diversity:
        yield "diverse", rank_by_mmr
    yield "distinct", dedupe
    yield "passages", join_neighbours
