"""Figures to take away: every cell with its place, numbers as numbers, and nothing that a sheet would compute."""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from app.answer.figures_export import as_csv, as_xlsx, by_item, check_target
from core.errors import UsageError
from core.figures import Computation, Figures, Operand


def cell(name: str, file: str, item: str, period: str, text: str, number: str | None) -> Operand:
    value = None if number is None else Decimal(number)
    return Operand(name, file, file, 3, ("Costs", item), (period,), text, value, "EUR", 1000, 0, len(text))


FIGURES = Figures(
    "change",
    (
        cell("a", "2031.pdf", "Fuel", "2030", "1,200", "1200"),
        cell("b", "2031.pdf", "Fuel", "2031", "(1,500)", "-1500"),
        cell("c", "2030.pdf", "=SUM(A1)", "2030", "on request", None),
    ),
    Computation("b - a", Decimal(-2_700_000), "EUR", 1000, "(1,500) - 1,200"),
)


def test_a_csv_has_a_line_for_each_cell_and_the_result_and_no_formula() -> None:
    lines = list(csv.reader(io.StringIO(as_csv(FIGURES).decode("utf-8-sig"))))
    assert lines[1] == ["2031.pdf", "3", "Costs › Fuel", "2030", "1,200", "1200000", "EUR"]
    assert lines[2][5] == "-1500000"
    assert lines[-1][2:] == ["(1,500) - 1,200", "", "", "-2700000", "EUR"]
    assert not any(field.startswith("=") for line in lines for field in line)


def test_a_negative_figure_is_no_formula() -> None:
    figures = replace(FIGURES, operands=(cell("a", "2031.pdf", "Tolls", "2031", "-1,100", "-1100"),))
    lines = list(csv.reader(io.StringIO(as_csv(figures).decode("utf-8-sig"))))
    assert lines[1][4:6] == ["-1,100", "-1100000"]


def test_a_workbook_has_documents_and_periods_by_item_and_numbers_as_numbers() -> None:
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(FIGURES)))
    first, second = (sheets.get_sheet_by_index(at).to_python() for at in (0, 1))
    assert first[0][2:] == ["Costs › Fuel", "Costs › =SUM(A1)"]
    assert first[1][:3] == ["2031.pdf", "2030", 1_200_000]
    assert first[3] == ["2030.pdf", "2030", "", "on request"]
    assert len(second) == 1 + len(FIGURES.operands) + 1


def test_a_place_that_holds_no_item_is_left_open() -> None:
    table = by_item(FIGURES)
    assert [row[:2] for row in table.rows] == [("2031.pdf", "2030"), ("2031.pdf", "2031"), ("2030.pdf", "2030")]
    assert table.rows[2][2][0] is None


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        check_target(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="no folder"):
        check_target(tmp_path / "none" / "a.csv")
