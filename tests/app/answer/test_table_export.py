"""Rows of an answer as files: as they stand, and harmless to a program of sheets."""

import io

from python_calamine import CalamineWorkbook

from app.answer.table_export import table_as_csv, table_as_xlsx
from core.table_results import TableResult

RESULT = TableResult(
    "rows", "SELECT 1", 2, 2, ("Name", "Net"), (("=1+1", "-5.20"), ("+1+A2", ""), ('Zoë, "Z"', "7")), "a.csv"
)


def test_csv_holds_the_rows_and_no_formula() -> None:
    text = table_as_csv(RESULT).decode("utf-8-sig")
    assert text.splitlines() == ["Name,Net", "'=1+1,-5.20", "'+1+A2,", '"Zoë, ""Z""",7']


def test_xlsx_holds_the_rows_below_what_was_computed() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(table_as_xlsx(RESULT))).get_sheet_by_index(0)
    assert sheet.to_python()[0][0] == "rows"
    assert sheet.to_python()[2:] == [["Name", "Net"], ["=1+1", "-5.20"], ["+1+A2", ""], ['Zoë, "Z"', "7"]]
