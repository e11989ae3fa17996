"""The rows behind an answer from a whole table to take away, as CSV and XLSX, as they stand in the document."""

from __future__ import annotations

import csv
import io
import re

from core.table_results import TableResult

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a program of sheets would take for the beginning of a formula."""

_NUMBER = re.compile(r"[+-]\d[\d.,]*")


def table_as_csv(result: TableResult) -> bytes:
    """The names of the columns and the rows, in UTF-8 with a mark that sheets know it by. Words that begin like a
    formula get an apostrophe before them, negative numbers none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(_harmless, result.columns))
    writer.writerows([_harmless(cell) for cell in row] for row in result.rows)
    return text.getvalue().encode("utf-8-sig")


def table_as_xlsx(result: TableResult) -> bytes:
    """A sheet of the rows, below what was computed; every cell is text, so that nothing in it is a formula."""
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet()
        sheet.write_string(0, 0, result.told)
        for at, row in enumerate((result.columns, *result.rows), 2):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell, bold if at == 2 else None)
        sheet.autofit()
    return target.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_SIGNS) and not _NUMBER.fullmatch(text) else text
