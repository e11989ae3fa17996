"""Question -> passages: what means the same (dense) and what says the same (words), fused, without repeats."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.protocols import Embedder
from core.settings import Settings
from core.types import Page, Passage
from index.embed import Multilingual
from index.fuse import dense_share, fuse, lift
from index.library import Library, no_documents
from index.places import shift
from index.records import to_pages
from index.vectors import VectorIndex
from index.words import search_abouts, search_words, words
from ingest.locate import locate

POOL = 100
"""Chunks that each side may propose."""

SAME_DOCUMENT = 0.9
"""What a score is multiplied by for each better passage of the same document: other documents get a chance."""

FILE_WEIGHT = 1.0
"""How much a word of a document's name or title counts beside one of its text."""

ABOUT_WEIGHT = 0.25
"""How much it counts beside a chunk's own score that its document is about the question: reports of several firms use
the same words, and only their names and first pages say whose they are. On 195 questions over 20 such reports a right
one was among the first five passages' for .82 without and .98 with it."""

DUPLICATE = 0.9
"""The share of words two passages have in common (Jaccard) from which the lower one says nothing of its own."""

MOST_JOINED = 3
"""Neighbouring chunks joined into one passage at most: about 570 of the embedder's tokens."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages found, best first, and how long the search took."""

    passages: tuple[Passage, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class _Hit:
    """A chunk, or neighbouring ones joined: ``first`` to ``last`` are its ordinals."""

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


class Retriever:
    """Searches one library. Thread-safe; sees what any process committed before the question was asked."""

    def __init__(self, library: Library, embedder: Embedder, settings: Settings) -> None:
        """Raises EmbedderMismatch where the library was built with another embedder."""
        library.check_embedder(embedder)
        self._library = library
        self._embedder = embedder
        self._settings = settings
        self._index = VectorIndex(library)

    def search(self, question: str, k: int | None = None) -> Retrieval:
        """The ``k`` best passages (the settings' number by default). Raises NoDocuments for an empty library."""
        started = time.perf_counter()
        k = k or self._settings.passages
        dense, found_words, fused = self.scores(question)
        with self._library.database.reading() as db:
            if not fused and not db.execute("SELECT 1 FROM chunks LIMIT 1").fetchone():
                raise no_documents(self._library.name)
            best = sorted(fused, key=lambda key: -fused[key])[: max(POOL // 2, 4 * k)]
            hits = _load(db, best, fused, dense, found_words)
            chosen = _join(db, _choose(hits, k))
        passages = tuple(_passage(hit) for hit in chosen)
        return Retrieval(passages, (time.perf_counter() - started) * 1000)

    def scores(self, question: str) -> tuple[dict[int, float], dict[int, float], dict[int, float]]:
        """Chunk ids with their cosine, their BM25 score, and their fused score in 0..1."""
        familiarity = self._embedder.familiarity(question) if isinstance(self._embedder, Multilingual) else 1.0
        weight = dense_share(self._settings.dense_weight, familiarity)
        with self._library.database.reading() as db:
            found = dict(search_words(db, question, POOL, file_weight=FILE_WEIGHT))
            documents = search_abouts(db, question, POOL)
        dense: dict[int, float] = {}
        if weight > 0 or not found:
            vector = self._embedder.embed_question(question)
            dense = dict(self._index.search(vector, POOL))
            dense |= self._index.similarities(vector, [key for key in found if key not in dense])
        fused = fuse(dense, found, weight)
        return dense, found, lift(fused, self._of_documents(fused, documents), ABOUT_WEIGHT)

    def _of_documents(self, chunks: Iterable[int], documents: dict[str, float]) -> dict[int, float]:
        """The score of each chunk's document, by chunk id; chunks of other documents are left out."""
        keys = list(chunks)
        query = f"SELECT id, document_id FROM chunks WHERE id IN ({', '.join('?' * len(keys))})"  # noqa: S608
        with self._library.database.reading() as db:
            rows = db.execute(query, keys).fetchall()
        return {row["id"]: documents[row["document_id"]] for row in rows if row["document_id"] in documents}


def _load(
    db: sqlite3.Connection,
    keys: list[int],
    fused: dict[int, float],
    dense: dict[int, float],
    found: dict[int, float],
) -> list[_Hit]:
    """The chunks of these ids, in their order; those removed meanwhile are left out."""
    marks = ", ".join("?" * len(keys))
    query = (
        "SELECT chunks.*, documents.name, documents.title FROM chunks"  # noqa: S608
        f" JOIN documents ON documents.id = chunks.document_id WHERE chunks.id IN ({marks})"
    )
    hits = {
        row["id"]: _Hit(
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
            words=found.get(row["id"]),
        )
        for row in db.execute(query, keys)
    }
    return [hits[key] for key in keys if key in hits]


def _choose(hits: list[_Hit], k: int) -> list[_Hit]:
    """The ``k`` best, one by one: repeats are passed over, and each document's next chunk counts a little less."""
    chosen: list[_Hit] = []
    seen: list[frozenset[str]] = []
    taken: dict[str, int] = {}
    rest = list(hits)
    while rest and len(chosen) < k:
        best = max(rest, key=lambda hit: hit.score * SAME_DOCUMENT ** taken.get(hit.document_id, 0))
        rest.remove(best)
        bag = frozenset(words(best.text))
        if any(_alike(bag, other) for other in seen):
            continue
        chosen.append(best)
        seen.append(bag)
        taken[best.document_id] = taken.get(best.document_id, 0) + 1
    return chosen


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= DUPLICATE * len(one | other)


def _join(db: sqlite3.Connection, hits: list[_Hit]) -> list[_Hit]:
    """Chunks that continue each other as one hit, at the rank of the better one."""
    joined: list[_Hit] = []
    for hit in hits:
        near = next((other for other in joined if _neighbours(hit, other)), None)
        if near is None:
            joined.append(hit)
        else:
            joined[joined.index(near)] = _one(db, near, hit)
    return joined


def _one(db: sqlite3.Connection, better: _Hit, other: _Hit) -> _Hit:
    """Two neighbours as one hit with the better one's score; the white space between them comes from the document."""
    before, after = (better, other) if better.first < other.first else (other, better)
    row = db.execute(
        "SELECT substr(text, ? + 1, ? - ?) FROM documents WHERE id = ?",
        (before.end, after.start, before.end, before.document_id),
    ).fetchone()
    return replace(
        better,
        first=before.first,
        last=after.last,
        start=before.start,
        end=after.end,
        headings=before.headings,
        text=before.text + str(row[0]) + after.text,
        pages=before.pages + shift(after.pages, after.start - before.start),
        dense=_larger(better.dense, other.dense),
        words=_larger(better.words, other.words),
    )


def _neighbours(hit: _Hit, other: _Hit) -> bool:
    return (
        hit.document_id == other.document_id
        and (hit.first == other.last + 1 or hit.last + 1 == other.first)
        and max(hit.last, other.last) - min(hit.first, other.first) < MOST_JOINED
    )


def _larger(one: float | None, other: float | None) -> float | None:
    return max((score for score in (one, other) if score is not None), default=None)


def _passage(hit: _Hit) -> Passage:
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
