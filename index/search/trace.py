"""The ranking of every stage of a search, recorded by the retriever for evaluation and for ``lectern explain``."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.search.hits import Hit, Scores, StageResult, ranked


@dataclass(frozen=True, slots=True)
class Place:
    """A span that a stage ranked: ``document.text[start:end]``. ``score`` is the stage's own, higher is better.

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
    """A stage's ranking, best first.

    ``milliseconds`` is the time that a side took, and for later stages the time since the question. ``duplicate_of``
    maps the id of each chunk that the stage dropped as a repeat to the id of the chunk that was kept.
    """

    name: str
    places: tuple[Place, ...]
    milliseconds: float
    duplicate_of: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """The stages in order, the last one being what ``Retriever.search`` returns.

    dense     by cosine to the question itself, also where the dense side has no weight
    words     by BM25 and proximity
    fused     both sides, by fused score; documents that the question does not seem to ask about count less in it
    expanded  the same with what a model wrote for the question, where the settings ask for it
    reranked  by a cross-encoder, where the settings name one
    diverse   by maximal marginal relevance, where the parameters ask for diversity
    distinct  without repeats, other documents given a chance
    passages  neighbouring chunks joined
    """

    stages: tuple[Stage, ...]


SIDES = ("dense", "words")
"""The stages that are searched side by side and then fused, in the order in which they are shown."""


WIDE = ("fused", "expanded")
"""The stages of which only the first candidates go on."""


class Record:
    """Records what the stages of one search found, and when; only references are kept, so that it costs nothing."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._found: dict[str, tuple[Scores | StageResult, float]] = {}

    @property
    def milliseconds(self) -> float:
        """Milliseconds since the record was made, which is when the question came."""
        return (time.perf_counter() - self._started) * 1000

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def add(self, name: str, found: Scores | StageResult, since: float = 0.0) -> None:
        """Record the result of the stage ``name``, which began ``since`` milliseconds after the question."""
        self._found[name] = (found, self.milliseconds - since)

    def trace(self, db: sqlite3.Connection, pool: int) -> Trace:
        """All stages, with the first ``pool`` chunks of each side; chunks removed meanwhile are left out."""
        spans = _spans(
            db, {key for found, _ in self._found.values() if not isinstance(found, StageResult) for key in found}
        )
        stages = []
        for name in sorted(self._found, key=lambda name: SIDES.index(name) if name in SIDES else len(SIDES)):
            found, milliseconds = self._found[name]
            if isinstance(found, StageResult):
                stages.append(Stage(name, tuple(map(_place, found.hits)), milliseconds, found.duplicate_of))
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
