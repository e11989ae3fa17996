"""The types that the stages of a search pass on: scores by chunk id, hits with text, and the result of a stage."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.types import Page, Passage
from index.store.records import to_pages
from ingest.locate import locate

Scores = Mapping[int, float]
"""Scores by chunk id, higher is better."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk, or neighbouring ones joined: ``chunks`` are their ids, ``first`` to ``last`` their ordinals.

    ``score`` is what the last stage ranked by; ``dense`` the cosine, ``lexical`` the share of the question's terms (see
    ``index.search.bm25.find_lexical``), None where that side did not find it.
    """

    chunks: tuple[int, ...]
    document_id: str
    file: str
    title: str
    first: int
    last: int
    start: int
    end: int
    headings: tuple[str, ...]
    text: str
    pages: tuple[Page, ...]
    score: float
    dense: float | None
    lexical: float | None


@dataclass(frozen=True, slots=True)
class StageResult:
    """The hits that a stage passes on, best first.

    ``duplicate_of`` maps the id of each chunk that the stage dropped as a repeat to the id of the chunk that was kept.
    """

    hits: tuple[Hit, ...]
    duplicate_of: Mapping[int, int] = field(default_factory=dict)


def ranked(scores: Scores) -> list[int]:
    """Chunk ids, best first; ties go to the chunk that was ingested first, so that a ranking is always the same."""
    return sorted(scores, key=lambda key: (-scores[key], key))


def load_hits(
    db: sqlite3.Connection, keys: Sequence[int], fused: Scores, dense: Scores, lexical: Scores
) -> tuple[Hit, ...]:
    """The chunks with these ids, in the order of ``keys``; those removed meanwhile are left out."""
    rows = db.execute(
        "SELECT chunks.*, documents.name, documents.title FROM chunks"
        " JOIN documents ON documents.id = chunks.document_id"
        " WHERE chunks.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    hits = {
        row["id"]: Hit(
            chunks=(row["id"],),
            document_id=row["document_id"],
            file=row["name"],
            title=row["title"],
            first=row["ordinal"],
            last=row["ordinal"],
            start=row["start"],
            end=row["end"],
            headings=tuple(json.loads(row["headings"])),
            text=row["text"],
            pages=to_pages(row["pages"]),
            score=fused[row["id"]],
            dense=dense.get(row["id"]),
            lexical=lexical.get(row["id"]),
        )
        for row in rows
    }
    return tuple(hits[key] for key in keys if key in hits)


def to_passage(hit: Hit) -> Passage:
    """The hit as the passage that a search returns, with the place (page, sheet, line) where it begins."""
    return Passage(
        document_id=hit.document_id,
        file=hit.file,
        title=hit.title,
        start=hit.start,
        end=hit.end,
        text=hit.text,
        locator=locate(hit.pages, hit.text, 0),
        headings=hit.headings,
        score=hit.score,
        dense=hit.dense,
        words=hit.lexical,
        pages=hit.pages,
    )
