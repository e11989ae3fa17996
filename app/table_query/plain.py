"""A question -> the query that it asks of one relation, by its words, its values and its columns; no model.

Every query is told with how much of the question it accounts for, so that the best of several tables can be chosen and
a question that none accounts for is not answered by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.table_query.columns import can_be_summed, count_distinct, dated, rows_holding, rows_of, title_terms
from app.table_query.linking import ColumnLink, LinkIndex
from app.table_query.query import Filter, Query
from app.table_query.reading import Nearness
from app.table_query.relation import Field, Relation, says_total
from app.table_query.superlatives import Superlatives
from app.table_query.wording import Cue, Wording, terms_of

MOST_NAMED, DISTINCT = 4, 0.9
"""Rows that a question names one by one, by a column of which this share of the values differ."""

LITTLE = 1 / 3
"""The share of cells that a value is, up to which it counts half: "order" within "Order 4711, invoice 12"."""

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
            self._same,
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
        if before[-1].field is not field or (self.cue("count") and not self.cue("more", "less")):
            return None
        self._use(cue)
        positions = tuple(sorted({at for one in same for at in one.positions}))
        picked = Filter(field, "is", tuple(value for one in same for value in one.values), positions)
        rest = self._filters(same)
        down = self.cue("largest", "latest", "last", "above", "next", "more")
        up = self.cue("smallest", "earliest", "first", "below", "previous", "less")
        cues = [one for one in (down, up) if one is not None]
        if not cues:
            return None
        first = min(cues, key=lambda one: one.first)
        descending = first is down
        self.used |= {at for one in same for at in range(one.first, one.last)}
        if self.cue("first", "last", "next", "previous") and not self.cue("largest", "smallest"):
            in_time = dated(self.fields)
            return Query(
                "rank", in_time[0] if in_time else None, (picked, *rest), (field,), descending=descending, limit=1
            )
        measure = self._measure(first.last)
        if measure is None and len(positions) > len(same):
            return Query("most common", None, (picked, *rest), by=field, descending=descending, limit=1)
        measure = measure or self._only_numbers()
        if measure is None:
            return None
        return Query("rank", measure, (picked, *rest), (field,), descending=descending, limit=1)

    def _same(self) -> Query | None:
        """The other rows that have what a named row has: "the same number of floors as the Guaranty Tower"."""
        cue = self.cue("same")
        named = self._column_after(cue.last, reach=4) if cue else None
        if cue is None or named is None:
            return None
        like = [one for one in self.values if one.first >= named.last and one.field is not named.field]
        if not like or len(like[0].positions) != 1:
            return None
        (own,) = like[0].positions
        text = named.field.texts[own]
        others = tuple(at for at in self.relation.counted if at != own and text and named.field.texts[at] == text)
        self.used |= {*range(cue.first, named.last), *range(like[0].first, like[0].last)}
        if count := self.cue("count"):
            self._use(count)
        if not others:
            return None
        picked = Filter(None, "rows", (f"{named.field.header} “{text}”",), others)
        if count and count.first < cue.first:
            return Query("count", None, (picked,))
        return Query("list", None, (picked,), (like[0].field,))

    def _is_a_measure(self, cue: Cue) -> bool:
        """Whether "number of" belongs to the name of what is largest: "the largest number of ranks"."""
        order = self.cue("largest", "smallest", "top")
        return order is not None and 0 <= cue.first - order.last <= 1 and self._column_after(cue.last) is not None

    def _count(self) -> Query | None:
        cue = self.cue("count")
        if cue is None:
            return None
        if self._is_a_measure(cue):
            self._use(cue)
            return None
        self._use(cue)
        named = self._column_after(cue.last, reach=3)
        distinct = self.cue("distinct")
        is_best = self.cue("largest", "smallest") is not None
        is_summed = named and named.share >= HALF and can_be_summed(named.field) and not distinct and not is_best
        if named and is_summed and all(one.field is not named.field for one in self._filters()):
            return self._amount(named)
        filters = self._filters()
        if self._are_named(filters):
            return self._of_named(filters)
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

    def _are_named(self, filters: Sequence[Filter]) -> bool:
        """Whether conditions only name rows, which there is nothing to count of: "how many goals did Ismail score"."""
        rows, fields = rows_of(filters, self.relation), [one.field for one in filters]
        if not filters or len(rows) > MOST_NAMED or any(one.comparison != "is" for one in filters):
            return False
        count = len(self.relation.counted)
        names = [one for one in self.values if one.field in fields and one.share == 1]
        return (
            (count > MOST_NAMED or (count > len(rows) and all(one.field is self.key for one in names)))
            and len(names) == len(rows)
            and all(
                len(one.positions) == 1 and count_distinct(one.field, self.relation) > DISTINCT * count for one in names
            )
        )

    def _of_named(self, filters: tuple[Filter, ...]) -> Query | None:
        """What a column says of the rows that are named: the one that the question names, else that of totals."""
        fields = [one for one in self.fields if can_be_summed(one)]
        named = [one for one in self.columns if one.field in fields and one.share >= HALF]
        best = max(named, key=lambda one: one.share, default=None)
        if best:
            self.used |= set(range(best.first, best.last))
        totals = [one for one in fields if says_total(one.header)]
        measure = best.field if best else totals[0] if totals else fields[0] if len(fields) == 1 else None
        if measure is None:
            return None
        if len(rows_of(filters, self.relation)) == 1:
            return Query("list", None, filters, (measure,))
        return Query("sum", measure, filters)

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
            if cue.kind == "above" and any(one.first == cue.last for one in self.cues if one.kind == "when"):
                self._use(cue)  # "since when"
            if cue.kind in ("asks", "who", "when", "where", "distinct", "same", "amount", "and", "between"):
                self._use(cue)
        for link in self.columns:
            if link.share > 0.4:
                self.used |= set(range(link.first, link.last))
        telling = [at for at, tells in enumerate(self.tells) if tells]
        titled = set(title_terms(self.relation))
        held = [at for at in telling if at in self.used or self.terms[at] in titled]
        vague = {at for one in self.values if one.share <= LITTLE for at in range(one.first, one.last)}
        file = set(terms_of(self.relation.about)) - set(terms_of(self.relation.title))
        vague |= {at for at in held if at not in self.used and self.terms[at] in file}
        guessed = sum(at in self.meant or at in vague for at in held)
        return (len(held) - guessed / 2) / len(telling) if telling else 0.0

    def _runs(self, query: Query) -> bool:
        if any(one.comparison in ("within", "month") and not rows_holding(one, self.relation) for one in query.filters):
            return False  # a table of other times
        rows = rows_of(query.filters, self.relation)
        return bool(rows) or query.function == "count"
