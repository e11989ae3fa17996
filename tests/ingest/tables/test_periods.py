"""Column heads are read as the period that they name, in several languages; two periods at once are none."""

from datetime import date

import pytest

from core.tables import Period
from ingest.tables.periods import period_of


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        (("Three Months Ended", "June 25, 2022"), "2022-03-26", "2022-06-25"),
        (("Three Months Ended June 30,", "2022"), "2022-04-01", "2022-06-30"),
        (("Nine Months Ended September 30,", "2022"), "2022-01-01", "2022-09-30"),
        (("13 Weeks Ended", "Apr 2, 2022"), "2022-01-02", "2022-04-02"),
        (("1. Januar bis 31. März 2023",), "2023-01-01", "2023-03-31"),
        (("Drei Monate zum 30. Juni 2023",), "2023-04-01", "2023-06-30"),
        (("juin 2022",), "2022-06-01", "2022-06-30"),
        (("2022",), "2022-01-01", "2022-12-31"),
        (("FY23",), "2023-01-01", "2023-12-31"),
        (("Q3 2022",), "2022-07-01", "2022-09-30"),
        (("2023", "H1"), "2023-01-01", "2023-06-30"),
    ],
)
def test_a_stretch_of_time_has_a_first_and_a_last_day(path: tuple[str, ...], start: str, end: str) -> None:
    assert period_of(path) == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("path", [("As of", "Dec 31, 2022"), ("31.12.2022",), ("2022-12-31",), ("12/31/22",)])
def test_a_day_by_itself_has_no_beginning(path: tuple[str, ...]) -> None:
    assert period_of(path) == Period(None, date(2022, 12, 31))


@pytest.mark.parametrize(
    "path", [("2022 vs. 2021",), ("% Change",), ("Three Months Ended",), ("Price",), (), ("June 31, 2022",)]
)
def test_heads_that_name_no_period_or_two_have_none(path: tuple[str, ...]) -> None:
    assert period_of(path) is None
