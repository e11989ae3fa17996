"""Two names that have changed places are told, and sentences that only word it otherwise are not."""

import pytest

from app.answer.rules.swapped_names import deals_with_itself, swapped

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


LEASE = 'between the Council of Ansel ("the Lessor") and the Skerry Point Station (the Lessee), signed in 2026.'


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The Lessor signed the lease with the Council of Ansel.", True),
        ("The Skerry Point Station pays the rent to the Lessee.", True),
        ("The Council of Ansel lets the mill as Lessor.", False),
        ("The Council of Ansel lets the mill, and the Lessor pays the tax.", False),
        ("The Station pays the rent to the Lessor.", False),
        ("The Lessor signed the lease with the Skerry Point Station.", False),
        ("The Lessor is the Council of Ansel.", False),
        ("The Lessor, the Council of Ansel, signed the lease.", False),
        ('The Council of Ansel ("the Lessor") and the Skerry Point Station (the Lessee) signed the lease.', False),
    ],
)
def test_one_party_is_not_told_as_two(sentence: str, told: bool) -> None:
    assert deals_with_itself(sentence, LEASE) is told


def test_what_the_quote_says_of_a_party_and_itself_is_supported() -> None:
    quote = 'The Council of Ansel (the "Lessor") shares the costs with the Lessor.'
    assert not deals_with_itself("The Council of Ansel shares the costs with the Lessor.", quote)


def test_a_place_in_brackets_is_no_other_name() -> None:
    assert not deals_with_itself(
        "The treaty of Paris was signed in France.", "The treaty of Paris (France) was signed."
    )
