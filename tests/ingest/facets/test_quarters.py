"""Quarters as people write them."""

import pytest

from ingest.facets.quarters import find_quarters, find_years


@pytest.mark.parametrize(
    ("text", "quarter", "year", "fiscal"),
    [
        ("sales in Q3 2031", 3, 2031, False),
        ("2031 Q3", 3, 2031, False),
        ("the third quarter of fiscal year 2031", 3, 2031, True),
        ("the third fiscal quarter of 2031", 3, 2031, True),
        ("Q2 FY31", 2, 2031, True),
        ("FY31 Q2", 2, 2031, True),
        ("2Q31", 2, 2031, False),
        ("im 4. Quartal 2031", 4, 2031, False),
        ("im dritten Quartal des Geschäftsjahres 2031", 3, 2031, True),
        ("au 2e trimestre 2031", 2, 2031, False),
        ("in the first quarter", 1, None, False),
    ],
)
def test_quarters(text: str, quarter: int, year: int | None, fiscal: bool) -> None:
    (found,) = find_quarters(text)
    assert (found.quarter, found.year, found.fiscal) == (quarter, year, fiscal)


@pytest.mark.parametrize("text", ["a quarterly report", "the T4 valve", "a quarter of them", "FAQ 3"])
def test_what_is_no_quarter(text: str) -> None:
    assert find_quarters(text) == []


def test_years() -> None:
    found = [(name.year, name.fiscal) for name in find_years("fiscal 2031, FY30 and 2029, not 20299 or 1.2028")]
    assert found == [(2031, True), (2030, True), (2029, False)]
