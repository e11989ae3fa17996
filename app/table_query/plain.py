"""A question -> the query that it asks of one relation, by its words, its values and its columns; no model.

Every query is told with how much of the question it accounts for, so that the best of several tables can be chosen and
a question that none accounts for is not answered by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.table_query.columns import can_be_summed, count_distinct, is_years, rows_of, title_terms
from app.table_query.linking import ColumnLink, LinkIndex
from app.table_query.query import Filter, Query
from app.table_query.reading import Nearness
from app.table_query.relation import Field, Relation
from app.table_query.superlatives import Superlatives
from app.table_query.wording import Cue, Wording

HALF = 0.5
"""The share of a column's name that must be said where its numbers are to be summed rather than rows counted."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A query, and the share of the question's telling words, 0..1, that it accounts for."""

    query: Query
    covered: float
    relation: Relation


def plan(wording: Wording, index: LinkIndex, near: Nearness | None = None) -> Planned | None:
    """The query that a question asks of a relation; None where its words ask none of it."""
    return _Planner(wording, index, near).planned()


class _Planner(Superlatives):
    def planned(self) -> Planned | None:
        if not self.relation.counted:
            return None
        query = self._query()
        if query is None or not self._runs(query):
            return None
        return Planned(query, self._covered(), self.relation)

    def _query(self) -> Query | None:
        steps = (
            self._difference,
            self._choice,
            self._count,
            self._common,
            self._aggregate,
            self._best,
            self._beside,
            self._end,
            self._rows,
        )
        return next((query for step in steps if (query := step()) is not None), None)

    def _difference(self) -> Query | None:
        cue = self.cue("difference")
        if cue is None or len(self.values) < 2:
            return None
        measure = self._measure(cue.last, reach=8) or self._only_numbers()
        filters = self._filters()
        if measure is None or len(filters) != 1 or len(filters[0].positions) != 2:
            return None
        self._use(cue)
        return Query("difference", measure, filters, (self.key,))

    def _choice(self) -> Query | None:
        """Which of two or more values of a column: "A or B"."""
        cue = self.cue("or")
        if cue is None:
            return None
        before = [one for one in self.values if one.last <= cue.first and cue.first - one.last <= 1]
        after = [one for one in self.values if one.first >= cue.last and one.first - cue.last <= 1]
        if not before or not after:
            return None
        field = after[0].field
        same = [one for one in self.values if one.field is field]
        if before[-1].field is not field or self.cue("count"):
            return None
        self._use(cue)
        positions = tuple(sorted({at for one in same for at in one.positions}))
        picked = Filter(field, "is", tuple(value for one in same for value in one.values), positions)
        rest = self._filters(same)
        down = self.cue("largest", "latest", "last", "above", "next")
        up = self.cue("smallest", "earliest", "first", "below", "previous")
        cues = [one for one in (down, up) if one is not None]
        if not cues:
            return None
        first = min(cues, key=lambda one: one.first)
        descending = first is down
        self.used |= {at for one in same for at in range(one.first, one.last)}
        if self.cue("first", "last", "next", "previous") and not self.cue("largest", "smallest"):
            dated = [one for one in self.fields if one.kind == "date" or is_years(one)]
            return Query("rank", dated[0] if dated else None, (picked, *rest), (field,), descending=descending, limit=1)
        measure = self._measure(first.last)
        if measure is None and len(positions) > len(same):
            return Query("most common", None, (picked, *rest), by=field, descending=descending, limit=1)
        measure = measure or self._only_numbers()
        if measure is None:
            return None
        return Query("rank", measure, (picked, *rest), (field,), descending=descending, limit=1)

    def _count(self) -> Query | None:
        cue = self.cue("count")
        if cue is None:
            return None
        self._use(cue)
        named = self._column_after(cue.last, reach=3)
        distinct = self.cue("distinct")
        is_best = self.cue("largest", "smallest") is not None
        if named and named.share >= HALF and can_be_summed(named.field) and not distinct and not is_best:
            return self._amount(named)
        filters = self._filters()
        if self.cue("missing") and (field := self._missing_column()):
            return Query("count", field, (*filters, Filter(field, "missing")))
        if distinct or (named and not filters and named.field.kind == "text"):
            field = named.field if named else self.key
            if distinct:
                self._use(distinct)
            if named:
                self.used |= set(range(named.first, named.last))
            if field is not self.key or distinct:
                return Query("distinct", field, filters)
        return Query("count", None, filters)

    def _amount(self, named: ColumnLink) -> Query:
        """How much a column of numbers says: the cell of a single row, else the sum."""
        self.used |= set(range(named.first, named.last))
        filters = self._filters()
        if total := self.cue("sum"):
            self._use(total)
        if len(rows_of(filters, self.relation)) == 1:
            return Query("list", None, filters, (named.field,))
        return Query("sum", named.field, filters)

    def _missing_column(self) -> Field | None:
        cue = self.cue("missing")
        with_gaps = [one for one in self.fields if any(one.values[at] is None for at in self.relation.counted)]
        named = [one.field for one in self.columns if one.field in with_gaps]
        numbers = [one for one in with_gaps if one.kind == "number"]
        if cue:
            self._use(cue)
        return named[0] if named else numbers[0] if len(numbers) == 1 else self._nearest_column(with_gaps)

    def _common(self) -> Query | None:
        cue = self.cue("most_common", "least_common")
        if cue is None:
            return None
        if self._measure_is_named(cue):
            return None
        target, is_named = self._target()
        if not is_named or count_distinct(target, self.relation) == len(self.relation.counted):
            return None
        self._use(cue)
        filters = tuple(one for one in self._filters() if one.field is not target)
        return Query("most common", None, filters, by=target, descending=cue.kind == "most_common", limit=1)

    def _measure_is_named(self, cue: Cue) -> bool:
        link = self._column_after(cue.last, reach=2, numeric=True)
        return link is not None

    def _rows(self) -> Query | None:
        """What stands in the rows that the question's values pick."""
        filters = self._filters()
        if not filters:
            return None
        target, is_named = self._target([one.field for one in filters if one.field is not None])
        if not is_named and any(one.field is target for one in filters):
            others = [one for one in self.fields if all(one is not each.field for each in filters)]
            found = self._nearest_column(others)
            if found is None:
                return None
            target = found
        return Query("list", None, filters, (target,))

    def _covered(self) -> float:
        for cue in self.cues:
            if cue.kind in ("asks", "who", "when", "where", "distinct", "same", "amount", "and", "between"):
                self._use(cue)
        for link in self.columns:
            if link.share > 0.4:
                self.used |= set(range(link.first, link.last))
        telling = [at for at, tells in enumerate(self.tells) if tells]
        titled = set(title_terms(self.relation))
        held = [at for at in telling if at in self.used or self.terms[at] in titled]
        guessed = sum(at in self.meant for at in held)
        return (len(held) - guessed / 2) / len(telling) if telling else 0.0

    def _runs(self, query: Query) -> bool:
        rows = rows_of(query.filters, self.relation)
        return bool(rows) or query.function == "count"
