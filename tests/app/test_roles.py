"""Two names that have changed places are told, and sentences that only word it otherwise are not."""

import pytest

from app.roles import swapped

QUOTE = "In 1846 Ada Marsh sued Tomas Brandt over the boathouse, and Ola Berg was met by Jean-Luc Petit."


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Tomas Brandt sued Ada Marsh.", True),
        ("In 1846, Tomas Brandt sued Ada Marsh over the boathouse.", True),
        ("Jean-Luc Petit was met by Ola Berg.", True),
        ("Ada Marsh sued Tomas Brandt.", False),
        ("Tomas Brandt was sued by Ada Marsh.", False),
        ("Jean-Luc Petit met Ola Berg.", False),
        ("Ola Berg sued Ada Marsh.", False),
    ],
)
def test_names_the_other_way_round(sentence: str, told: bool) -> None:
    assert swapped(sentence, QUOTE) is told


@pytest.mark.parametrize("verb", ["married", "met", "borders", "is opposite", "resembles", "differs from"])
def test_what_is_mutual_may_be_told_from_either_side(verb: str) -> None:
    assert not swapped(f"Karl Moe {verb} Anna Berg.", f"In 1846 Anna Berg {verb} Karl Moe.")


def test_what_is_the_same_both_ways_round_or_unclear_is_not_told() -> None:
    assert not swapped("Brandt spoke with Marsh.", "Marsh spoke with Brandt.")
    assert not swapped("Brandt sued Marsh.", "Marsh sued Brandt, and Brandt sued Marsh.")
