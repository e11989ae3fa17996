"""How much each sentence or row is one of what is asked for, without a model: by facts, what it states, or nearness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.read_through.asked import AskedKind
from app.read_through.units import Unit, clauses
from app.summarize.facts import facts_of
from app.summarize.nearness import nearness_and_words
from app.summarize.statements import Statement, statement_scores
from core.protocols import Embedder

FOUND = 0.5
"""Score from which a unit is listed without a model. Chosen on the even everyday papers; the scale of each kind is such
that this is its threshold."""

MAYBE, SURE = 0.3, 0.8
"""Scores between which a model is asked about a unit; below it is none, above it is one."""

LEAST: dict[Statement, float] = {
    "deadline": 0.70,
    "duty": 0.36,
    "prohibition": 0.38,
    "exclusion": 0.32,
    "open": 0.38,
    "person": 0.26,
}
"""What of the statement that a unit makes counts as FOUND."""

OF_CLAUSE = 0.7
"""What a clause's own statement counts beside that of its sentence: "Dogs are welcome, but not in the kitchen"."""

NEAR = 0.4
"""What of the nearness to a question without a kind counts as FOUND."""

WITH_FACTS: frozenset[AskedKind] = frozenset(("amount", "date", "deadline"))
"""Kinds that are told by the facts that a unit names, or also by these."""

WITH_TIME = 0.2
"""What a deadline gains that names a day or a stretch of time."""


def unit_scores(
    units: Sequence[Unit], question: str, kinds: Sequence[AskedKind], language: str, embedder: Embedder
) -> NDArray[np.float32]:
    """A score for each unit, shape (units,), ``FOUND`` and up for those that are listed.

    ``language`` is the document's.
    """
    found = np.zeros(len(units), dtype=np.float32)
    if not units:
        return found
    facts = [facts_of(unit.text, language) for unit in units] if WITH_FACTS & set(kinds) else []
    stated = _stated(units, embedder) if LEAST.keys() & set(kinds) else {}
    for kind in kinds:
        if kind == "amount":
            scores = np.array([one.money > 0 for one in facts], dtype=np.float32)
        elif kind == "date":
            scores = np.array([one.days > 0 for one in facts], dtype=np.float32)
        elif kind == "other":
            scores = _nearness(units, question, embedder) * np.float32(FOUND / NEAR)
        else:
            scores = stated[kind]
            if kind == "deadline":
                scores = scores + WITH_TIME * np.array([one.days + one.spans > 0 for one in facts], dtype=np.float32)
            scores = scores * np.float32(FOUND / LEAST[kind])
        found = np.maximum(found, scores)
    return found


def _stated(units: Sequence[Unit], embedder: Embedder) -> dict[Statement, NDArray[np.float32]]:
    """How much each unit states each thing, as a whole or in one of its clauses; shapes (units,)."""
    parts = [(at, clause) for at, unit in enumerate(units) for clause in clauses(unit.text)]
    vectors = embedder.embed_passages([*(unit.text for unit in units), *(clause for _, clause in parts)])
    stated = statement_scores(vectors, embedder)
    owners = [at for at, _ in parts]
    found = {}
    for kind, values in stated.items():
        whole = values[: len(units)].copy()
        own = OF_CLAUSE * values[len(units) :] + (1 - OF_CLAUSE) * whole[owners]
        np.maximum.at(whole, owners, own)
        found[kind] = whole
    return found


def _nearness(units: Sequence[Unit], question: str, embedder: Embedder) -> NDArray[np.float32]:
    """The mean of the embedder's nearness to the question and of the share of its words that a unit holds."""
    texts = [unit.text for unit in units]
    near, held = nearness_and_words(question, embedder.embed_passages(texts), texts, embedder)
    whole: NDArray[np.float32] = 0.7 * near + 0.3 * held
    return whole
