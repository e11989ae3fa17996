"""All rules, by the point of the answer at which they are asked. A stage knows these points and no single rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.answer.rules import neighbours, sentence_order
from app.answer.rules.base import RankingCase, Rule
from core.types import Citation


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of each point, in the order in which they are asked.

    - ``order``: a new ranking of the sentences; each rule gets the ranking of the one before.
    - ``context``: the sentences that are shown, with the neighbours that they need.

    ``spoke`` is called with each rule that said something.
    """

    order: tuple[Rule, ...] = (sentence_order.HEADINGS_LAST,)
    context: tuple[Rule, ...] = (neighbours.WITH_NEIGHBOURS,)
    spoke: Callable[[Rule], object] | None = None

    def __iter__(self) -> Iterator[Rule]:
        return iter((*self.order, *self.context))

    def without(self, *names: str) -> Rulebook:
        """The rulebook without the rules of these names. Raises KeyError for a name that no rule has."""
        if unknown := set(names) - {rule.name for rule in self}:
            raise KeyError(", ".join(sorted(unknown)))
        order, context = (tuple(rule for rule in each if rule.name not in names) for each in (self.order, self.context))
        return replace(self, order=order, context=context)

    def ordered(self, case: RankingCase) -> tuple[Citation, ...]:
        """The sentences of ``case`` as the rules of order rank them."""
        return self._asked(self.order, case)

    def in_context(self, case: RankingCase) -> tuple[Citation, ...]:
        """The sentences of ``case`` with the neighbours that they need."""
        return self._asked(self.context, case)

    def _asked(self, rules: tuple[Rule, ...], case: RankingCase) -> tuple[Citation, ...]:
        """The sentences as the ``rules``, one after the other, leave them."""
        for rule in rules:
            changed = rule.verdict(case)
            if changed is not None:
                case = replace(case, ranked=changed)
                if self.spoke:
                    self.spoke(rule)
        return case.ranked


RULES = Rulebook()
"""All rules of Lectern."""
