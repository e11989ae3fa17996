"""The figures of an answer as a table to sort and to plot."""

from dataclasses import replace
from decimal import Decimal

from app.answer.answer_table import table_of
from app.ui.answer_tables import plot
from core.figures import Figures, Operand
from core.types import Answer, Timings, Usage

HARBOUR = Answer("", "Text.", True, (), (), (), (), Timings(), Usage(), "", "direct")


def cell(number: int, column: str, file: str = "a.pdf", row: str = "=Sales") -> Operand:
    return Operand("a", file, file, 3, (row,), (column,), f"{number}", Decimal(number), "$", 1000, number, number + 1)


def answer(operation: str, *operands: Operand) -> Answer:
    return replace(HARBOUR, figures=Figures(operation, operands))


def test_one_figure_is_no_table_and_the_same_cell_is_one_row():
    assert table_of(answer("look up", cell(5, "2021"))) is None
    table = table_of(answer("change", cell(5, "2021"), cell(7, "2022"), cell(5, "2021")))
    assert [row[1:4] for row in table.rows] == [("2021", Decimal(5), "$ × 1,000"), ("2022", Decimal(7), "$ × 1,000")]
    assert not table.is_series


def test_a_series_is_plotted_in_plain_units_and_in_the_order_of_the_answer():
    table = table_of(answer("over time", cell(9, "2023"), cell(5, "2021"), cell(7, "2022")))
    assert table.is_series
    drawn = plot(table).to_dict()
    assert [(one["at"], one["value"]) for one in drawn["data"]["values"]] == [
        ("2023", 9000),
        ("2021", 5000),
        ("2022", 7000),
    ]
    assert drawn["encoding"]["x"]["sort"] is None
