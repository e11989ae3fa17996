"""Key figures, dates, parties and open points of a document, each cited, without what its summary has told before."""

from __future__ import annotations

from collections.abc import Sequence

from app.summarize.facts import Facts
from app.summarize.overview import parties
from app.summarize.reading import ReadDocument
from app.summarize.statements import OPEN, statement_scores, sure_of
from core.facets import Facets
from core.messages import N_, _
from core.protocols import Embedder
from core.types import AnswerSentence

FIGURES, DATES, PARTIES, OPEN_POINTS = N_("Key figures"), N_("Dates and deadlines"), N_("Parties"), N_("Open points")

PER_ROOT = 0.6
"""Sentences told for their figures, and as many for their dates, for each square root of all: 5 of 70, 12 of 400."""

MOST = 10
"""Most sentences of each kind."""

DEADLINE = 0.5
"""How much a sentence with a stretch of time must be of a deadline to be among the dates."""

MOST_OPEN = 3
"""Most open points."""


def key_points(
    read: ReadDocument,
    facets: Facets,
    figures: Sequence[AnswerSentence],
    told: Sequence[AnswerSentence],
    embedder: Embedder,
) -> list[tuple[str, AnswerSentence]]:
    """What is told below a summary: (heading, sentence) in order; ``figures`` are those of tables that come first."""
    said = {one.text for one in told}
    facts = read.facts
    count = min(MOST, max(2, round(PER_ROOT * len(read.sentences) ** 0.5)))
    found = [(_(FIGURES), one) for one in figures if one.text not in said]
    for head, chosen in (
        (FIGURES, _best(read, [_of_figures(one) for one in facts], count)),
        (DATES, _best(read, _of_dates(read, facts, embedder), count)),
    ):
        new = [one for one in map(read.cite, chosen) if one.text not in said]
        said |= {one.text for one in new}
        found += [(_(head), one) for one in new]
    found += [(_(PARTIES), one) for one in parties(read.document, facets)]
    open_points = sure_of(OPEN, read.vectors, embedder)[:MOST_OPEN] if read.sentences else []
    found += [(_(OPEN_POINTS), one) for one in map(read.cite, sorted(open_points)) if one.text not in said]
    return found


def _of_figures(facts: Facts) -> float:
    """Money first; of sentences without it those with several figures."""
    return min(3, facts.money) + 0.3 * min(3, facts.figures) if facts.money or facts.figures > 1 else 0.0


def _of_dates(read: ReadDocument, facts: Sequence[Facts], embedder: Embedder) -> list[float]:
    """Days, and stretches of time where a deadline is stated."""
    if not facts:
        return []
    deadline = statement_scores(read.vectors, embedder)["deadline"]
    return [
        (one.days > 0) + 2 * max(0.0, float(score)) if one.days or (one.spans and score > DEADLINE) else 0.0
        for one, score in zip(facts, deadline, strict=True)
    ]


def _best(read: ReadDocument, weights: Sequence[float], count: int) -> list[int]:
    """The sentences of the most weight, in the document's order; those of none are left out."""
    ranked = sorted((-(weight + float(read.values[at])), at) for at, weight in enumerate(weights) if weight > 0)
    return sorted(at for _, at in ranked[:count])
