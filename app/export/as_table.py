"""A table of an answer as CSV and as an Excel file."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from app.answer.answer_table import AnswerTable

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to a spreadsheet program
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def as_csv(table: AnswerTable) -> bytes:
    """CSV in UTF-8 with a byte-order mark, which Excel wants; a text that looks like a formula gets an apostrophe."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: AnswerTable) -> bytes:
    """An Excel file of one sheet: numbers as numbers, texts as texts."""
    import xlsxwriter

    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True})
        for column, name in enumerate(table.columns):
            sheet.write_string(0, column, name, head)
        for number, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write_number(number, column, float(cell))
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return out.getvalue()


def _harmless(cell: str | Decimal | int) -> str | Decimal | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
