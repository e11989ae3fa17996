"""How much each sentence or row is one of what is asked for, without a model: by facts, what it states, or nearness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.read_through.asked import AskedKind
from app.read_through.units import Unit
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
    "deadline": 0.52,
    "duty": 0.33,
    "prohibition": 0.36,
    "exclusion": 0.38,
    "open": 0.38,
    "person": 0.34,
}
"""What of `statement_scores` counts as FOUND."""

NEAR = 0.4
"""What of the nearness to a question without a kind counts as FOUND."""

PLAIN = 0.5
"""What is left of the score of a unit that is more like the plain examples."""

WITH_FACTS: frozenset[AskedKind] = frozenset(("amount", "date", "deadline"))
"""Kinds that are told by the facts that a unit names, or also by these."""

WITH_TIME = 0.25
"""What a deadline gains that names a day or a stretch of time."""


def unit_scores(
    units: Sequence[Unit],
    vectors: NDArray[np.float32],
    question: str,
    kinds: Sequence[AskedKind],
    language: str,
    embedder: Embedder,
) -> NDArray[np.float32]:
    """A score for each unit, shape (units,), ``FOUND`` and up for those that are listed.

    ``vectors`` are their unit embeddings, shape (units, dimension); ``language`` the document's.
    """
    found = np.zeros(len(units), dtype=np.float32)
    if not units:
        return found
    facts = [facts_of(unit.text, language) for unit in units] if WITH_FACTS & set(kinds) else []
    stated = statement_scores(vectors, embedder) if LEAST.keys() & set(kinds) else {}
    for kind in kinds:
        if kind == "amount":
            scores = np.array([one.money > 0 for one in facts], dtype=np.float32)
        elif kind == "date":
            scores = np.array([one.days > 0 for one in facts], dtype=np.float32)
        elif kind == "other":
            scores = _nearness(units, vectors, question, embedder) * np.float32(FOUND / NEAR)
        else:
            own = stated[kind]
            if kind == "deadline":
                own = own + WITH_TIME * np.array([one.days + one.spans > 0 for one in facts], dtype=np.float32)
            scores = np.where(own > stated["plain"], own, PLAIN * own) * np.float32(FOUND / LEAST[kind])
        found = np.maximum(found, scores)
    return found


def _nearness(
    units: Sequence[Unit], vectors: NDArray[np.float32], question: str, embedder: Embedder
) -> NDArray[np.float32]:
    """The mean of the embedder's nearness to the question and of the share of its words that a unit holds."""
    near, held = nearness_and_words(question, vectors, (unit.text for unit in units), embedder)
    whole: NDArray[np.float32] = 0.7 * near + 0.3 * held
    return whole
