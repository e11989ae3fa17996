"""What the stages after the fusion hand to each other: chunks with their text and scores."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.types import Page, Passage
from index.store.records import to_pages
from ingest.locate import locate

Scored = Mapping[int, float]
"""Chunk ids with a score, higher is better."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk, or neighbouring ones joined: ``chunks`` are their ids, ``first`` to ``last`` their ordinals.

    ``score`` is what the last stage ranked by; ``dense`` a cosine, ``words`` the share of the question's words (see
    ``index.search.query.find_words``), None where that side did not find it.
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
    words: float | None


@dataclass(frozen=True, slots=True)
class Sifted:
    """What a stage hands on, best first. ``instead`` tells for a chunk that it dropped which one says the same."""

    hits: tuple[Hit, ...]
    instead: Mapping[int, int] = field(default_factory=dict)


def ranked(scores: Scored) -> list[int]:
    """Chunk ids, best first; of equal ones the one that was ingested first, so that a ranking is always the same."""
    return sorted(scores, key=lambda key: (-scores[key], key))


def load_hits(
    db: sqlite3.Connection, keys: Sequence[int], fused: Scored, dense: Scored, words: Scored
) -> tuple[Hit, ...]:
    """The chunks of these ids, in their order; those removed meanwhile are left out."""
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
            words=words.get(row["id"]),
        )
        for row in rows
    }
    return tuple(hits[key] for key in keys if key in hits)


def to_passage(hit: Hit) -> Passage:
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
        words=hit.words,
        pages=hit.pages,
    )
