"""When a document is from."""

from dataclasses import replace

import pytest

from app.answer.document_dates import date_of, date_text, dates_in
from core.types import Document


def document(text: str, name: str = "policy.md", **metadata: str) -> Document:
    return Document("d", name, "text/plain", "", text, (), (), metadata)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Valid from 1 March 2031. It replaces that of 2028.", [(2031, 3, 1), (2028, 0, 0)]),
        ("Signed on March 1, 2031 by both of them", [(2031, 3, 1)]),
        ("Gültig ab 3. März 2031 für alle Mieter des Hauses.", [(2031, 3, 3)]),
        ("El contrato de 1 de marzo de 2031 entre las partes", [(2031, 3, 1)]),
        ("Le bail du 1er février 2030 est signé par le maire", [(2030, 2, 1)]),
        ("Fassung vom 03.04.2030", [(2030, 4, 3)]),
        ("Stand 2030-05-06", [(2030, 5, 6)]),
        ("2031年3月1日", [(2031, 3, 1)]),
        ("Effective 03/15/2031 until 04/03/2032", [(2031, 3, 15), (2032, 4, 3)]),
        ("Season 2011-12 of the league", [(2011, 0, 0)]),
        ("Accounts 2009/10 and 2011-11", [(2009, 0, 0), (2011, 11, 0)]),
        ("On 2011-12-24 and 2011.12", [(2011, 12, 24), (2011, 12, 0)]),
        ("Room 12031 has 1,999 seats.", []),
    ],
)
def test_dates_are_read_in_any_language(text, dates):
    assert list(dates_in(text)) == dates


def test_the_year_in_the_name_says_which_date_of_the_text_is_the_documents():
    text = "It replaces the policy of 2 May 2028. Valid from 1 March 2031."
    assert date_of(document(text, "policy-2031.md")) == (2031, 3, 1)
    assert date_of(document(text)) == (2028, 5, 2)
    assert date_of(document("No date.", "policy-2031.md")) == (2031, 0, 0)
    made = document("No date.", created="2030-02-03")
    assert date_of(made) == (0, 0, 0), "when the file was made"
    assert date_of(replace(made, media_type="message/rfc822")) == (2030, 2, 3)
    assert date_of(document("No date.")) == (0, 0, 0)


def test_a_date_is_shown_as_far_as_it_is_known():
    assert [date_text(date) for date in ((2031, 3, 1), (2031, 0, 0), (0, 0, 0))] == ["2031-03-01", "2031", ""]
