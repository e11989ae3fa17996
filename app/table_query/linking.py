"""Which words of a question name a column of a relation, and which a value in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from app.table_query.relation import Field, Relation
from app.table_query.wording import Token, terms_of

LONGEST = 9
"""Words of the longest value that is looked for in a question."""

SHORTEST = 5
"""Letters of the shortest word that may be misspelt."""

CLOSE = 0.8
"""How alike two words of six letters or more are that may be the same, misspelt or inflected."""

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ValueLink:
    """Words of a question (``first`` to ``last``, exclusive) that stand in cells of a column.

    ``positions`` are the rows'. ``share`` is the part of the cells that the words are, 1 for all of it.
    """

    first: int
    last: int
    field: Field
    positions: tuple[int, ...]
    values: tuple[str, ...]
    share: float

    @property
    def length(self) -> int:
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class ColumnLink:
    """Words of a question that name a column; ``share`` is the part of its name that they are."""

    first: int
    last: int
    field: Field
    share: float


class LinkIndex:
    """The words of a relation's cells and columns, made once and asked by many questions."""

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self._fields = relation.fields
        self._values: list[tuple[int, tuple[str, ...], str, list[int]]] = []
        self._holding: dict[str, list[int]] = defaultdict(list)
        for number, field in enumerate(self._fields):
            for text, positions in _distinct(field, relation.counted).items():
                terms = terms_of(text)
                for term in set(terms):
                    self._holding[term].append(len(self._values))
                self._values.append((number, terms, text, positions))
        self.heads = [tuple(dict.fromkeys(terms_of(field.header))) for field in self._fields]

    @cached_property
    def _vocabulary(self) -> list[str]:
        """Words that one of a question may be misspelt from: of the cells, then of the columns' names."""
        held = (term for term in self._holding if len(term) >= SHORTEST and term.isalpha())
        return [*held, *(term for head in self.heads for term in head if len(term) >= SHORTEST)]

    def holds(self, term: str) -> bool:
        return term in self._holding or any(term in head for head in self.heads)

    def spelt(self, tokens: Sequence[Token]) -> list[str]:
        """The terms of a question, of those that no cell has the nearest that one has."""
        return [one.term if self.holds(one.term) else self._nearest(one) for one in tokens]

    def _nearest(self, token: Token) -> str:
        if len(token.term) < SHORTEST or not token.term.isalpha() or not token.tells:
            return token.term
        found = process.extractOne(
            token.term, self._vocabulary, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=CLOSE
        )
        return found[0] if found else token.term

    def values(self, terms: Sequence[str], tells: Sequence[bool]) -> list[ValueLink]:
        """All runs of a question's terms that stand in cells, the longest first, each within no longer one of the
        same column."""
        found: list[ValueLink] = []
        for length in range(min(LONGEST, len(terms)), 0, -1):
            for first in range(len(terms) - length + 1):
                last = first + length
                if not any(tells[first:last]):
                    continue
                links = self._of_run(terms[first:last], first, last, found)
                is_tight = (tells[first] and tells[last - 1]) or length > 2
                found += [one for one in links if is_tight or one.share == 1]
        return found

    def _of_run(self, run: Sequence[str], first: int, last: int, longer: Sequence[ValueLink]) -> Iterator[ValueLink]:
        rarest = min(run, key=lambda term: len(self._holding.get(term, ())))
        by_field: dict[int, list[int]] = defaultdict(list)
        for at in self._holding.get(rarest, ()):
            number, terms, _, _ = self._values[at]
            if _within(run, terms):
                by_field[number].append(at)
        for number, values in by_field.items():
            field = self._fields[number]
            if any(one.field is field and one.first <= first and last <= one.last for one in longer):
                continue
            whole = [at for at in values if len(self._values[at][1]) == len(run)]
            chosen = whole or values
            positions = sorted(at for one in chosen for at in self._values[one][3])
            size = sum(len(self._values[at][1]) for at in chosen)
            texts = tuple(self._values[at][2] for at in chosen)
            yield ValueLink(first, last, field, tuple(positions), texts, len(run) * len(chosen) / size)

    def few_values(self, most: int) -> list[tuple[Field, str, tuple[int, ...]]]:
        """The values of columns of words that have ``most`` different ones at most and repeat them, with their rows."""
        return [
            (field, text, positions)
            for field, values in self._repeated
            if len(values) <= most
            for text, positions in values
        ]

    @cached_property
    def _repeated(self) -> list[tuple[Field, list[tuple[str, tuple[int, ...]]]]]:
        """The columns of words that repeat their values, each with the different ones and their rows."""
        by_field: list[dict[tuple[str, ...], tuple[str, list[int]]]] = [{} for _ in self._fields]
        for number, terms, text, positions in self._values:
            by_field[number].setdefault(terms, (text, []))[1].extend(positions)
        return [
            (field, [(text, tuple(sorted(positions))) for text, positions in same.values()])
            for field, same in zip(self._fields, by_field, strict=True)
            if field.kind == "text" and len(same) <= len(self.relation.counted) / 2
        ]

    def columns(self, terms: Sequence[str], tells: Sequence[bool]) -> list[ColumnLink]:
        """For each column the run of a question's terms that holds most of its name."""
        found = []
        for field, head in zip(self._fields, self.heads, strict=True):
            at = [n for n, term in enumerate(terms) if tells[n] and term in head]
            for first, last in _runs(at):
                held = len(set(terms[first:last]) & set(head))
                found.append(ColumnLink(first, last, field, held / len(head)))
        return found


def _distinct(field: Field, counted: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at in counted:
        if field.texts[at]:
            found[field.texts[at]].append(at)
    return found


def _within(run: Sequence[str], terms: Sequence[str]) -> bool:
    size = len(run)
    return any(tuple(terms[at : at + size]) == tuple(run) for at in range(len(terms) - size + 1))


def _runs(numbers: Sequence[int]) -> Iterator[_Span]:
    """Stretches of numbers with at most one missing between two."""
    first = last = -1
    for one in numbers:
        if first >= 0 and one - last > 2:
            yield first, last + 1
            first = one
        if first < 0:
            first = one
        last = one
    if first >= 0:
        yield first, last + 1
