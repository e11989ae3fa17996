"""The one interface of all hand-written rules about language and figures.

A stage of the answer describes its case and asks all rules of one point (``app.answer.rules.rulebook``). It knows no
single rule, so each rule can be listed, switched off and measured.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Case = TypeVar("Case")
Outcome = TypeVar("Outcome")

ANY_LANGUAGE: tuple[str, ...] = ()
"""For rules that only compare figures, codes or places and contain no words of a language."""

ENGLISH = ("en",)


@dataclass(frozen=True)  # no slots: typing writes to an instance made by Rule[A, B](...)
class Rule(Generic[Case, Outcome]):
    """A rule: when it applies to a case, and what it says about it.

    ``name`` is unique among all rules. ``languages`` are ISO 639-1 codes of the languages whose words it contains; in
    other languages it says nothing. ``verdict`` returns None if the rule has nothing to say. ``reason`` is one line
    for a person: why the rule spoke.
    """

    name: str
    languages: tuple[str, ...]
    applies: Callable[[Case], bool]
    verdict: Callable[[Case], Outcome | None]
    reason: str


@dataclass(frozen=True, slots=True)
class Ruling(Generic[Outcome]):
    """What one rule said about a case, and why."""

    rule: str
    outcome: Outcome
    reason: str


def rulings(rules: Sequence[Rule[Case, Outcome]], case: Case) -> Iterator[Ruling[Outcome]]:
    """What the ``rules`` say about ``case``, in their order; those that do not apply or say nothing are left out."""
    for rule in rules:
        if rule.applies(case) and (outcome := rule.verdict(case)) is not None:
            yield Ruling(rule.name, outcome, rule.reason)


def heard(rule: Rule[Case, Outcome], spoke: Callable[[Rule[Case, Outcome]], None]) -> Rule[Case, Outcome]:
    """The rule, which calls ``spoke`` with itself whenever it says something."""

    def verdict(case: Case) -> Outcome | None:
        outcome = rule.verdict(case)
        if outcome is not None:
            spoke(rule)
        return outcome

    return replace(rule, verdict=verdict)


def first_ruling(rules: Sequence[Rule[Case, Outcome]], case: Case) -> Ruling[Outcome] | None:
    """The first of ``rulings``; None if no rule says anything."""
    return next(rulings(rules, case), None)


def always(_case: object) -> bool:
    """For rules that apply to every case."""
    return True


def objection(objects: Callable[[Case], bool]) -> Callable[[Case], bool | None]:
    """The verdict of a rule that can only object: True where ``objects(case)``, else None."""
    return lambda case: True if objects(case) else None
