"""Which sentences come first as evidence, and that each rule can be switched off and tells that it spoke."""

from dataclasses import replace

import pytest

from app.answer.evidence import find_evidence
from app.answer.rules.base import Rule
from app.answer.rules.rulebook import RULES
from core.types import Locator, Passage

TITLED = "Deck oven DX-9: user manual\n\nThe oven weighs 298 kilograms."


def passage(text: str) -> Passage:
    return Passage("d1", "manual.md", "", 0, len(text), text, Locator(None, ""), (), 0.8, 0.7, 3.0)


def test_the_line_that_a_document_begins_with_is_no_evidence(embedder) -> None:
    asked = "How heavy is the DX-9 deck oven?"
    assert find_evidence(asked, [passage(TITLED)], embedder).sentences[0].quote == "The oven weighs 298 kilograms."
    without = RULES.without("headings_last")
    assert find_evidence(asked, [passage(TITLED)], embedder, rules=without).sentences[0].quote.startswith("Deck oven")


def test_a_rule_tells_that_it_spoke_and_one_that_changes_nothing_does_not(embedder) -> None:
    spoke: list[Rule] = []
    heard = replace(RULES, spoke=spoke.append)
    find_evidence("How heavy is the deck oven?", [passage("The oven weighs 298 kilograms.")], embedder, rules=heard)
    assert not spoke
    find_evidence("How heavy is the deck oven?", [passage(TITLED)], embedder, rules=heard)
    assert {rule.name for rule in spoke} == {"headings_last"}


def test_only_a_rule_that_there_is_can_be_switched_off() -> None:
    with pytest.raises(KeyError, match="no_such"):
        RULES.without("no_such")
