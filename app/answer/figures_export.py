"""The figures of an answer to take away, as CSV and XLSX: document and period by item, each cell with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from app.answer import sheets
from app.answer.sheets import Value
from app.answer.table_export import table_as_csv, table_as_xlsx
from core.errors import UsageError
from core.figures import Figures, Operand
from core.files import for_the_person
from core.messages import N_, _
from core.types import Answer

if TYPE_CHECKING:
    from xlsxwriter import Workbook

HEADS = (N_("Document"), N_("Page"), N_("Row"), N_("Column"), N_("Text"), N_("Value"), N_("Unit"))
RESULT = N_("Result")
BY_ITEM, CELLS = N_("By item"), N_("Cells")

PATH_SIGN = " › "


@dataclass(frozen=True, slots=True)
class ItemTable:
    """Figures as a table: a row for each document and column of its tables, a column for each item.

    ``rows`` are (document, column, the item's cells, None where there is none), in the order in which they were found.
    """

    items: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Operand | None, ...]], ...]


def by_item(figures: Figures) -> ItemTable:
    """The operands by document and period; of two in one place the first."""
    items = tuple(dict.fromkeys(_name(one.row) for one in figures.operands))
    places: dict[tuple[str, str], dict[str, Operand]] = {}
    for one in figures.operands:
        places.setdefault((one.file, _name(one.column)), {}).setdefault(_name(one.row), one)
    return ItemTable(items, tuple((*place, tuple(map(held.get, items))) for place, held in places.items()))


def as_csv(figures: Figures) -> bytes:
    """Every cell on a line, with its value in plain units, and the result last."""
    return sheets.as_csv(_lines(figures))


def as_xlsx(figures: Figures) -> bytes:
    """A workbook of two sheets: document and period by item, each figure with a note of where it stands; all cells."""

    def fill(workbook: Workbook) -> None:
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet(_(BY_ITEM))
        table = by_item(figures)
        sheet.write_row(0, 0, [_(HEADS[0]), _(HEADS[3]), *table.items], bold)
        for at, (file, column, cells) in enumerate(table.rows, 1):
            sheet.write_row(at, 0, [file, column])
            for place, cell in enumerate(cells, 2):
                if cell is not None:
                    _write(sheet, at, place, cell.text if cell.value is None else cell.value)
                    sheet.write_comment(at, place, f"{cell.file}, {cell.page}: {cell.text}")
        sheet.autofit()
        every = workbook.add_worksheet(_(CELLS))
        for at, line in enumerate(_lines(figures)):
            for place, value in enumerate(line):
                _write(every, at, place, value, bold if at == 0 else None)
        every.autofit()

    return sheets.as_xlsx(fill)


def check_target(path: Path) -> None:
    """Raises UsageError where figures cannot be written to a file of this name."""
    if path.exists():
        raise UsageError(f"{path} is there already.", "Name another file.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it, or name another file.")


def save_figures(answer: Answer, path: Path) -> None:
    """Write an answer's figures, or the rows of the table that it is of, as XLSX where the file's name ends so, else as
    CSV. Raises UsageError where it has none or where the file cannot be written."""
    is_workbook = path.suffix.lower() == ".xlsx"
    if answer.table is not None:
        content = table_as_xlsx(answer.table) if is_workbook else table_as_csv(answer.table)
    elif answer.figures is not None:
        content = as_xlsx(answer.figures) if is_workbook else as_csv(answer.figures)
    else:
        raise UsageError(f"{path} was not written: the answer is from no table.", "Ask for a figure of a table.")
    try:
        with for_the_person(), path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error


def _lines(figures: Figures) -> list[list[Value]]:
    lines: list[list[Value]] = [list(map(_, HEADS))]
    for one in figures.operands:
        page = Decimal(one.page) if one.page else None
        lines.append([one.file, page, _name(one.row), _name(one.column), one.text, one.value, one.unit])
    if computed := figures.computation:
        lines.append([_(RESULT), None, computed.shown, "", "", computed.value, computed.unit])
    return lines


def _name(path: Sequence[str]) -> str:
    return PATH_SIGN.join(" ".join(part.split()) for part in path)


def _write(sheet: object, row: int, column: int, value: Value, form: object = None) -> None:
    write = "write_number" if isinstance(value, Decimal) else "write_string"
    getattr(sheet, write)(row, column, "" if value is None else value, form)
