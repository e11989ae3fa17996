"""The conditions of a question: values that it names, and numbers and years that it compares with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.table_query.columns import YEARS, dated, is_ranks, is_years, rows_holding
from app.table_query.linking import ColumnLink, ValueLink
from app.table_query.query import Comparison, Filter
from app.table_query.reading import Reading
from app.table_query.relation import Field
from app.table_query.stretches import condition

TWO = 2

_COMPARED: Mapping[str, Comparison] = {
    "above": "above",
    "below": "below",
    "at_least": "at least",
    "at_most": "at most",
}
"""What the cues compare, by their kinds."""


class Conditions(Reading):
    """Reads conditions."""

    def _filters(self, leave: Sequence[ValueLink] = ()) -> tuple[Filter, ...]:
        """The values of the question, those of one column joined by or; and the numbers that it compares with."""
        by_field: dict[str, list[ValueLink]] = {}
        for link in self.values:
            if link not in leave:
                by_field.setdefault(link.field.name, []).append(link)
        compared = [*self._days(), *self._comparisons()]
        taken = {at for _, span in compared for at in span}
        filters = [one for one, _ in compared]
        for links in by_field.values():
            kept = [one for one in links if not taken & set(range(one.first, one.last))]
            if any(one.share > 0.99 for one in kept) and not self.cue("and", "or"):
                kept = [one for one in kept if one.share > 0.99]
            if kept:
                self.used |= {at for one in kept for at in range(one.first, one.last)}
                positions = tuple(sorted({at for one in kept for at in one.positions}))
                together = set(kept[0].positions).intersection(*(one.positions for one in kept[1:]))
                if len(kept) > 1 and together and len(together) < len(positions):
                    positions = tuple(sorted(together))
                if self._is_negated(kept[0]):
                    positions = tuple(at for at in self.relation.counted if at not in set(positions))
                values = tuple(dict.fromkeys(value for one in kept for value in one.values))
                filters.append(Filter(kept[0].field, "is", values, positions))
        return self._kept(filters)

    def _days(self) -> list[tuple[Filter, set[int]]]:
        """Conditions on the column of dates that the question names, else the first one."""
        days = [one for one in self.fields if one.kind == "date"]
        if not days:
            return []
        named = [one.field for one in self.columns if one.field in days and one.share > 1 / 2]
        field = named[0] if named else self._nearest_column(days) or days[0]
        found = []
        for stretch in self.stretches:
            one, span = condition(stretch, field, self.cues)
            self.used |= span
            found.append((one, span))
        return [
            *self._any_of(found, "within"),
            *self._any_of(found, "month"),
            *(one for one in found if one[0].comparison not in ("within", "month")),
        ]

    def _any_of(self, found: Sequence[tuple[Filter, set[int]]], kind: Comparison) -> list[tuple[Filter, set[int]]]:
        """The conditions of a kind, several joined by or: "in May and June"."""
        same = [one for one in found if one[0].comparison == kind]
        positions = {at for one, _ in same for at in rows_holding(one, self.relation)}
        if len(same) < TWO or not positions:
            return same
        values = tuple(value for one, _ in same for value in one.values)
        span = {at for _, span in same for at in span}
        return [(Filter(same[0][0].field, "is", values, tuple(sorted(positions))), span)]

    def _is_negated(self, link: ValueLink) -> bool:
        return any(one.kind == "not" and 0 <= link.first - one.last <= 3 for one in self.cues)

    def _kept(self, filters: list[Filter]) -> tuple[Filter, ...]:
        """The conditions, without those that leave no row together with the others."""
        rows = set(self.relation.counted)
        kept = []
        for one in sorted(filters, key=lambda one: len(one.positions)):
            left = rows & set(rows_holding(one, self.relation))
            if left or one.comparison in ("within", "month"):
                rows = left
                kept.append(one)
        return tuple(kept)

    def _comparisons(self) -> list[tuple[Filter, set[int]]]:
        found: list[tuple[Filter, set[int]]] = []
        for cue in self.cues:
            if cue.kind not in _COMPARED or any(cue.last <= one.first <= cue.last + 1 for one in self.stretches):
                continue
            places = [at for at in range(cue.last, min(cue.last + 3, len(self.terms))) if self._number(at) is not None]
            if not places and cue.kind in ("at_least", "at_most") and self._number(cue.first - 1) is not None:
                places = [cue.first - 1]
            if not places or any(places[0] in span for _, span in found):
                continue
            if one := self._compared(_COMPARED[cue.kind], places[0]):
                span = {*range(cue.first, cue.last), places[0]}
                self.used |= span
                found.append((one, span))
        found += self._between()
        return [*found, *self._equal({at for _, span in found for at in span})]

    def _equal(self, taken: set[int]) -> list[tuple[Filter, set[int]]]:
        """Numbers that stand before the name of a column: "four gold medals", "twelve floors"."""
        found = []
        order = [one for one in self.cues if one.kind in ("largest", "smallest", "top", "first", "last")]
        for at in range(len(self.terms)):
            number = self._number(at)
            beside = [one for one in self.columns if 1 <= one.first - at <= TWO and one.field.kind == "number"]
            if number is None or at in taken or not beside or any(abs(at - one.last) <= 1 for one in order):
                continue
            field = beside[0].field
            rows = tuple(row for row in self.relation.counted if field.values[row] == number)
            linked: list[ColumnLink | ValueLink] = [*self.columns, *(one for one in self.values if one.share == 1)]
            if rows and not any(one.first <= at < one.last for one in linked):
                span = {at, *range(beside[0].first, beside[0].last)}
                self.used |= span
                found.append((Filter(field, "is", (self.wording.tokens[at].text,), rows), span))
        return found

    def _between(self) -> list[tuple[Filter, set[int]]]:
        """Both ends of a range of numbers: "between 1883 and 2014"."""
        for cue in (one for one in self.cues if one.kind == "between"):
            first, last = cue.last, cue.last + 2
            if self._number(first) is None or self._number(last) is None or first in self._in_days:
                continue
            if (least := self._compared("at least", first)) and (most := self._compared("at most", last)):
                span = set(range(cue.first, last + 1))
                self.used |= span
                return [(least, span), (most, span)]
        return []

    @property
    def _in_days(self) -> set[int]:
        return {at for one in self.stretches for at in range(one.first, one.last)}

    def _number(self, at: int) -> float | None:
        return self.wording.number_at(at)

    def _compared(self, comparison: Comparison, at: int) -> Filter | None:
        number = self._number(at)
        if number is None:
            return None
        is_year = int(number) in YEARS and self.wording.tokens[at].text.isdigit()
        dates = dated(self.fields)
        field = self._field_of_number(at, dates if is_year and dates else None)
        if field is None:
            return None
        if field.kind == "date":
            day = date(int(number) + (comparison in ("above", "at most")), 1, 1)
            kind: Comparison = "from" if comparison in ("above", "at least") else "until"
            return Filter(field, kind, (str(int(number)),), day=day)
        return Filter(field, comparison, (self.wording.tokens[at].text,), number=number / field.scale)

    def _field_of_number(self, at: int, among: Sequence[Field] | None) -> Field | None:
        links = [
            one
            for one in self.columns
            if (one.field.is_numeric or one.field.kind == "date") and (among is None or one.field in among)
        ]
        near = sorted(links, key=lambda one: (min(abs(one.first - at), abs(one.last - 1 - at)) > 6, -one.share))
        if near:
            self.used |= set(range(near[0].first, near[0].last))
            return near[0].field
        if among:
            return among[0]
        numbers = [one for one in self.fields if one.kind == "number" and not is_years(one) and not is_ranks(one)]
        return self._nearest_column(numbers) or (numbers[0] if len(numbers) == 1 else None)
