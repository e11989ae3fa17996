"""A question -> the query that it asks of one relation, by its words, its values and its columns; no model.

Every query is told with how much of the question it accounts for, so that the best of several tables can be chosen and
a question that none accounts for is not answered by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from app.table_query.linking import ColumnLink, LinkIndex, ValueLink
from app.table_query.query import Comparison, Filter, Function, Query
from app.table_query.relation import Field, Relation
from app.table_query.wording import Cue, Wording, terms_of
from core.messages import N_, _

Nearness = Callable[[str, Sequence[str]], Sequence[float]]
"""How near texts are to one by the embedder, 0 for unrelated and 1 for the same."""

NEAR, CLEAR, APART = 0.58, 0.05, 0.18
"""How near a word must be to the name of a column or a value that shares no word with it; by how much nearer than
to the next, and than to all of them on average."""

MEANT = 0.6
"""The share of a column's name that a word by its meaning counts for."""

FEW = 40
"""Different values of a column up to which each is compared with the question by the embedder."""

AFTER, BEFORE = N_("the row after {value}"), N_("the row before {value}")

HALF = 0.5
"""The share of a column's name that must be said where its numbers are to be summed rather than rows counted."""

YEARS = range(1000, 2101)


@dataclass(frozen=True, slots=True)
class Planned:
    """A query, and the share of the question's telling words, 0..1, that it accounts for."""

    query: Query
    covered: float
    relation: Relation


def plan(wording: Wording, index: LinkIndex, near: Nearness | None = None) -> Planned | None:
    """The query that a question asks of a relation; None where its words ask none of it."""
    return _Planner(wording, index, near).planned()


class _Planner:
    def __init__(self, wording: Wording, index: LinkIndex, near: Nearness | None) -> None:
        self.wording = wording
        self.relation = index.relation
        self.fields = index.relation.fields
        self._near = near
        self._index = index
        tokens = wording.tokens
        self.terms = index.spelt(tokens)
        self.tells = [one.tells for one in tokens]
        self.used: set[int] = set()
        self.meant: set[int] = set()
        self.columns = index.columns(self.terms, self.tells)
        self.values = self._chosen_values(index.values(self.terms, self.tells))
        self._link_by_meaning()
        self.cues = [one for one in wording.cues if not self._inside_a_value(one)]

    # The words

    def _inside_a_value(self, cue: Cue) -> bool:
        return any(one.first <= cue.first and cue.last <= one.last and one.length > 1 for one in self.values)

    def cue(self, *kinds: str) -> Cue | None:
        return next((one for one in self.cues if one.kind in kinds), None)

    def _chosen_values(self, links: Sequence[ValueLink]) -> list[ValueLink]:
        """For each stretch of the question the column in whose cells it stands best; none where it names a column."""
        chosen: list[ValueLink] = []
        free = set(range(len(self.terms)))
        for link in sorted(links, key=self._weight, reverse=True):
            span = set(range(link.first, link.last))
            if not span <= free or self._names_a_column(link) or self._is_small_number(link):
                continue
            chosen.append(link)
            free -= span
        return sorted(chosen, key=lambda one: one.first)

    def _link_by_meaning(self) -> None:
        """Link words that stand in no cell and no name of a column with the nearest by the embedder, where one is
        clearly nearer than the others: "earn" with "Annual salary", "delivered" with "geliefert"."""
        if self._near is None:
            return
        cued = {at for one in self.wording.cues for at in range(one.first, one.last)}
        spans = [(one.first, one.last) for one in self.values] + [(one.first, one.last) for one in self.columns]
        known = cued | {at for first, last in spans for at in range(first, last)}
        titled = set(_title_terms(self.relation))
        left = [
            at
            for at, tells in enumerate(self.tells)
            if tells and at not in known and self.terms[at] not in titled and not self._is_a_name(at)
        ]
        named = [one for one in self.fields if one.header]
        values = self._index.few_values(FEW)
        candidates = [*(one.header for one in named), *(text for _, text, _ in values)]
        if not left or len(candidates) < 2:
            return
        for at in left:
            scores = list(self._near(self.wording.tokens[at].text, candidates))
            best = max(range(len(candidates)), key=scores.__getitem__)
            others = sorted((score for n, score in enumerate(scores) if n != best), reverse=True)
            if (
                scores[best] < NEAR
                or scores[best] - others[0] < CLEAR
                or scores[best] - sum(others) / len(others) < APART
            ):
                continue
            if best < len(named):
                self.columns.append(ColumnLink(at, at + 1, named[best], MEANT))
                self.meant.add(at)
            else:
                field, text, positions = values[best - len(named)]
                self.values.append(ValueLink(at, at + 1, field, positions, (text,), 1.0))
                self.meant.add(at)
        self.values.sort(key=lambda one: one.first)

    def _is_a_name(self, at: int) -> bool:
        """Whether a word is a name or a number, which means nothing else: it is written with a capital letter."""
        text = self.wording.tokens[at].text
        return not text.isalpha() or (at > 0 and text[0].isupper() and self.wording.language != "de")

    def _weight(self, link: ValueLink) -> tuple[float, float]:
        named = any(
            one.field is link.field and min(abs(one.first - link.last), abs(link.first - one.last)) <= 3
            for one in self.columns
        )
        whole = 1.5 if link.share > 0.99 else link.share
        short = 1 / (1 + sum(map(len, link.values)) / len(link.values) / 40)
        return link.length + whole + 0.8 * named + 0.5 * short, -link.first

    def _names_a_column(self, link: ValueLink) -> bool:
        """Whether words that stand in cells rather name a column: all of its name, or as many words."""
        if link.share > 0.99 and link.length > 1:
            return False
        return any(
            one.first <= link.first
            and link.last <= one.last
            and (one.share > 0.6 or one.last - one.first > link.length)
            for one in self.columns
            if not (one.field is link.field and link.share > 0.99)
        )

    def _is_small_number(self, link: ValueLink) -> bool:
        """Whether a link is a bare number, which any column may hold, that no name of its column stands beside."""
        if link.length > 1 or not self.terms[link.first][0].isdigit():
            return False
        number = self.wording.number_at(link.first)
        if number is not None and int(number) in YEARS and number == int(number) and len(self.terms[link.first]) == 4:
            return False
        beside = any(
            one.field is link.field
            and (one.last in (link.first, link.first - 1) or one.first in (link.last, link.last + 1))
            for one in self.columns
        )
        return not beside and link.field.kind != "text"

    # The columns

    def _column_after(self, at: int, *, reach: int = 4, numeric: bool | None = None) -> ColumnLink | None:
        """The column that is named soonest after a token, the most of its name first."""
        near = [
            one
            for one in self.columns
            if at <= one.last - 1
            and one.first - at <= reach
            and self._fits(one.field, numeric)
            and not self._is_filtered(one)
        ]
        return max(near, key=lambda one: one.share - 0.2 * max(0, one.first - at), default=None)

    def _fits(self, field: Field, numeric: bool | None) -> bool:
        return numeric is None or field.is_numeric == numeric or (numeric and field.kind == "date")

    def _is_filtered(self, link: ColumnLink) -> bool:
        """Whether a value of the column stands right beside its name, so that the name belongs to it."""
        return any(one.field is link.field and abs(one.first - link.last) <= 1 for one in self.values)

    def _nearest_column(self, fields: Sequence[Field], text: str = "") -> Field | None:
        """The column whose name the embedder finds nearest to the question, where it is near enough."""
        named = [one for one in fields if one.header]
        if self._near is None or not named:
            return None
        scores = list(self._near(text or self.wording.question, [one.header for one in named]))
        best = max(range(len(named)), key=scores.__getitem__)
        return named[best] if scores[best] >= NEAR else None

    @property
    def key(self) -> Field:
        """The column that says what each row is."""
        texts = [one for one in self.fields if one.kind == "text" and one.at != -2]
        labels = [one for one in texts if one.at == -1]
        if labels:
            return labels[0]
        count = len(self.relation.counted)
        return next(
            (one for one in texts if _distinct(one, self.relation) > 0.6 * count), (texts or list(self.fields))[0]
        )

    def _target(self, avoid: Sequence[Field] = ()) -> tuple[Field, bool]:
        """The column that answers, and whether the question names it rather than leaving it to the rows' own names."""
        for cue in (one for one in self.cues if one.kind == "asks"):
            word = self.wording.tokens[cue.first].text.lower()
            link = self._column_after(cue.last, reach=3)
            if link and link.field not in avoid and word not in ("how", "wie"):
                self.used |= set(range(link.first, link.last))
                return link.field, True
        if self.cue("when"):
            dated = [one for one in self.fields if one.kind == "date" or _is_years(one)]
            if dated and dated[0] not in avoid:
                return dated[0], True
        left = [one for one in self.columns if one.field not in avoid and not self._is_filtered(one)]
        if left and not self.cue("who"):
            best = max(left, key=lambda one: one.share)
            if best.share >= 0.5:
                self.used |= set(range(best.first, best.last))
                return best.field, True
        if self.cue("who", "where"):
            texts = [one for one in self.fields if one.kind == "text" and one not in avoid]
            if found := self._nearest_column(texts, self.wording.tokens[self._any("who", "where")].text):
                return found, True
        return self.key, False

    def _any(self, *kinds: str) -> int:
        cue = self.cue(*kinds)
        return cue.first if cue else 0

    # The conditions

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
            left = rows & set(_holding(one, self.relation))
            if left:
                rows = left
                kept.append(one)
        return tuple(kept)

    def _comparisons(self) -> list[tuple[Filter, set[int]]]:
        found: list[tuple[Filter, set[int]]] = []
        for cue in self.cues:
            signs: dict[str, Comparison] = {
                "above": "above",
                "below": "below",
                "at_least": "at least",
                "at_most": "at most",
            }
            if cue.kind not in signs:
                continue
            places = [at for at in range(cue.last, min(cue.last + 3, len(self.terms))) if self._number(at) is not None]
            if not places and cue.kind in ("at_least", "at_most") and self._number(cue.first - 1) is not None:
                places = [cue.first - 1]
            if not places or any(places[0] in span for _, span in found):
                continue
            if one := self._compared(signs[cue.kind], places[0]):
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
        dates = [one for one in self.fields if one.kind == "date" or _is_years(one)]
        field = self._field_of_number(at, dates if is_year and dates else None)
        if field is None:
            return None
        if field.kind == "date":
            day = date(int(number) + (comparison in ("above", "at most")), 1, 1)
            kinds: dict[Comparison, Comparison] = {
                "above": "from",
                "at least": "from",
                "below": "until",
                "at most": "until",
            }
            return Filter(field, kinds[comparison], (str(int(number)),), day=day)
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
        numbers = [one for one in self.fields if one.kind == "number" and not _is_years(one) and not _is_ranks(one)]
        return self._nearest_column(numbers) or (numbers[0] if len(numbers) == 1 else None)

    # The functions

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
            dated = [one for one in self.fields if one.kind == "date" or _is_years(one)]
            return Query("rank", dated[0] if dated else None, (picked, *rest), (field,), descending=descending, limit=1)
        measure = self._measure(first.last)
        if measure is None and len(positions) > len(same):
            return Query("most common", None, (picked, *rest), by=field, descending=descending, limit=1)
        measure = measure or self._only_numbers()
        if measure is None:
            return None
        return Query("rank", measure, (picked, *rest), (field,), descending=descending, limit=1)

    def _only_numbers(self) -> Field | None:
        """The column of numbers that a superlative means where none is named."""
        numbers = [
            one
            for one in self.fields
            if one.is_numeric and not _is_years(one) and not _is_ranks(one) and one.kind != "date"
        ]
        return numbers[0] if len(numbers) == 1 else self._nearest_column(numbers)

    def _count(self) -> Query | None:
        cue = self.cue("count")
        if cue is None:
            return None
        self._use(cue)
        named = self._column_after(cue.last, reach=3)
        distinct = self.cue("distinct")
        is_best = self.cue("largest", "smallest") is not None
        if named and named.share >= HALF and _can_be_summed(named.field) and not distinct and not is_best:
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
        if len(_rows_of(filters, self.relation)) == 1:
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
        if not is_named or _distinct(target, self.relation) == len(self.relation.counted):
            return None
        self._use(cue)
        filters = tuple(one for one in self._filters() if one.field is not target)
        return Query("most common", None, filters, by=target, descending=cue.kind == "most_common", limit=1)

    def _measure_is_named(self, cue: Cue) -> bool:
        link = self._column_after(cue.last, reach=2, numeric=True)
        return link is not None

    def _aggregate(self) -> Query | None:
        kinds: dict[str, Function] = {"average": "average", "median": "median", "sum": "sum"}
        cue = self.cue("median", "average", "sum")
        if cue is None:
            return None
        if cue.kind == "sum" and self._has_its_total():
            return None
        measure = self._measure(cue.last) or self._only_numbers()
        filters = tuple(one for one in self._filters() if one.field is not measure or one.comparison != "is")
        if measure is None:
            return None
        self._use(cue)
        return Query(kinds[cue.kind], measure, filters)

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
        dated = [one for one in self.fields if one.kind == "date" or _is_years(one)]
        if cue.kind in ("latest", "earliest"):
            measure = self._measure_of_dates() or (dated[0] if dated else None)
            descending = cue.kind == "latest"
        elif cue.kind == "top":
            measure, descending = self._measure(cue.last), True
            ranks = [one for one in self.fields if _is_ranks(one)]
            if measure is None or _is_ranks(measure):
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
        links = [one for one in self.columns if one.field.kind == "date" or _is_years(one.field)]
        return max(links, key=lambda one: one.share).field if links else None

    def _by_number(self, cue: Cue) -> Query | None:
        """Where no column of numbers is meant: the value that most rows have."""
        target, is_named = self._target()
        if not is_named or _distinct(target, self.relation) == len(self.relation.counted):
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
            target = self._target()[0] if self._target()[0].is_numeric else self._target((link.field,))[0]
            if link.field.kind == "text" and not self._target((link.field,))[1]:
                target = link.field
            rest = self._filters([link])
            rows = _rows_of(rest, self.relation)
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
        if cue is None:
            return None
        target = self._target()[0]
        filters = tuple(one for one in self._filters() if one.field is not target)
        self._use(cue)
        dated = self._date_order() if self.cue("when") or self._names_a_time(cue) else None
        return Query("rank" if dated else "list", dated, filters, (target,), descending=cue.kind == "last", limit=1)

    def _names_a_time(self, cue: Cue) -> bool:
        link = self._column_after(cue.last, reach=1)
        return link is not None and (link.field.kind == "date" or _is_years(link.field))

    def _date_order(self) -> Field | None:
        return next((one for one in self.fields if one.kind == "date" or _is_years(one)), None)

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

    # What it accounts for

    def _covered(self) -> float:
        for cue in self.cues:
            if cue.kind in ("asks", "who", "when", "where", "distinct", "same", "amount", "and", "between"):
                self._use(cue)
        for link in self.columns:
            if link.share > 0.4:
                self.used |= set(range(link.first, link.last))
        telling = [at for at, tells in enumerate(self.tells) if tells]
        titled = set(_title_terms(self.relation))
        held = [at for at in telling if at in self.used or self.terms[at] in titled]
        guessed = sum(at in self.meant for at in held)
        return (len(held) - guessed / 2) / len(telling) if telling else 0.0

    def _runs(self, query: Query) -> bool:
        rows = _rows_of(query.filters, self.relation)
        return bool(rows) or query.function == "count"


def _title_terms(relation: Relation) -> tuple[str, ...]:
    return terms_of(relation.title)


def _distinct(field: Field, relation: Relation) -> int:
    return len({field.texts[at] for at in relation.counted})


def _rows_of(filters: Sequence[Filter], relation: Relation) -> set[int]:
    rows = set(relation.counted)
    for one in filters:
        rows &= set(_holding(one, relation))
    return rows


def _holding(one: Filter, relation: Relation) -> Sequence[int]:
    """The positions of the rows for which a condition holds."""
    if one.positions:
        return one.positions
    field = one.field
    if field is None:
        return ()
    if one.comparison == "missing":
        return [at for at in relation.counted if field.values[at] is None]
    limit = one.day or one.number
    held = []
    for at in relation.counted:
        value = field.values[at]
        if value is None or isinstance(value, str) or limit is None:
            continue
        above, same = value > limit, value == limit  # type: ignore[operator]
        held += (
            [at]
            if {
                "above": above,
                "at least": above or same,
                "from": above or same,
                "below": not above and not same,
                "until": not above and not same,
                "at most": not above,
            }.get(one.comparison, False)
            else []
        )
    return held


def _is_years(field: Field) -> bool:
    values = [one for one in field.values if isinstance(one, float)]
    return (
        field.kind == "number"
        and bool(values)
        and all(one == int(one) and int(one) in YEARS for one in values)
        and not field.unit
    )


def _can_be_summed(field: Field) -> bool:
    """Whether a column holds amounts: no dates, years, numbers of rows or shares."""
    return (
        field.is_numeric
        and field.kind != "date"
        and field.unit != "%"
        and not _is_years(field)
        and not _is_ranks(field)
    )


def _is_ranks(field: Field) -> bool:
    """Whether a column numbers the rows: 1, 2, 3..."""
    values = [one for one in field.values if isinstance(one, float)]
    return (
        field.kind == "number"
        and len(values) > 1
        and values[0] == 1
        and all(0 <= after - before <= 2 for before, after in pairwise(values))
    )
