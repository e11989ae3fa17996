"""The conditions of a question: values that it names, and numbers and years that it compares with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.table_query.columns import YEARS, is_ranks, is_years, rows_holding
from app.table_query.linking import ValueLink
from app.table_query.query import Comparison, Filter
from app.table_query.reading import Reading
from app.table_query.relation import Field

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
        compared = self._comparisons()
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

    def _is_negated(self, link: ValueLink) -> bool:
        return any(one.kind == "not" and 0 <= link.first - one.last <= 3 for one in self.cues)

    def _kept(self, filters: list[Filter]) -> tuple[Filter, ...]:
        """The conditions, without those that leave no row together with the others."""
        rows = set(self.relation.counted)
        kept = []
        for one in sorted(filters, key=lambda one: len(one.positions)):
            left = rows & set(rows_holding(one, self.relation))
            if left:
                rows = left
                kept.append(one)
        return tuple(kept)

    def _comparisons(self) -> list[tuple[Filter, set[int]]]:
        found: list[tuple[Filter, set[int]]] = []
        for cue in self.cues:
            if cue.kind not in _COMPARED:
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
        return found

    def _number(self, at: int) -> float | None:
        return self.wording.number_at(at)

    def _compared(self, comparison: Comparison, at: int) -> Filter | None:
        number = self._number(at)
        if number is None:
            return None
        is_year = int(number) in YEARS and len(self.terms[at]) == 4
        dates = [one for one in self.fields if one.kind == "date" or is_years(one)]
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
            if one.field.kind in ("number", "date") and (among is None or one.field in among)
        ]
        near = sorted(links, key=lambda one: (min(abs(one.first - at), abs(one.last - 1 - at)) > 6, -one.share))
        if near:
            self.used |= set(range(near[0].first, near[0].last))
            return near[0].field
        if among:
            return among[0]
        numbers = [one for one in self.fields if one.kind == "number" and not is_years(one) and not is_ranks(one)]
        return self._nearest_column(numbers) or (numbers[0] if len(numbers) == 1 else None)
