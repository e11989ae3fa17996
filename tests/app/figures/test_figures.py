"""A question for figures gets the cell it asks for, or what is computed over cells; anything else is left alone."""

import re

import pytest

from app.figures.figures import find_figures
from app.figures.found import FiguresFound
from app.figures.lines import lines_of_figures
from core.types import Document
from index.search.row_ranking import RowVectors
from tests.app.figures.drawn import WordsAlone, drawn, scope

INCOME = drawn(
    ["Years ended June 30, > 2023", "Years ended June 30, > 2022", "Years ended June 30, > 2021"],
    [
        "Revenue > Boat sales | 1,200 | 1,000 | 900",
        "Revenue > Repairs | 300 | 250 | 150",
        "Total revenue | 1,500 | 1,250 | 1,050",
        "Cost of materials | (600) | (500) | (450)",
        "Tax rate | 25% | 24% | 20%",
    ],
    note="(in thousands of $)",
)


def found(question: str, *documents: Document) -> FiguresFound | None:
    return find_figures(question, scope(*(documents or (INCOME,))), RowVectors(WordsAlone()))


def told(question: str, *documents: Document) -> str:
    answered = found(question, *documents)
    return "\n".join(line.text for line in lines_of_figures(answered)) if answered else ""


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("What were the boat sales in 2022?", "$1,000 thousand"),
        ("How high was the total revenue in 2021?", "$1,050 thousand"),
        ("What was the tax rate in 2023?", "25%"),
        ("Wie hoch waren die Boat Sales 2022?", "$1,000 thousand"),
        ("What is the change in boat sales from 2022 to 2023?", "$200 thousand"),
        ("What is the change in boat sales from 2023 to 2022?", "$200 thousand"),
        ("What is the percentage change in repairs between 2021 and 2022?", "66.67%"),
        ("By how much did repairs increase in 2023?", "$50 thousand"),
        ("What is the average of repairs for 2021 and 2022?", "$200 thousand"),
        ("What is the average cost of materials from 2021 to 2023?", "-$516.67 thousand"),
        ("What is the sum of repairs in 2021 and 2022?", "$400 thousand"),
        ("What were the repairs as a percentage of total revenue in 2022?", "20.00%"),
        ("What is the ratio of repairs to boat sales in 2023?", "0.25"),
        ("In which year were the boat sales highest?", "Years ended June 30, 2023"),
        ("In which years were repairs above 200 thousand?", "Years ended June 30, 2022, Years ended June 30, 2023"),
        ("How many years did repairs exceed $200 thousand?", "2."),
    ],
)
def test_the_figure_is_looked_up_or_computed_and_told_first(question: str, begins: str) -> None:
    assert told(question).startswith(begins)


def test_a_computed_answer_shows_its_formula_with_the_figures_of_the_cells() -> None:
    assert "(300 - 250) ÷ abs(250) × 100 = 20.00%" in told(
        "What is the percentage change in repairs from 2022 to 2023?"
    )


def test_each_operand_is_a_cell_of_the_question_s_row_and_periods() -> None:
    answered = found("What is the change in boat sales from 2022 to 2023?")
    assert answered is not None
    assert [(cell.row[-1], cell.column.path[-1], cell.cell.text) for cell in answered.cells] == [
        ("Boat sales", "2022", "1,000"),
        ("Boat sales", "2023", "1,200"),
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Why did boat sales grow in 2023?",
        "Who repairs the boats?",
        "What is the number of employees in 2022?",
        "How is the cost of materials determined?",
    ],
)
def test_what_no_row_is_called_and_what_is_no_question_for_figures_is_left_to_others(question: str) -> None:
    answered = found(question)
    assert answered is None or answered.is_beside


def test_sentences_in_cells_are_no_values_of_columns() -> None:
    owed = "The windows remain ours until they are paid for in full. The owner keeps them from their delivery on."
    conditions = drawn(["Late payment"], [f"Retention of title | {owed}", "Repairs | two years"])
    assert told("What is the retention of title?", conditions) == ""
    assert told("What is the late payment of repairs?", conditions).startswith("two years")


def test_a_period_that_no_column_has_is_named_and_not_replaced_silently() -> None:
    answered = found("What were the boat sales in 2019 and 2022?")
    assert answered is not None
    assert [period.text for period in answered.missing] == ["2019"]
    assert [cell.cell.text for cell in answered.cells] == ["1,000"]


def test_three_months_and_nine_months_are_a_choice_unless_the_question_says_which() -> None:
    report = drawn(
        ["Three Months Ended > June 25, 2022", "Nine Months Ended > June 25, 2022"], ["Net sales | 82 | 304"]
    )
    answered = found("What were the net sales?", report)
    assert answered is not None
    assert answered.is_choice
    assert [cell.cell.text for cell in answered.cells] == ["82", "304"]
    assert told("What were the net sales of the nine months ended June 25, 2022?", report).startswith("304")


def test_a_table_whose_rows_are_years_is_read_by_its_columns() -> None:
    table = drawn(["Members", "Fees"], ["2021 | 40 | 800", "2022 | 44 | 880"])
    assert told("How many members were there in 2022?", table).startswith("44")


def test_an_abbreviation_finds_the_row_that_it_stands_for() -> None:
    table = drawn(["2022", "2021"], ["Research and development | 7 | 6", "Selling and marketing | 9 | 8"])
    assert told("What was the R&D in 2022?", table).startswith("7")


def test_a_ratio_that_no_row_states_is_computed_as_textbooks_define_it() -> None:
    report = drawn(
        ["2023", "2022"],
        [
            "Trade payables | 60 | 40",
            "Cost of sales | (730) | (600)",
            "Total equity | 30 | 20",
            "Total assets | 120 | 90",
        ],
    )
    days = told("What were the days payable outstanding in 2023?", report)
    assert days.startswith("25.00")
    assert "365 × avg(60, 40) ÷ abs((-730))" in days
    assert told("eigenkapitalquote 2023?", report).startswith("25.00%")


def test_no_digit_of_an_answer_is_from_anywhere_but_cells_heads_and_computation() -> None:
    questions = [
        "What were the boat sales in 2022?",
        "What is the percentage change in repairs between 2021 and 2022?",
        "What is the average cost of materials from 2021 to 2023?",
        "What were the repairs as a percentage of total revenue in 2022?",
    ]
    for question in questions:
        answered = found(question)
        assert answered is not None
        known = " ".join(
            [*(cell.cell.text for cell in answered.cells), *(" ".join(c.column.path) for c in answered.cells)]
        )
        computed = told(question).split(" = ")[-1] if answered.result else ""
        digits = set(re.findall(r"\d[\d,.]*\d|\d", told(question))) - {"100"}
        assert digits <= set(re.findall(r"\d[\d,.]*\d|\d", f"{known} {computed}"))
