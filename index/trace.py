"""A question -> what each stage of the retriever made of it: for measuring, and for seeing where a passage went."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from core.settings import Settings
from core.types import Passage
from index.embed import Multilingual
from index.library import Library
from index.retrieve import FILE_WEIGHT, POOL, Retriever, _choose, _Hit, _load
from index.words import search_words

Scored = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch that a stage ranked: ``document.text[start:end]``. ``score`` is the stage's own, higher is better."""

    document_id: str
    file: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage's ranking, best first. ``milliseconds`` are those from the question until the ranking was there."""

    name: str
    places: tuple[Place, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Trace:
    """The stages in order, the last one being what ``Retriever.search`` returns.

    dense     by cosine to the question alone, whether or not the retriever counts on it
    words     by BM25 alone
    fused     both, by score
    distinct  repeats dropped, and other documents given a chance
    passages  neighbours joined
    """

    stages: tuple[Stage, ...]


class TracingRetriever(Retriever):
    """A retriever that can be watched. One question at a time."""

    def __init__(self, library: Library, embedder: Embedder, settings: Settings) -> None:
        """Raises EmbedderMismatch where the library was built with another embedder."""
        self._remembering = _Remembering(embedder)
        super().__init__(library, self._remembering, settings)

    def trace(self, question: str, k: int | None = None) -> Trace:
        """Every stage's ranking: POOL chunks of each side, then the ``k`` best. Raises NoDocuments."""
        k = k or self._settings.passages
        watch = _Watch(self._remembering)
        dense = dict(self._index.search(self._embedder.embed_question(question), POOL))
        dense_ms = watch.lap()
        with self._library.database.reading() as db:
            found = dict(search_words(db, question, POOL, file_weight=FILE_WEIGHT))
        words_ms = watch.lap()
        cosines, bm25, fused = self.scores(question)
        fused_ms = watch.lap()
        with self._library.database.reading() as db:
            distinct = _choose(_load(db, _ranked(fused)[: max(POOL // 2, 4 * k)], fused, cosines, bm25), k)
            distinct_ms = fused_ms + watch.lap()
            spans = _spans(db, {*dense, *found, *fused})
        watch.lap()
        final = self.search(question, k)
        return Trace(
            (
                Stage("dense", _places(dense, spans), dense_ms),
                Stage("words", _places(found, spans), words_ms),
                Stage("fused", _places(fused, spans), fused_ms),
                Stage("distinct", tuple(_place(hit) for hit in distinct), distinct_ms),
                Stage("passages", tuple(_place(hit) for hit in final.passages), watch.lap()),
            )
        )


class _Remembering:
    """An embedder that embeds a question once for all stages, and knows how long that took.

    ``lent`` sums up, in seconds, what the stages that came later would have waited for it.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._question = ""
        self._vector: NDArray[np.float32] | None = None
        self._seconds = 0.0
        self.lent = 0.0

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def window(self) -> int:
        return self._embedder.window

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(text)

    def familiarity(self, text: str) -> float:
        return self._embedder.familiarity(text) if isinstance(self._embedder, Multilingual) else 1.0

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        if self._vector is not None and text == self._question:
            self.lent += self._seconds
            return self._vector
        started = time.perf_counter()
        self._question, self._vector = text, self._embedder.embed_question(text)
        self._seconds = time.perf_counter() - started
        return self._vector


class _Watch:
    """Milliseconds from lap to lap, with those that the remembered vector saved."""

    def __init__(self, remembering: _Remembering) -> None:
        self._remembering = remembering
        self._last = self._now()

    def _now(self) -> float:
        return time.perf_counter() + self._remembering.lent

    def lap(self) -> float:
        last, self._last = self._last, self._now()
        return (self._last - last) * 1000


def _ranked(scores: Scored) -> list[int]:
    """Chunk ids, best first; of equal ones the one that was ingested first, so that a ranking is always the same."""
    return sorted(scores, key=lambda key: (-scores[key], key))


def _spans(db: sqlite3.Connection, keys: Iterable[int]) -> dict[int, tuple[str, str, int, int]]:
    """Document id, file name, start and end of chunks, by chunk id; those removed meanwhile are left out."""
    rows = db.execute(
        "SELECT chunks.id, document_id, name, start, end FROM chunks JOIN documents ON documents.id = document_id"
        " WHERE chunks.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {int(row[0]): (str(row[1]), str(row[2]), int(row[3]), int(row[4])) for row in rows}


def _places(scores: Scored, spans: Mapping[int, tuple[str, str, int, int]]) -> tuple[Place, ...]:
    return tuple(Place(*spans[key], scores[key]) for key in _ranked(scores) if key in spans)


def _place(hit: _Hit | Passage) -> Place:
    return Place(hit.document_id, hit.file, hit.start, hit.end, hit.score)
