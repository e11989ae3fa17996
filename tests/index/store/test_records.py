"""What rows are made of: a document's own date, however it is written."""

import pytest

from index.store.records import document_day


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2019-04", "2019-04-01"),
        ("Mon, 6 Jan 2020 10:00:00 +0100", "2020-01-06"),
        ("2019-13-45", "2021-05-06"),
        ("1 Jan 99999999999999999999 10:00:00 +0000", "2021-05-06"),
        ("Mon, 6 Jan 2020 10:00:00 +99999999999999999", "2021-05-06"),
    ],
)
def test_a_date_that_cannot_be_is_as_if_nothing_were_said(said: str, day: str) -> None:
    assert document_day({"created": said}, "2021-05-06", "2022-01-01T00:00:00") == day
