"""The one interface of all hand-written rules about language and figures.

A stage of the answer describes its case and asks the rulebook (``app.answer.rules.rulebook``). It knows no single rule,
so each rule can be listed, switched off and measured.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.types import Citation, Passage


@dataclass(frozen=True, slots=True)
class RankingCase:
    """Sentences ranked as evidence, best first, and the passages they are from."""

    question: str
    ranked: tuple[Citation, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it makes of the sentences of a case, None where it has nothing to say.

    ``name`` is unique among all rules. ``reason`` is one line for a person: why the rule spoke. A rule with words of a
    language says so in its name.
    """

    name: str
    verdict: Callable[[RankingCase], tuple[Citation, ...] | None]
    reason: str
