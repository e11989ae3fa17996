"""Rows that a question names by a name, a number or a date, the column that it asks for; months, quarters, twins."""

import pytest

from app.figures.definitions import Definition, definition_of
from app.figures.figures import find_figures, find_in_same_row
from app.figures.lines import lines_of_figures
from core.types import Document
from index.search.row_ranking import RowVectors
from tests.app.figures.drawn import WordsAlone, drawn, scope

BOATS = drawn(
    ["Name", "Harbour", "Captain", "Built", "Seats", "Qty"],
    [
        "70-118 | Ada | Bremen | Lind | 12.03.2019 | 40 | 3",
        "70-119 | Ada | Kiel | Moss | 01.04.2020 | 60 | 1",
        "70-120 | Bea | Kiel | Lind | 02.05.2021 | 12 | 2",
        "70-121 | Cleo | Kiel | Voss | 03.06.2022 | 25 | 2",
        "70-122 | Dora | Bremen | Voss | 04.07.2023 | 30 | 5",
        "70-123 | Eva | Bremen | Haas | 05.08.2023 | 32 | 4",
    ],
)
LOG = drawn(
    ["place", "reading"], [f"2031-02-0{day}T14:00:00 | Quay {one} | {day}{one}" for day in "123" for one in "456"]
)
PLAN = drawn(
    ["Mar > Planned", "Mar > Spent", "Apr > Planned", "Apr > Spent"],
    ["Docks > Fuel | 10 | 11 | 12 | 13", "Ferries > Fuel | 20 | 21 | 22 | 23", "Ferries > Paint | 30 | 31 | 32 | 33"],
)
DEBTS = drawn(
    ["2031", "2030"],
    ["Long-term debts > Bank loans | 70 | 60", "Short-term debts > Bank loans | 7 | 6", "Cash | 5 | 4"],
)
GUESTS = drawn(
    [f"{year} > Q{quarter}" for year in (2030, 2031) for quarter in (1, 2, 3, 4)],
    ["Day guests | 10 | 20 | 30 | 40 | 20 | 30 | 40 | 60", "Campers | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8"],
)
SHOP = drawn(["2031", "2030"], ["Trade payables | 30 | 20", "Cost of sales | 365 | 300", "Rent | 9 | 8"])


def told(question: str, *documents: Document) -> list[str]:
    found = find_figures(question, scope(*documents), RowVectors(WordsAlone()))
    return [line.text for line in lines_of_figures(found)] if found and not found.is_beside else []


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("How many seats does the Ada of Kiel have?", "60"),
        ("Who is the captain of boat 70-121?", "Voss"),
        ("In which harbour is the Ada of Lind?", "Bremen"),
        ("What quantity of the Ada of Bremen is there?", "3"),
    ],
)
def test_a_row_is_told_by_its_cells_and_the_column_by_the_rest_of_the_question(question: str, begins: str) -> None:
    lines = told(question, BOATS)
    assert len(lines) == 1
    assert lines[0].startswith(begins)


def test_a_day_and_an_hour_tell_a_row_however_they_are_written() -> None:
    assert told("reading at quay 5 on 2 Feb 2031, 2 pm?", LOG)[0].startswith("25")
    assert told("reading at Quay 6 on 03.02.2031, 14:00?", LOG)[0].startswith("36")


def test_of_several_rows_of_a_name_none_is_taken_silently() -> None:
    assert told("How many seats does a boat of Voss have?", BOATS) == []


def test_months_without_a_year_choose_columns_and_headings_rows() -> None:
    assert told("How much was spent on ferries fuel in March?", PLAN)[0].startswith("21")
    assert told("How much was planned for docks fuel in April?", PLAN)[0].startswith("12")
    assert told("How much was spent on docks paint in April?", PLAN) == []  # docks have none


def test_plan_and_result_are_compared_where_they_are_columns() -> None:
    assert told("By how much did docks fuel differ between planned and spent in April?", PLAN)[0].startswith("1 is")


def test_rows_that_are_called_the_same_are_a_choice_unless_their_heading_is_named() -> None:
    lines = told("How high were the bank loans in 2031?", DEBTS)
    assert [line.split(":")[0] for line in lines[1:]] == ["70", "7"]
    assert len(told("How high were the short-term debts of bank loans in 2031?", DEBTS)) == 1


def test_a_year_of_which_the_quarters_alone_are_there_is_their_sum() -> None:
    assert told("How many day guests were there in 2031?", GUESTS)[0].startswith("150 ")
    assert told("By how many percent did day guests grow in 2031?", GUESTS)[0].startswith("50.00%")
    assert told("By how much did campers change from 2030 to 2031?", GUESTS)[0].startswith("16 ")


def test_a_change_is_in_percent_where_the_question_says_so() -> None:
    assert told("How did rent develop from 2030 to 2031, in percent?", SHOP)[0].startswith("12.50%")
    assert told("How did rent develop from 2030 to 2031?", SHOP)[0].startswith("1 ")


def test_another_years_figure_is_no_answer() -> None:
    assert told("How high was the rent in 2027?", SHOP) == []


def test_a_formula_of_the_question_is_computed_over_its_items() -> None:
    question = "How long did the shop take to pay in 2031? Days = 365 * average trade payables / cost of sales."
    assert told(question, SHOP)[0].startswith("25.00 ")
    question = "What was the loan quota in 2031? Quota is bank loans over cash."
    assert told(question, DEBTS) == []  # there are two rows of bank loans


@pytest.mark.parametrize(
    ("question", "definition"),
    [
        (
            "Margin? Margin = (price - unit cost) / price.",
            Definition("Margin", ("price", "unit cost"), "( a - b ) / a"),
        ),
        ("Wie hoch? Quote = Mitglieder geteilt durch Plätze", Definition("Quote", ("Mitglieder", "Plätze"), "a / b")),
        (
            "Take debt as loans plus leases minus cash: how high?",
            Definition("Take debt", ("loans", "leases", "cash"), "a + b - c"),
        ),
        ("What is the long-term debt of 2031?", None),
        ("Is the rent over 100?", None),
    ],
)
def test_formulas_are_read_in_signs_and_words(question: str, definition: Definition | None) -> None:
    found = definition_of(question)
    assert (found and (found.name, found.items, found.formula)) == (
        definition and (definition.name, definition.items, definition.formula)
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [("How much was spent?", "240"), ("Who is responsible?", "Lind"), ("When does it open?", None)],
)
def test_a_second_question_is_asked_of_the_row_that_the_first_one_named(question: str, answer: str | None) -> None:
    budget = drawn(
        ["Planned", "Spent by June", "Responsible"],
        ["Boats and fuel | 500 | 240 | Lind", "Salaries | 900 | 410 | Moss", "Laboratory supplies | 70 | 60 | Okafor"],
    )
    vectors = RowVectors(WordsAlone())
    first = find_figures("How much was planned for boats and fuel?", scope(budget), vectors)
    assert first is not None
    assert first.cells[0].cell.text == "500"
    found = find_in_same_row(question, first, scope(budget), vectors)
    assert (found.cells[0].cell.text if found else None) == answer
