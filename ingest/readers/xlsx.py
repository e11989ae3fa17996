"""Spreadsheets (XLSX, XLSM, XLSB, XLS, ODS) by calamine: one page a sheet, one line a row."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DamagedFile, EncryptedFile
from ingest.draft import Draft
from ingest.readers._rows import write_rows

if TYPE_CHECKING:
    import python_calamine

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(path: Path, draft: Draft) -> None:
    """Cells show the values that were last computed; sheets without any are left out.

    Raises EncryptedFile for a workbook with a password, DamagedFile.
    """
    import python_calamine

    draft.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            for name in workbook.sheet_names:
                write_rows(draft, name, _rows(workbook.get_sheet_by_name(name)))
    except python_calamine.PasswordError as error:
        raise EncryptedFile(f"{draft.name} needs a password.", "Open it and save it without a password.") from error
    except python_calamine.CalamineError as error:
        raise DamagedFile(f"{draft.name} is a damaged workbook: {error}.", "Open it and save it again.") from error


def _rows(sheet: "python_calamine.CalamineSheet") -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [_shown(cell) for cell in row]


def _shown(cell: Cell) -> str:
    """A value as the sheet would show it: 2 rather than 2.0, a date without the midnight it is stored with."""
    match cell:
        case bool():
            return str(cell).upper()
        case float():
            return format(cell, ".15g")
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(" ", "minutes" if not cell.second else "seconds")
        case _:
            return str(cell)
