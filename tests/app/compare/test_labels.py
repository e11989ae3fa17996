"""Which numbers at the beginning of a text are those of clauses."""

import pytest

from app.compare.labels import find_labels


def numbers(*texts: str) -> list[str]:
    return [label.number if label else "" for label in find_labels(texts)]


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("1. Rent", "The rent is due.", "2. Repairs"), ["1", "", "2"]),
        (("1 Parties", "2 Term", "4 Fees"), ["1", "2", "4"]),
        (("2.1 Who pays", "2.2 When", "2.3 Where"), ["2.1", "2.2", "2.3"]),
        (("(a) one boat", "(b) two boats", "(c) three"), ["a", "b", "c"]),
        (("i. one boat", "ii. two boats", "iii. three"), ["i", "ii", "iii"]),
        (("Artikel 1 Miete", "Artikel 2 Garten"), ["1", "2"]),
        (("§ 1 Miete", "§ 2 Garten"), ["1", "2"]),
        (("TOP 1 Kasse", "TOP 2 Wahl"), ["1", "2"]),
    ],
)
def test_numbers_that_count_on_are_labels(texts, wanted):
    assert numbers(*texts) == wanted


@pytest.mark.parametrize(
    "texts",
    [
        ("30 days are enough.", "60 days are too many."),
        ("2022 was warm", "2023 was cold"),
        ("Room 12 is locked.", "Room 17 is open."),
        ("3 eggs", "200 g of flour"),
        ("CI. This agreement ends.", "D. Smith signed."),
    ],
)
def test_other_numbers_are_none(texts):
    assert not any(numbers(*texts))
