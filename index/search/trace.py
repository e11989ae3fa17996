"""What each stage of a search made of a question: kept by the retriever as it goes, for measuring and explaining."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.search.hits import Hit, Scored, Sifted, ranked


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch that a stage ranked: ``document.text[start:end]``. ``score`` is the stage's own, higher is better.

    ``chunks`` are the ids of the chunks it is made of, in the document's order.
    """

    document_id: str
    file: str
    start: int
    end: int
    score: float
    chunks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage's ranking, best first. ``milliseconds`` are those until the ranking was there: for a side its own, for
    a later stage all since the question.

    ``instead`` tells for a chunk that the stage dropped as a repeat which chunk says the same.
    """

    name: str
    places: tuple[Place, ...]
    milliseconds: float
    instead: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """The stages in order, the last one being what ``Retriever.search`` returns.

    dense     by cosine to the question alone, whether or not the retriever counts on it
    words     by BM25 and how close the words stand together
    fused     both, by score
    reranked  by a cross-encoder, where the settings name one
    diverse   by marginal relevance, where they ask for diversity
    distinct  repeats dropped, and other documents given a chance
    passages  neighbours joined
    """

    stages: tuple[Stage, ...]


SIDES = ("dense", "words")
"""What stands side by side at the beginning, in the order in which it is shown."""


class Record:
    """Keeps what the stages of one search found, and when. Costs a search nothing: it keeps what is there anyway."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._found: dict[str, tuple[Scored | Sifted, float]] = {}

    @property
    def milliseconds(self) -> float:
        """Since the question."""
        return (time.perf_counter() - self._started) * 1000

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def add(self, name: str, found: Scored | Sifted, since: float = 0.0) -> None:
        """Keep what the stage ``name`` found; ``since`` is when it began, in milliseconds after the question."""
        self._found[name] = (found, self.milliseconds - since)

    def trace(self, db: sqlite3.Connection, pool: int) -> Trace:
        """All stages, the first ``pool`` chunks of each side; chunks removed meanwhile are left out."""
        spans = _spans(db, {key for found, _ in self._found.values() if not isinstance(found, Sifted) for key in found})
        stages = []
        for name in sorted(self._found, key=lambda name: SIDES.index(name) if name in SIDES else len(SIDES)):
            found, milliseconds = self._found[name]
            if isinstance(found, Sifted):
                stages.append(Stage(name, tuple(map(_place, found.hits)), milliseconds, found.instead))
                continue
            keys = ranked(found)[: pool if name in SIDES else None]
            places = tuple(Place(*spans[key], found[key], (key,)) for key in keys if key in spans)
            stages.append(Stage(name, places, milliseconds))
        return Trace(tuple(stages))


def _place(hit: Hit) -> Place:
    return Place(hit.document_id, hit.file, hit.start, hit.end, hit.score, hit.chunks)


def _spans(db: sqlite3.Connection, keys: set[int]) -> dict[int, tuple[str, str, int, int]]:
    """Document id, file name, start and end of chunks, by chunk id; those removed meanwhile are left out."""
    rows = db.execute(
        "SELECT chunks.id, document_id, name, start, end FROM chunks JOIN documents ON documents.id = document_id"
        " WHERE chunks.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {int(row[0]): (str(row[1]), str(row[2]), int(row[3]), int(row[4])) for row in rows}
