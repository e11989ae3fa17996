"""All rules, by the point of the answer at which they are asked. A stage knows these points and no single rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.answer.rules import sentence_order
from app.answer.rules.base import RankingCase, Rule
from core.types import Citation


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of each point, in the order in which they are asked.

    - ``order``: a new ranking of the sentences; each rule gets the ranking of the one before.

    ``spoke`` is called with each rule that said something.
    """

    order: tuple[Rule, ...] = (sentence_order.HEADINGS_LAST,)
    spoke: Callable[[Rule], object] | None = None

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.order)

    def without(self, *names: str) -> Rulebook:
        """The rulebook without the rules of these names. Raises KeyError for a name that no rule has."""
        if unknown := set(names) - {rule.name for rule in self}:
            raise KeyError(", ".join(sorted(unknown)))
        return replace(self, order=tuple(rule for rule in self.order if rule.name not in names))

    def ordered(self, case: RankingCase) -> tuple[Citation, ...]:
        """The sentences of ``case`` as the rules rank them, one after the other."""
        for rule in self.order:
            ranked = rule.verdict(case)
            if ranked is not None:
                case = replace(case, ranked=ranked)
                if self.spoke:
                    self.spoke(rule)
        return case.ranked


RULES = Rulebook()
"""All rules of Lectern."""
