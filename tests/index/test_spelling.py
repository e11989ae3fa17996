"""Typos: what a question spells a little differently from the documents."""

import pytest

from index.spelling import spelled_like

WORDS = ("breakfast", "freya", "kleingartenverein", "rent", "laboratory", "kb")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("brekfast", "breakfast"),
        ("freja", "freya"),
        ("kleingartenferein", "kleingartenverein"),
        ("labratroy", "laboratory"),
    ],
)
def test_a_slip_or_two_are_borne(asked, found):
    assert spelled_like(asked, WORDS) == found


@pytest.mark.parametrize("asked", ["rend", "E11", "kb1047", "frost", "teya"])
def test_short_words_codes_and_other_words_are_no_typos(asked):
    assert spelled_like(asked, WORDS) is None
