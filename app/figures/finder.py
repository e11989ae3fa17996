"""From the words of an item to the rows of tables that are called so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.figures.cells import (
    FoundCell,
    cells_of_named,
    cells_of_row,
    latest,
    months_of,
    of_own_period,
    of_period,
    upright_tables,
)
from app.figures.column_choice import ColumnChoice
from app.figures.operations import EACH, Wording, without_fillers, words_of
from app.figures.periods import AskedPeriods, asked_periods
from app.figures.scope import Scope
from index.analyzer import FUNCTION_WORDS, analyze
from index.search.moments import day_term, moments
from index.search.row_ranking import RankedRow, RowRanker, RowVectors, question_terms

LOOKED_AT = 25
"""Rows, the best ones, of which the columns are compared with the periods asked for."""

PERIOD_WEIGHT = 0.5
"""What a row gains whose table has all periods asked for, and loses where it has none."""

DOCUMENT_WEIGHT = 0.5
"""What a row gains whose document has the best passage."""

ASKED_LEAST, NEAR_LEAST, SURE = 0.6, 0.45, 0.72
"""A row is what was asked for where the question holds this share of its label's words; or two thirds of it and is
near; or is very near."""

HELD_LEAST = 0.25
"""The share of the item's words, by their rarity, that such a row, its headings and its columns hold."""

LEAD = 0.4
"""A row of which the question holds that share of the label is what was asked for, whatever else the question says,
where its score is as far above that of every row with another name."""

SCALED, MOVED, SAME_TABLE = 0.1, 0.3, 0.4
"""What a row gains that is no percentage where none is asked for; loses below a heading of changes, where a level is
asked for; and gains for a ratio in the table of the other item."""

_POSSESSIVE = re.compile(r"['’]s?$")
_ALPHA = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row with the cells that can be asked for; ``score`` is the ranking's with the fit of its periods.

    ``is_named``: the question tells it from all others by a name, a number or a date. ``lead`` is how far its score is
    above that of rows that are called otherwise. ``is_elsewhere``: the question names the heading of other rows.
    """

    ranked: RankedRow
    cells: tuple[FoundCell, ...]
    score: float
    is_named: bool = False
    lead: float = 0.0
    is_elsewhere: bool = False

    @property
    def document_id(self) -> str:
        return self.ranked.document_id

    @property
    def path(self) -> tuple[str, ...]:
        return self.ranked.row.path

    @property
    def is_sure(self) -> bool:
        """Whether the row's name is what was asked for, as far as words and embedder tell."""
        one = self.ranked
        if self.is_elsewhere:
            return False
        return (
            self.is_named
            or (one.asked >= ASKED_LEAST and self.lead >= LEAD)
            or (one.asked >= ASKED_LEAST and one.held >= HELD_LEAST)
            or (one.asked >= ASKED_LEAST * 2 / 3 and one.nearness >= NEAR_LEAST)
            or one.nearness >= SURE
        )


class Finder(ColumnChoice):
    """Finds the rows of the tables of some documents for the items of one question."""

    def __init__(
        self,
        scope: Scope,
        vectors: RowVectors,
        question: str,
        wording: Wording,
    ) -> None:
        self._ranker = RowRanker({key: upright_tables(key, found) for key, found in scope.tables.items()}, vectors)
        self.scope = scope
        super().__init__(question, vectors)
        self._terms = question_terms(" ".join(wording.items))
        self.wording = wording
        self.periods: AskedPeriods = asked_periods(question)

    def rows_of_any(self, names: Sequence[str]) -> list[FoundRow]:
        """The rows that an item of several names may be, the best first."""
        found: dict[int, FoundRow] = {}
        for name in names:
            for row in self.rows(name):
                known = found.get(id(row.ranked.row))
                if known is None or (row.is_sure, row.score) > (known.is_sure, known.score):
                    found[id(row.ranked.row)] = row
        return sorted(found.values(), key=lambda row: (row.is_sure, row.score), reverse=True)

    def named_rows(self) -> list[FoundRow]:
        """The rows, of tables that are no statements of periods, that the question names; [] where it names none."""
        days = (one.days.end for one in self.periods.periods if one.grain == "day")
        terms = question_terms(self.periods.rest) | moments(self._question) | set(map(day_term, days))
        found = []
        for one, named in self._ranker.named(frozenset(terms)):
            if not any(column.period for column in one.table.columns):
                cells = cells_of_named(one.document_id, one.table, one.row, named, months_of(self.periods.rest))
                found.append(FoundRow(one, tuple(cells), one.score, is_named=True))
        return [row for row in found if row.cells]

    def rows(self, item: str, document_id: str = "") -> list[FoundRow]:
        """The rows that an item may be, the best first; of one document where one is named."""
        ranked = self._ranker.rank(item, by_words=self.wording.is_prose)
        if document_id:
            ranked = [one for one in ranked if one.document_id == document_id]
        elif self.scope.each:
            ranked = self._of_each(ranked)
        found = (self._with_cells(one) for one in ranked[:LOOKED_AT])
        return _with_leads(sorted((one for one in found if one.cells), key=lambda one: -one.score))

    def _of_each(self, ranked: Sequence[RankedRow]) -> list[RankedRow]:
        """The first rows of each document, the best first."""
        most = max(1, LOOKED_AT // len(self.scope.tables))
        seen: Counter[str] = Counter()
        kept = []
        for one in ranked:
            seen[one.document_id] += 1
            if seen[one.document_id] <= most:
                kept.append(one)
        return kept

    def _with_cells(self, one: RankedRow) -> FoundRow:
        cells = tuple(cells_of_row(one.document_id, one.table, one.row, " ".join(self.wording.items), self._terms))
        asked = self.scope.asked_of(one.document_id, self.periods)
        score = one.score + DOCUMENT_WEIGHT * self.scope.nearness.get(one.document_id, 0.0)
        if asked:
            held = sum(bool(of_period(cells, period, self.periods.months)) for period in asked) / len(asked)
            score += PERIOD_WEIGHT * (2 * held - 1)
        elif (own := self.scope.periods.get(one.document_id)) and any(cell.period for cell in cells):
            score += PERIOD_WEIGHT * (2 * bool(of_own_period(cells, own, 0)) - 1)
        score += SCALED * any(cell.cell.scale > 1 for cell in cells)
        score -= MOVED * self._is_of_moves(one)
        if not any(cell.cell.number is not None for cell in cells):
            score -= PERIOD_WEIGHT
        return FoundRow(one, cells, score, is_elsewhere=self._is_elsewhere(one))

    def _is_elsewhere(self, one: RankedRow) -> bool:
        """Whether the question names the heading of other rows of the table, and that of this row in no word."""
        asked = question_terms(self._question)
        headings = {row.path[:-1]: frozenset(analyze(" ".join(row.path[:-1]))) for row in one.table.rows}
        own = frozenset(analyze(" ".join(one.row.path)))
        named = [terms for terms in headings.values() if terms and terms <= asked]
        return bool(named) and not any(terms & own for terms in named) and len(headings) > 1

    def _is_of_moves(self, one: RankedRow) -> bool:
        """Whether a row stands below a heading of changes that the question does not name ("Changes in assets")."""
        words = words_of(self.wording.language)
        group = " ".join(one.row.path[:-1])
        moves = re.findall(rf"(?i)(?<!\w)(?:{words.moves})(?!\w)", group) if words else []
        if not moves:
            return False
        asked = question_terms(" ".join(map(self._item, self.wording.items)))
        return not asked & question_terms(" ".join(moves))

    def cells_for(self, names: Sequence[str]) -> list[tuple[FoundRow, FoundCell]]:
        """The cells that an item in the words of reports may be, in the question's period: of each sure row one."""
        asked = self.periods
        found = []
        months = asked.months
        for row in self.rows_of_any(names):
            own = self.scope.asked_of(row.document_id, asked)
            fitting = [cell for one in own for cell in of_period(row.cells, one, months)]
            if not own:
                fitting = of_own_period(row.cells, self.scope.periods.get(row.document_id), months)
                fitting = fitting or latest(row.cells, months)
            if row.is_sure and fitting:
                found.append((row, fitting[0]))
        return found

    def items(self) -> list[str]:
        """The texts that name the items of the question, without its periods: the two of a ratio; two or more joined by
        "and" where each names a row of its own; else one."""
        texts = [self._item(text) for text in self.wording.items]
        texts = [text for text in texts if _ALPHA.search(text)]
        if len(texts) != 1:
            return texts
        return self._split(texts[0]) or texts

    def _item(self, text: str) -> str:
        rest = asked_periods(text).rest
        words = words_of(self.wording.language)
        moves = (words.moves,) if words and self.wording.operation != "look up" else ()
        for pattern in (words.over_time, words.latest, words.before, *moves) if words else ():
            rest = re.sub(rf"(?i)(?<!\w)(?:{pattern})(?!\w)", " ", rest)
        rest = EACH.sub(" ", rest)
        rest = without_fillers(rest, self.wording.language)
        kept = (
            word for word in rest.split() if _bare(word) not in FUNCTION_WORDS and _bare(word) not in self.scope.names
        )
        return " ".join(kept).strip(" ,;:?.")

    def _split(self, text: str) -> list[str]:
        """The items that "and" joins, where each part names a row in full and no row is named by the whole."""
        words = words_of(self.wording.language)
        parts = re.split(rf"(?i)\s+(?:{words.and_})\s+|\s*,\s+", text) if words else [text]
        parts = [part for part in parts if _ALPHA.search(without_fillers(part, self.wording.language))]
        if len(parts) < 2:
            return []
        whole = self.rows(text)
        bests = [self.rows(part) for part in parts]
        if not all(bests) or not all(best[0].ranked.asked >= ASKED_LEAST for best in bests):
            return []
        names = {best[0].path for best in bests}
        joined = frozenset().union(*(question_terms(part) for part in parts))
        covers = whole and len(question_terms(" ".join(whole[0].path)) & joined) >= len(joined) * 0.8
        return [] if covers or len(names) < len(parts) else parts


def _with_leads(rows: Sequence[FoundRow]) -> list[FoundRow]:
    """Rows, the best first, each with how far it is before those that are called otherwise."""
    names = [" ".join(row.path[-1:]).casefold() for row in rows]
    others = [max((b.score for b, name in zip(rows, names, strict=True) if name != own), default=0.0) for own in names]
    return [replace(row, lead=row.score - other) for row, other in zip(rows, others, strict=True)]


def _bare(word: str) -> str:
    """A word in small letters without its punctuation and possessive."""
    return _POSSESSIVE.sub("", word.lower().strip(',;:?.!()"“”'))
