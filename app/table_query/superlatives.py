"""Questions for the largest, the average, the sum; the rows at an end of a table and beside a named one."""

from __future__ import annotations

from app.table_query.columns import can_be_summed, count_distinct, dated, is_ranks, is_years, rows_of
from app.table_query.conditions import Conditions
from app.table_query.linking import ValueLink
from app.table_query.query import Filter, Function, Query
from app.table_query.relation import Field
from app.table_query.wording import Cue, terms_of
from core.messages import N_, _

HOW = ("how", "wie", "combien", "cuánto")

AFTER, BEFORE = N_("the row after {value}"), N_("the row before {value}")


class Superlatives(Conditions):
    """Plans queries that order rows or compute over a column."""

    def _use(self, cue: Cue) -> None:
        self.used |= set(range(cue.first, cue.last))

    def _measure(self, at: int, *, reach: int = 5) -> Field | None:
        """The column of numbers that is named soonest after a token, else the nearest that the question names."""
        link = self._column_after(at, reach=reach, numeric=True)
        if link is None:
            links = [one for one in self.columns if self._fits(one.field, True) and not self._is_filtered(one)]
            link = max(links, key=lambda one: one.share, default=None)
        if link is None or link.share < 0.3:
            return None
        self.used |= set(range(link.first, link.last))
        return link.field

    def _only_numbers(self) -> Field | None:
        """The column of numbers that a superlative means where none is named."""
        numbers = [
            one
            for one in self.fields
            if one.is_numeric and not is_years(one) and not is_ranks(one) and one.kind != "date"
        ]
        return numbers[0] if len(numbers) == 1 else self._nearest_column(numbers)

    def _aggregate(self) -> Query | None:
        kinds: dict[str, Function] = {"average": "average", "median": "median", "sum": "sum"}
        cue = self.cue("median", "average", "sum")
        if cue is None:
            return None
        if cue.kind == "sum" and (self._has_its_total() or self._asks_whose()):
            return None
        measure = self._measure(cue.last) or self._only_numbers()
        filters = tuple(one for one in self._filters() if one.field is not measure or one.comparison != "is")
        if measure is None:
            return None
        self._use(cue)
        return Query(kinds[cue.kind], measure, filters)

    def _asks_whose(self) -> bool:
        """Whether the rows are asked for by a name or a date ("which county had the most total votes")."""
        for cue in (one for one in self.cues if one.kind == "asks"):
            link = self._column_after(cue.last, reach=2)
            if link and not can_be_summed(link.field) and self.wording.tokens[cue.first].text.lower() not in HOW:
                return True
        return False

    def _has_its_total(self) -> bool:
        """Whether the question names a row that sums up others ("total assets"): that is looked up, not computed."""
        asked = set(self.terms)
        for at in self.relation.totals:
            label = next((one.texts[at] for one in self.fields if one.kind == "text" and one.texts[at]), "")
            named = terms_of(label)
            if len(named) > 1 and set(named) <= asked:
                return True
        return False

    def _best(self) -> Query | None:
        cue = self.cue("largest", "smallest", "latest", "earliest", "top")
        if cue is None:
            return None
        in_time = dated(self.fields)
        if cue.kind in ("latest", "earliest"):
            measure = self._measure_of_dates() or (in_time[0] if in_time else None)
            descending = cue.kind == "latest"
        elif cue.kind == "top":
            measure, descending = self._measure(cue.last), True
            ranks = [one for one in self.fields if is_ranks(one)]
            if measure is None or is_ranks(measure):
                if not ranks:
                    return None
                measure, descending = ranks[0], False
        else:
            measure = self._measure(cue.last) or self._only_numbers()
            descending = cue.kind == "largest"
        if measure is None:
            return self._by_number(cue)
        target = self._target((measure,))[0]
        asks_value = self._asks_the_value(cue)
        filters = tuple(
            one
            for one in self._filters()
            if one.field not in (measure, target)
            or one.comparison != "is"
            or (len(one.positions) < len(self.relation.counted))
        )
        self._use(cue)
        limit = self._how_many(cue)
        if asks_value and limit == 1 and measure.kind != "text":
            return Query("largest" if descending else "smallest", measure, filters)
        shown = (measure,) if asks_value else (target, measure)
        return Query("rank", measure, filters, shown, descending=descending, limit=limit)

    def _measure_of_dates(self) -> Field | None:
        links = [one for one in self.columns if one.field.kind == "date" or is_years(one.field)]
        return max(links, key=lambda one: one.share).field if links else None

    def _by_number(self, cue: Cue) -> Query | None:
        """Where no column of numbers is meant: the value that most rows have."""
        target, is_named = self._target()
        if not is_named or count_distinct(target, self.relation) == len(self.relation.counted):
            return None
        self._use(cue)
        filters = tuple(one for one in self._filters() if one.field is not target)
        return Query("most common", None, filters, by=target, descending=cue.kind == "largest", limit=1)

    def _asks_the_value(self, cue: Cue) -> bool:
        """Whether the largest value itself is asked for ("what is the highest score?"), not whose it is."""
        if self.cue("who", "where", "when"):
            return False
        if count := self.cue("count", "amount"):
            return count.first < cue.first
        asks = self.cue("asks")
        if asks is None:
            return True
        between = [at for at in range(asks.last, cue.first) if self.tells[at]]
        return not between and self.wording.tokens[asks.first].text.lower() not in (
            "which",
            "welche",
            "welcher",
            "welches",
        )

    def _how_many(self, cue: Cue) -> int:
        """How many of the largest are asked for: "the three biggest", "top 5"; 1 where no number stands there."""
        for at in (cue.first - 1, cue.last, cue.first - 2):
            number = self.wording.number_at(at)
            if number is not None and 1 < number <= 50 and number == int(number):
                self.used.add(at)
                return int(number)
        return 1

    def _beside(self) -> Query | None:
        """The row before or after the one that is named, in the order of the table."""
        for cue in (one for one in self.cues if one.kind in ("next", "previous")):
            named = [one for one in self.values if 0 <= one.first - cue.last <= 2]
            if not named or self._is_a_time(named[0]):
                continue
            link = named[0]
            target, is_named = self._target()
            if not is_named or (target is not link.field and self.cue("who")):
                target = link.field
            rest = self._filters([link])
            rows = rows_of(rest, self.relation)
            order = sorted(set(rows) | set(link.positions))
            at = order.index(link.positions[-1 if cue.kind == "next" else 0])
            other = at + (1 if cue.kind == "next" else -1)
            if not 0 <= other < len(order):
                continue
            self._use(cue)
            self.used |= set(range(link.first, link.last))
            where = AFTER if cue.kind == "next" else BEFORE
            picked = Filter(None, "rows", (_(where, value=f"“{link.values[0]}”"),), (order[other],))
            return Query("list", None, (*rest, picked), (target,))
        return None

    def _is_a_time(self, link: ValueLink) -> bool:
        return link.field.kind == "date" or (link.length == 1 and self.terms[link.first][0].isdigit())

    def _end(self) -> Query | None:
        cue = self.cue("first", "last")
        if cue is None or self.wording.number_at(cue.last) is not None:  # "the first three months" are no row
            return None
        target = self._target()[0]
        filters = tuple(one for one in self._filters() if one.field is not target)
        self._use(cue)
        order = next(iter(dated(self.fields)), None) if self.cue("when") or self._names_a_time(cue) else None
        return Query("rank" if order else "list", order, filters, (target,), descending=cue.kind == "last", limit=1)

    def _names_a_time(self, cue: Cue) -> bool:
        link = self._column_after(cue.last, reach=1)
        return link is not None and (link.field.kind == "date" or is_years(link.field))
