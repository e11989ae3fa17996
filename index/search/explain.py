"""Why a passage was found, or not: where it stood at every stage of a search, and which stage ended its way and why."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import UsageError
from core.types import Locator
from index.search.filters import Filter, Kept, cut_text, resolve
from index.search.fusion import POOL
from index.search.retriever import Retriever, candidates
from index.search.trace import SIDES, Place, Stage
from index.store.library import Library
from index.store.records import to_pages
from ingest.locate import locate

SHOWN = 10
"""Chunks that are explained: as many as a person reads in one table."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a chunk stood at a stage: its rank from 1 and the stage's own score, None where it was not there."""

    stage: str
    rank: int | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Fate:
    """A chunk, its standing at every stage in order, and what became of it.

    ``ended`` names the stage that it did not pass, "" for one that was found; ``why`` says what happened in words, ""
    for a chunk that became a passage as it is. ``text == document.text[start:end]``.
    """

    document_id: str
    file: str
    locator: Locator
    start: int
    end: int
    text: str
    standings: tuple[Standing, ...]
    ended: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The stages in order with how many places each had, and what became of the chunks asked for, furthest first.

    ``more`` counts further chunks of the document that got less far than those listed.
    """

    question: str
    stages: tuple[tuple[str, int], ...]
    fates: tuple[Fate, ...]
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
    """What became of a document's chunks, or of those on one of its pages; without one, of the first of all.

    ``expanded`` False explains the search of an answer that no model phrased, for which none wrote searches.

    Raises UsageError where there is no such document or page, or a page is of no document, and what
    ``Retriever.trace`` raises.
    """
    if page is not None and not document:
        raise UsageError("a page needs its document.", "Say of which document the page is.")
    stages = retriever.trace(question, k, within, expanded=expanded).stages
    with library.database.reading() as db:
        filtered = None if within is None else resolve(db, within)
        asked = _asked(db, document, page) if document else _first(stages, most)
        story = _Story(stages, filtered, candidates(k or retriever.passages), retriever.dense_weight)
        order = sorted(asked, key=story.distance)
        fates = tuple(_fates(db, order[:most] if document else order, story))
    sizes = tuple((stage.name, len(stage.places)) for stage in stages)
    return Explanation(question, sizes, fates, max(0, len(order) - len(fates)) if document else 0)


def _asked(db: sqlite3.Connection, document: str, page: int | None) -> list[int]:
    pages = None if page is None else (page, page)
    found: list[int] = resolve(db, Filter(documents=(document,), pages=pages)).chunks.tolist()
    return found


def _first(stages: Sequence[Stage], most: int) -> list[int]:
    """The first chunks after the sides were fused, and all that became passages."""
    fused = next(stage for stage in stages if stage.name not in SIDES)
    places = (*fused.places[:most], *stages[-1].places)
    return list(dict.fromkeys(key for place in places for key in place.chunks))


class _Story:
    """The stages of one search, by chunk."""

    def __init__(self, stages: Sequence[Stage], kept: Kept | None, depth: int, dense_weight: float) -> None:
        self.stages = stages
        self._kept = None if kept is None else frozenset(kept.chunks.tolist())
        self._pages = None if kept is None else kept.pages
        self._depth = depth
        self._dense_weight = dense_weight
        self._ranks = [_ranks(stage) for stage in stages]

    def distance(self, key: int) -> tuple[float, ...]:
        """Sorts chunks by how far they got: by their rank at the last stage, then at the one before it, and so on."""
        return tuple(ranks.get(key, (float("inf"), None))[0] for ranks in reversed(self._ranks))

    def standings(self, key: int) -> tuple[Standing, ...]:
        found = []
        for stage, ranks in zip(self.stages, self._ranks, strict=True):
            rank, place = ranks.get(key, (None, None))
            found.append(Standing(stage.name, rank, place.score if place else None))
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

    def instead(self, key: int, at: int) -> int | None:
        """The chunk that says the same, for which the stage dropped this one."""
        return self.stages[at].instead.get(key)

    def why(self, key: int, at: int) -> str:
        """Why the chunk did not pass the stage at this index, where no other chunk says the same."""
        before = self._ranks[at - 1]
        if key not in before or self.stages[at - 1].name in SIDES:
            return self._why_not_fused(key)
        rank = before[key][0]
        if rank > self._depth and self.stages[at - 1].name in ("fused", "expanded"):
            return f"below the first {self._depth} of {self.stages[at - 1].name}, which go on"
        lower = [p for p in self.stages[at].places if any(before.get(c, (0, None))[0] > rank for c in p.chunks)]
        if lower and self.stages[at].name == "distinct":
            return "passages of other documents came first: better ones of its own document were taken already"
        return f"{len(self.stages[at].places)} others came first"

    def cut_to_nothing(self, key: int, at: int, row: sqlite3.Row) -> bool:
        """Whether a filter of pages left nothing of the chunk when it was loaded to go on from the fusion."""
        if self._pages is None or self.stages[at - 1].name not in ("fused", "expanded"):
            return False
        rank = self._ranks[at - 1].get(key, (self._depth + 1, None))[0]
        return rank <= self._depth and cut_text(row["text"], to_pages(row["pages"]), self._pages) is None

    def _why_not_fused(self, key: int) -> str:
        if self._kept is not None and key not in self._kept:
            return "left out by the filter"
        sides = {stage.name: stage for stage in self.stages if stage.name in SIDES}
        if any(key in ranks for stage, ranks in zip(self.stages, self._ranks, strict=True) if stage.name in SIDES):
            alone = "found by meaning alone, which does not count here: "
            return alone + ("the embedder does not know the language" if self._dense_weight else "dense_weight is 0")
        full = [f"{name} from {s.places[-1].score:.3g}" for name, s in sides.items() if len(s.places) >= POOL]
        return f"below the first {POOL} of both sides" + (f" ({', '.join(full)})" if full else "")


def _ranks(stage: Stage) -> dict[int, tuple[int, Place]]:
    return {key: (rank, place) for rank, place in enumerate(stage.places, 1) for key in place.chunks}


def _fates(db: sqlite3.Connection, keys: Sequence[int], story: _Story) -> Iterable[Fate]:
    ends = {key: story.ended(key) for key in keys}
    others = {key: None if at is None else story.instead(key, at) for key, at in ends.items()}
    wanted = {*keys, *(o for o in others.values() if o), *(o for key in keys for o in story.joined(key))}
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
            names = [_where(rows[one]) for one in story.joined(key) if one in rows]
            why = f"joined with its neighbours ({'; '.join(names)})" if names else ""
        elif other is not None:
            why = f"says the same as {rows[other]['name']}, {_where(rows[other])}" if other in rows else "a repeat"
        elif story.cut_to_nothing(key, at, row):
            why = "the filter's pages hold no text of it"
        else:
            why = story.why(key, at)
        yield Fate(
            document_id=row["document_id"],
            file=row["name"],
            locator=locate(to_pages(row["pages"]), row["text"], 0),
            start=row["start"],
            end=row["end"],
            text=row["text"],
            standings=story.standings(key),
            ended="" if at is None else story.stages[at].name,
            why=why,
        )


def _where(row: sqlite3.Row) -> str:
    """Where a chunk begins, and its first words: neighbours often stand on one page."""
    place = locate(to_pages(row["pages"]), row["text"], 0).label
    return f"{place} “{' '.join(row['text'].split()[:5])}…”".strip()
