"""The documents that a question asks about, by its names and periods."""

from datetime import date

import pytest

from core.facets import DocumentChoice, Facet, Facets, ReportingPeriod
from index.search.by_facets import documents_asked_about


def report(whose: str, end: date, quarter: int, year: int, *aliases: str) -> Facets:
    """A report on a quarter that ends on a day, the fiscal quarter of a year."""
    start = date(end.year, end.month - 2, 1) if end.month > 2 else date(end.year - 1, end.month + 10, 1)
    company = Facet("organisation", whose, 0, 0, aliases)
    return Facets((company, Facet("kind", "Quarterly report", 0, 0)), ReportingPeriod(start, end, year, quarter))


PUMPS = ("Harrowgate Pumps", "HWGP")
LIBRARY = {
    # Its fiscal year ends in September.
    "pumps-1": report("Harrowgate Pumps Inc.", date(2030, 12, 31), 1, 2031, *PUMPS),
    "pumps-2": report("Harrowgate Pumps Inc.", date(2031, 3, 31), 2, 2031, *PUMPS),
    "pumps-3": report("Harrowgate Pumps Inc.", date(2031, 6, 30), 3, 2031, *PUMPS),
    "kilns-1": report("Larch Kilns Ltd", date(2031, 3, 31), 1, 2031, "Larch Kilns", "Larch"),
    "kilns-2": report("Larch Kilns Ltd", date(2031, 6, 30), 2, 2031, "Larch Kilns", "Larch"),
    "lease": Facets((Facet("person", "Orla Fenwick", 0, 0, ("the Tenant",), "party"),), None),
}


def chosen(question: str) -> DocumentChoice:
    found = documents_asked_about(question, LIBRARY, known=lambda word: word in ("march", "what"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "ids", "is_sure"),
    [
        ("What did Larch Kilns sell in Q2 2031?", {"kilns-2"}, True),
        ("larch's sales in the second quarter of 2031", {"kilns-2"}, True),
        ("HWGP margin in the quarter ended June 30, 2031", {"pumps-3"}, True),
        ("Harowgate Pumps, quarter ended 30 June 2031", {"pumps-3"}, True),
        ("Quelle était la marge d'Harrowgate Pumps au 3e trimestre de l'exercice 2031 ?", {"pumps-3"}, True),
        ("What did Larch Kilns sell in the latest quarter?", {"kilns-2"}, True),
        ("How do Larch's kilns in Larch's most recent report look?", {"kilns-2"}, True),
        ("What did Larch Kilns sell in the latest quarter and in previous ones?", {"kilns-1", "kilns-2"}, True),
        ("What did Larch Kilns sell in the previous quarter?", {"kilns-1", "kilns-2"}, False),
        (
            "What did Harrowgate Pumps and Larch Kilns sell in the quarter ended March 31, 2031?",
            {"pumps-2", "kilns-1"},
            True,
        ),
        ("How many pumps did Harrowgate Pumps sell?", {"pumps-1", "pumps-2", "pumps-3"}, False),
        ("What must the tenant pay?", {"lease"}, False),
    ],
)
def test_names_and_periods_choose(question: str, ids: set[str], is_sure: bool) -> None:
    found = chosen(question)
    assert set(found.document_ids) == ids
    assert found.is_sure is is_sure


@pytest.mark.parametrize(
    "question",
    [
        "How much is the rent?",
        "What did Samsung sell?",
        "In which year was the boathouse built, 2031?",
        "A march in May",
    ],
)
def test_where_nothing_fits_nothing_is_chosen(question: str) -> None:
    assert documents_asked_about(question, LIBRARY) is None


def test_a_quarter_that_can_be_read_in_two_ways_gives_both_and_says_so() -> None:
    found = chosen("What did Harrowgate Pumps sell in Q1 2031?")
    assert found.document_ids == ("pumps-1", "pumps-2")
    assert [(period.readings, period.end) for period in found.periods] == [
        ("fiscal", date(2030, 12, 31)),
        ("calendar", date(2031, 3, 31)),
    ]
    assert "two ways" in found.said[0]


@pytest.mark.parametrize(("word", "only"), [("fiscal", "pumps-1"), ("calendar", "pumps-2")])
def test_the_question_says_which_of_the_two_it_means(word: str, only: str) -> None:
    assert chosen(f"What did Harrowgate Pumps sell in Q1 of {word} 2031?").document_ids == (only,)


def test_a_file_that_people_call_by_the_quarter_is_meant() -> None:
    question = "What did Harrowgate Pumps sell in Q1 2031?"
    found = documents_asked_about(question, LIBRARY, names={"pumps-3": "HWGP_2031_Q1.pdf"})
    assert found is not None
    assert found.document_ids == ("pumps-3",)


def test_a_period_that_no_document_has_is_said_and_the_others_are_searched() -> None:
    found = chosen("What did Larch Kilns sell in Q4 2025?")
    assert set(found.document_ids) == {"kilns-1", "kilns-2"}
    assert not found.is_sure
    assert "Q4 2025" in found.said[0]


def test_a_word_that_the_library_has_is_no_typo() -> None:
    facets = {"kilns": report("Tidemark Ltd", date(2031, 3, 31), 1, 2031, "Tidemark")}
    assert documents_asked_about("What did Tidemarck sell?", facets, known=lambda word: True) is None
    assert documents_asked_about("What did Tidemarck sell?", facets, known=lambda word: False) is not None


def test_a_day_near_the_end_of_a_period_means_it() -> None:
    found = chosen("Larch Kilns, quarter ended June 28, 2031")
    assert found.document_ids == ("kilns-2",)
    assert "2031-06-30" in found.said[0]
