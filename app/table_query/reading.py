"""Which values and columns the words of a question mean: by spelling, by what stands beside them, by the embedder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.table_query.columns import YEARS, count_distinct, dated, title_terms
from app.table_query.linking import ColumnLink, LinkIndex, ValueLink
from app.table_query.relation import Field
from app.table_query.stretches import stretches_of
from app.table_query.wording import Cue, Wording

Nearness = Callable[[str, Sequence[str]], Sequence[float]]
"""How near texts are to one by the embedder, 0 for unrelated and 1 for the same."""

NEAR, CLEAR, APART = 0.58, 0.05, 0.18
"""How near a word must be to the name of a column or a value that shares no word with it; by how much nearer than
to the next, and than to all of them on average."""

MEANT = 0.6
"""The share of a column's name that a word by its meaning counts for."""

VAGUE, MOST_HELD = 0.5, 0.8
"""A word that is as little of the cells it stands in tells no rows where it stands in more than this share of them."""

FEW = 40
"""Different values of a column up to which each is compared with the question by the embedder."""


class Reading:
    """A question's words, as values and columns of one relation; ``used`` are the tokens that a query accounts for."""

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
        has_dates = any(one.kind == "date" for one in self.fields)
        self.stretches = stretches_of(wording) if has_dates else []
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
        free = set(range(len(self.terms))) - {at for one in self.stretches for at in range(one.first, one.last)}
        for link in sorted(links, key=self._weight, reverse=True):
            span = set(range(link.first, link.last))
            if not span <= free or self._names_a_column(link) or self._is_small_number(link) or self._is_vague(link):
                continue
            chosen.append(link)
            free -= span
        return sorted(chosen, key=lambda one: one.first)

    def _link_by_meaning(self) -> None:
        """Link words that stand in no cell and no name of a column with the nearest by the embedder, where one is
        clearly nearer than the others: "earn" with "Annual salary", "delivered" with "geliefert"."""
        if self._near is None or not (self.values or self.columns or self.wording.computes):
            return
        cued = {at for one in self.wording.cues for at in range(one.first, one.last)}
        spans = [(one.first, one.last) for one in self.values] + [(one.first, one.last) for one in self.columns]
        known = cued | {at for first, last in spans for at in range(first, last)}
        titled = set(title_terms(self.relation))
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

    def _is_vague(self, link: ValueLink) -> bool:
        """Whether one word stands in so many longer cells that it tells no rows: the unit of all, or a word of a name
        of another column."""
        if link.length > 1 or link.share > VAGUE:
            return False
        count = len(self.relation.counted)
        if len(link.positions) > count * MOST_HELD and count > 1:
            return True
        return any(one.first <= link.first < one.last for one in self.columns)

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
        telling = [one for one in texts if count_distinct(one, self.relation) > 0.6 * count]
        names = [one for one in telling if not one.is_ranked]
        return [*names, *telling, *texts, *self.fields][0]

    def _target(self, avoid: Sequence[Field] = ()) -> tuple[Field, bool]:
        """The column that answers, and whether the question names it rather than leaving it to the rows' own names."""
        for cue in (one for one in self.cues if one.kind == "asks"):
            word = self.wording.tokens[cue.first].text.lower()
            link = self._column_after(cue.last, reach=3)
            if link and link.field not in avoid and word not in ("how", "wie"):
                self.used |= set(range(link.first, link.last))
                return link.field, True
        if self.cue("when"):
            in_time = dated(self.fields)
            if in_time and in_time[0] not in avoid:
                return in_time[0], True
        left = [one for one in self.columns if one.field not in avoid and not self._is_filtered(one)]
        if self.cue("who"):
            left = [one for one in left if one.field.kind == "text" and not one.field.is_ranked]
        if left:
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
