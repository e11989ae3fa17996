"""The rows behind an answer from a whole table to take away, as CSV and XLSX, as they stand in the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.answer import sheets
from core.table_results import TableResult

if TYPE_CHECKING:
    from xlsxwriter import Workbook


def table_as_csv(result: TableResult) -> bytes:
    """The names of the columns and the rows."""
    return sheets.as_csv((result.columns, *result.rows))


def table_as_xlsx(result: TableResult) -> bytes:
    """A sheet of the rows, below what was computed; every cell is text."""

    def fill(workbook: Workbook) -> None:
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet()
        sheet.write_string(0, 0, result.told)
        for at, row in enumerate((result.columns, *result.rows), 2):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell, bold if at == 2 else None)
        sheet.autofit()

    return sheets.as_xlsx(fill)
