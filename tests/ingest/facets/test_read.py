"""What documents say of themselves: whose they are, what they are, and of which period."""

from datetime import date

import pytest

from core.facets import Facet, Facets
from core.types import Document, Heading, Page
from ingest.facets.read import read_facets

REPORT = """UNITED STATES
SECURITIES OFFICE
FORM 7-R
QUARTERLY REPORT UNDER SECTION 4 OF THE ACT
For the quarterly period ended April 27, 2031
HARROWGATE PUMPS.COM, INC.
(Exact name of registrant as specified in its charter)
Securities registered under Section 2:
Title of each class Trading symbol Name of each exchange
Common Stock, $0.01 par value HWGP The Marlow Stock Market LLC
This quarterly report on Form 7-R is filed with the Office. This quarterly report has four parts.

Condensed Statements
Three Months Ended Nine Months Ended
April 27, April 27, 2031 April 28, 2030
In the third quarter of fiscal year 2031 Harrowgate sold more pumps than in the third quarter of fiscal year 2030.
"""

LEASE = """# Lease

This lease is made on 11 September 2031 between Quayside Holdings Ltd ("Quayside") and Mrs Orla Fenwick, of
17 Tannery Court (called "the Tenant"). The words of this lease are in English.

Signed in Brockhaven on 12 February 2032
"""


def document(text: str, *headings: Heading, title: str = "") -> Document:
    return Document("d1", "scan.pdf", "text/plain", title, text, (Page("section", 1, "", 0, len(text)),), headings)


def values(facets: Facets, kind: str) -> list[str]:
    return [facet.value for facet in facets.facets if facet.kind == kind]


def test_every_facet_says_the_words_that_it_was_read_from() -> None:
    for text in (REPORT, LEASE):
        for facet in read_facets(document(text)).facets:
            assert facet.value == " ".join(text[facet.start : facet.end].split())


def test_a_report_says_whose_it_is_and_what_else_that_is_called() -> None:
    (company,) = read_facets(document(REPORT)).of("organisation")
    assert company.value == "HARROWGATE PUMPS.COM, INC."
    assert "HARROWGATE PUMPS" in company.aliases
    assert "HWGP" in company.aliases


def test_a_report_is_of_the_quarter_that_its_cover_and_its_columns_say() -> None:
    facets = read_facets(document(REPORT))
    assert facets.period is not None
    assert (facets.period.start, facets.period.end) == (date(2031, 1, 28), date(2031, 4, 27))
    assert (facets.period.fiscal_year, facets.period.fiscal_quarter) == (2031, 3)
    assert values(facets, "period") == [
        "For the quarterly period ended April 27, 2031",
        "third quarter of fiscal year 2031",
    ]


def test_the_columns_tell_the_fiscal_quarter_where_no_words_do() -> None:
    period = read_facets(document(REPORT[: REPORT.index("In the third")])).period
    assert period is not None
    assert (period.fiscal_year, period.fiscal_quarter) == (2031, 3)


def test_a_document_is_what_it_calls_itself() -> None:
    assert values(read_facets(document(REPORT)), "kind") == ["QUARTERLY REPORT UNDER SECTION 4 OF THE ACT"]
    assert values(read_facets(document(LEASE)), "kind") == ["Lease"]


def test_the_parties_of_a_contract_have_the_names_that_it_gives_them() -> None:
    facets = read_facets(document(LEASE))
    (company,), (person,) = facets.of("organisation"), facets.of("person")
    assert (company.value, company.role) == ("Quayside Holdings Ltd", "party")
    assert "Quayside" in company.aliases
    assert (person.value, person.aliases) == ("Mrs Orla Fenwick", ("the Tenant",))


def test_a_word_that_a_contract_defines_for_something_is_no_party() -> None:
    text = LEASE + '\nThe Herring Wharf Store Rooms (the "Premises") stay locked.'
    assert values(read_facets(document(text)), "organisation") == ["Quayside Holdings Ltd"]


def test_days_come_with_the_words_before_them() -> None:
    days = read_facets(document(LEASE)).of("date")
    assert [(facet.day, facet.role) for facet in days] == [
        (date(2031, 9, 11), "lease is made on"),
        (date(2032, 2, 12), "Signed in Brockhaven on"),
    ]


@pytest.mark.parametrize(
    ("text", "company", "start", "end"),
    [
        (
            "Halvard Brygga GmbH & Co. KG\nBericht für das 2. Quartal 2031\n",
            "Halvard Brygga",
            "2031-04-01",
            "2031-06-30",
        ),
        ("Chantier Aubrel S.A.R.L.\nRapport du 3e trimestre 2031\n", "Chantier Aubrel", "2031-07-01", "2031-09-30"),
        ("Ruderverein Altensee e. V.\nJahresbericht 2031\n", "Ruderverein Altensee", "2031-01-01", "2031-12-31"),
        ("Wexcombe Pumps Ltd, notice\nLift report, May 2031\n", "Wexcombe Pumps", "2031-05-01", "2031-05-31"),
    ],
)
def test_other_languages_and_other_legal_forms(text: str, company: str, start: str, end: str) -> None:
    headings = (Heading(text.index("\n") + 1, 1, text.splitlines()[1]),)
    facets = read_facets(document(text, *headings))
    assert company in facets.of("organisation")[0].aliases
    assert facets.period is not None
    assert (str(facets.period.start), str(facets.period.end)) == (start, end)


def test_prose_is_of_no_period_and_of_no_company() -> None:
    text = (
        "The strike ended on 5 May 2031, after Acme Tools Ltd had closed the yard, and the third quarter of 2031 was"
        " the quietest that anybody could remember, as all of them said when they were asked about it later.\n"
    )
    facets = read_facets(document(text))
    assert facets.period is None
    assert not facets.of("organisation")


def test_the_name_of_a_file_says_nothing() -> None:
    named = Document(
        "d1", "2031 Q2 Acme Ltd.pdf", "text/plain", "2031 Q2 Acme Ltd", "Pumps.", (Page("page", 1, "", 0, 6),)
    )
    facets = read_facets(named)
    assert facets.period is None
    assert facets.facets == (Facet("kind", "Pumps.", 0, 6),)


def test_a_report_with_rows_of_small_figures_is_read_at_once() -> None:
    facets = read_facets(document(REPORT + "12 34 56 78 90 " * 400))
    assert facets.period is not None
    assert facets.period.fiscal_quarter == 3


def test_stretches_are_counted_in_figures_too() -> None:
    text = "Halvard Ltd\nFor the period ended April 27, 2031\n13 and 39 weeks ended April 27, 2031\n"
    period = read_facets(document(text)).period
    assert period is not None
    assert (period.start, period.fiscal_quarter) == (date(2031, 1, 28), 3)
