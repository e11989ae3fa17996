"""Why a chunk was found or not: its rank at every stage of a search, and the stage that dropped it, with the reason."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import UsageError
from core.types import Locator
from index.search.filters import Filter, ResolvedFilter, resolve
from index.search.page_filter import span_on_pages
from index.search.query import POOL
from index.search.retriever import Retriever, candidate_count
from index.search.trace import SIDES, WIDE, Place, Stage
from index.store.library import Library
from index.store.records import to_pages
from ingest.locate import locate

SHOWN = 10
"""Chunks that are explained: as many as a person reads in one table."""


@dataclass(frozen=True, slots=True)
class StageRank:
    """A chunk's rank at a stage, from 1, and the stage's own score; None where the stage did not have it."""

    stage: str
    rank: int | None
    score: float | None


@dataclass(frozen=True, slots=True)
class ChunkOutcome:
    """A chunk, its rank at every stage in order, and what became of it.

    ``ended`` names the stage that dropped it, "" for one that was found; ``why`` is the reason in a sentence, "" for a
    chunk that became a passage unchanged. ``text == document.text[start:end]``.
    """

    document_id: str
    file: str
    locator: Locator
    start: int
    end: int
    text: str
    ranks: tuple[StageRank, ...]
    ended: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The stages in order with the number of chunks at each, and the outcomes of chunks, those that got furthest first.

    ``more`` counts further chunks of the document that got less far than those listed.
    """

    question: str
    stages: tuple[tuple[str, int], ...]
    outcomes: tuple[ChunkOutcome, ...]
    more: int


def explain(
    question: str,
    retriever: Retriever,
    library: Library,
    *,
    document: str = "",
    page: int | None = None,
    within: Filter | None = None,
    k: int | None = None,
    most: int = SHOWN,
    expanded: bool = True,
) -> Explanation:
    """What became of the chunks of ``document``, or of those on its ``page``; without a document, of the best chunks.

    At most ``most`` chunks are explained. ``expanded`` False explains a search without query expansion.

    Raises UsageError where there is no such document or page, or a page is of no document, and what
    ``Retriever.trace`` raises.
    """
    if page is not None and not document:
        raise UsageError("a page needs its document.", "Say of which document the page is.")
    stages = retriever.trace(question, k, within, expanded=expanded).stages
    filtered = retriever.searched_chunks(question, within)
    with library.database.reading() as db:
        chunks = _chunks_of(db, document, page) if document else _first(stages, most)
        history = _StageHistory(stages, filtered, candidate_count(k or retriever.passages), retriever.dense_weight)
        order = sorted(chunks, key=history.distance)
        outcomes = tuple(_outcomes(db, order[:most] if document else order, history))
    sizes = tuple((stage.name, len(stage.places)) for stage in stages)
    return Explanation(question, sizes, outcomes, max(0, len(order) - len(outcomes)) if document else 0)


def _chunks_of(db: sqlite3.Connection, document: str, page: int | None) -> list[int]:
    """The chunk ids of a document, or of one of its pages."""
    pages = None if page is None else (page, page)
    found: list[int] = resolve(db, Filter(documents=(document,), pages=pages)).chunks.tolist()
    return found


def _first(stages: Sequence[Stage], most: int) -> list[int]:
    """The first ``most`` chunks after the fusion, and all that became passages."""
    fused = next(stage for stage in stages if stage.name not in SIDES)
    places = (*fused.places[:most], *stages[-1].places)
    return list(dict.fromkeys(key for place in places for key in place.chunks))


class _StageHistory:
    """The stages of one search, looked up by chunk id."""

    def __init__(
        self, stages: Sequence[Stage], resolved: ResolvedFilter | None, depth: int, dense_weight: float
    ) -> None:
        self.stages = stages
        self._filter_chunks = None if resolved is None else frozenset(resolved.chunks.tolist())
        self._pages = None if resolved is None else resolved.pages
        self._depth = depth
        self._dense_weight = dense_weight
        self._ranks = [_ranks(stage) for stage in stages]

    def distance(self, key: int) -> tuple[float, ...]:
        """Sort key for how far a chunk got: its rank at the last stage, then at the one before it, and so on."""
        return tuple(ranks.get(key, (float("inf"), None))[0] for ranks in reversed(self._ranks))

    def ranks(self, key: int) -> tuple[StageRank, ...]:
        """The chunk's rank at every stage."""
        found = []
        for stage, ranks in zip(self.stages, self._ranks, strict=True):
            rank, place = ranks.get(key, (None, None))
            found.append(StageRank(stage.name, rank, place.score if place else None))
        return tuple(found)

    def joined(self, key: int) -> tuple[int, ...]:
        """The other chunks of the passage that this one became part of."""
        place = self._ranks[-1].get(key, (0, None))[1]
        return tuple(other for other in place.chunks if other != key) if place else ()

    def ended(self, key: int) -> int | None:
        """The index of the first stage after the sides that the chunk did not pass; None for one that was found."""
        for at, stage in enumerate(self.stages):
            if stage.name not in SIDES and key not in self._ranks[at]:
                return at
        return None

    def duplicate_of(self, key: int, at: int) -> int | None:
        """The chunk that was kept where the stage at this index dropped this one as its repeat."""
        return self.stages[at].duplicate_of.get(key)

    def why(self, key: int, at: int) -> str:
        """Why the stage at this index dropped the chunk, where it is no repeat."""
        before = self._ranks[at - 1]
        if key not in before or self.stages[at - 1].name in SIDES:
            return self._why_not_fused(key)
        rank = before[key][0]
        if rank > self._depth and self.stages[at - 1].name in WIDE:
            return f"below the first {self._depth} of {self.stages[at - 1].name}, which go on"
        lower = [p for p in self.stages[at].places if any(before.get(c, (0, None))[0] > rank for c in p.chunks)]
        if lower and self.stages[at].name == "distinct":
            return "passages of other documents came first: better ones of its own document were taken already"
        return f"{len(self.stages[at].places)} others came first"

    def cut_to_nothing(self, key: int, at: int, row: sqlite3.Row) -> bool:
        """Whether the filter's pages hold no text of the chunk, which was then dropped when it was loaded."""
        if self._pages is None or self.stages[at - 1].name not in WIDE:
            return False
        rank = self._ranks[at - 1].get(key, (self._depth + 1, None))[0]
        return rank <= self._depth and span_on_pages(row["text"], to_pages(row["pages"]), self._pages) is None

    def _why_not_fused(self, key: int) -> str:
        if self._filter_chunks is not None and key not in self._filter_chunks:
            return "left out by the filter"  # or of a document that is not asked about
        sides = {stage.name: stage for stage in self.stages if stage.name in SIDES}
        if any(key in ranks for stage, ranks in zip(self.stages, self._ranks, strict=True) if stage.name in SIDES):
            reason = "found by meaning alone, which does not count here: "
            return reason + ("the embedder does not know the language" if self._dense_weight else "dense_weight is 0")
        full = [f"{name} from {s.places[-1].score:.3g}" for name, s in sides.items() if len(s.places) >= POOL]
        return f"below the first {POOL} of both sides" + (f" ({', '.join(full)})" if full else "")


def _ranks(stage: Stage) -> dict[int, tuple[int, Place]]:
    return {key: (rank, place) for rank, place in enumerate(stage.places, 1) for key in place.chunks}


def _outcomes(db: sqlite3.Connection, keys: Sequence[int], history: _StageHistory) -> Iterable[ChunkOutcome]:
    ends = {key: history.ended(key) for key in keys}
    others = {key: None if at is None else history.duplicate_of(key, at) for key, at in ends.items()}
    wanted = {*keys, *(o for o in others.values() if o), *(o for key in keys for o in history.joined(key))}
    rows = {
        row["id"]: row
        for row in db.execute(
            "SELECT chunks.*, documents.name FROM chunks JOIN documents ON documents.id = chunks.document_id"
            " WHERE chunks.id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(wanted)),),
        )
    }
    for key in keys:
        if key not in rows:  # removed since the search
            continue
        row, at, other = rows[key], ends[key], others[key]
        if at is None:
            names = [_where(rows[one]) for one in history.joined(key) if one in rows]
            why = f"joined with its neighbours ({'; '.join(names)})" if names else ""
        elif other is not None:
            why = f"says the same as {rows[other]['name']}, {_where(rows[other])}" if other in rows else "a repeat"
        elif history.cut_to_nothing(key, at, row):
            why = "the filter's pages hold no text of it"
        else:
            why = history.why(key, at)
        yield ChunkOutcome(
            document_id=row["document_id"],
            file=row["name"],
            locator=locate(to_pages(row["pages"]), row["text"], 0),
            start=row["start"],
            end=row["end"],
            text=row["text"],
            ranks=history.ranks(key),
            ended="" if at is None else history.stages[at].name,
            why=why,
        )


def _where(row: sqlite3.Row) -> str:
    """Where a chunk begins, and its first words: neighbours often stand on one page."""
    place = locate(to_pages(row["pages"]), row["text"], 0).label
    return f"{place} “{' '.join(row['text'].split()[:5])}…”".strip()
