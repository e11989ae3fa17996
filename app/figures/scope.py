"""The documents that a question for figures is asked of: their tables, the period each is about, how near it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.figures.periods import AskedPeriod, AskedPeriods
from core.tables import Period, Table


@dataclass(frozen=True, slots=True)
class Scope:
    """``tables`` are those of each document by its id. ``nearness`` in 0..1 is that of a document to the question;
    ``periods`` are what documents are about. ``each``: the question asks of every one of the documents, which its names
    and periods chose, not of whichever holds the answer. ``has_chosen_periods``: they were chosen by their
    periods. ``names`` are the words of whose they are."""

    tables: Mapping[str, Sequence[Table]]
    nearness: Mapping[str, float] = field(default_factory=dict)
    periods: Mapping[str, Period] = field(default_factory=dict)
    each: bool = False
    has_chosen_periods: bool = False
    names: frozenset[str] = frozenset()

    def asked_of(self, document_id: str, asked: AskedPeriods) -> tuple[AskedPeriod, ...]:
        """The periods that a question asks for within a document: without quarters and halves where the document itself
        was chosen by a period, for columns are named by days."""
        if document_id not in self.periods or not self.has_chosen_periods:
            return asked.periods
        return tuple(one for one in asked.periods if one.grain not in ("quarter", "half"))
