"""Spreadsheets (XLSX, XLSM, XLSB, XLS) by calamine: one page a sheet, one line a row, cells as the sheet shows them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DamagedFile, EncryptedFile
from ingest.document_builder import DocumentBuilder
from ingest.hidden import STRUCK, Hidden, hidden_signs
from ingest.readers._links import with_target
from ingest.readers._number_formats import general, shown_number
from ingest.readers._rows import write_rows
from ingest.readers._xlsx_parts import SheetLook, looks_of

if TYPE_CHECKING:
    import python_calamine

Cell = int | float | str | bool | time | date | datetime | timedelta

_EPOCH = datetime(1899, 12, 30)
_DAY = timedelta(days=1)


def read(path: Path, builder: DocumentBuilder) -> None:
    """Cells show the values that were last computed; sheets without any are left out. Hidden sheets, rows and
    columns are read, for calculations are often kept there, and their pages say so.

    Raises EncryptedFile for a workbook with a password, DamagedFile.
    """
    import python_calamine

    builder.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            looks = looks_of(path)
            for sheet in workbook.sheets_metadata:
                first = builder.next_page
                look = looks.of(sheet.name) if looks else SheetLook()
                rows = _Rows(workbook.get_sheet_by_name(sheet.name), look, from_1904=bool(looks and looks.from_1904))
                write_rows(builder, sheet.name, rows, look.spans)
                builder.hide(rows.hidden)
                if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
                    builder.flag("hidden sheet", first)
                elif look.hidden:
                    builder.flag("hidden rows or columns", first)
                _aside(builder, sheet.name, look)
                if look.formulas:
                    builder.warnings.append(
                        f"{sheet.name}: {len(look.formulas)} formulas have no stored value and are shown themselves."
                    )
    except python_calamine.PasswordError as error:
        raise EncryptedFile(f"{builder.name} needs a password.", "Open it and save it without a password.") from error
    except python_calamine.CalamineError as error:
        raise DamagedFile(
            f"{builder.name} is a damaged workbook.", "Get it again from where it came, or open it and save it again."
        ) from error


def _aside(builder: DocumentBuilder, name: str, look: SheetLook) -> None:
    """Write the boxes, comments and names of charts of a sheet on pages of their own."""
    for what, texts in (("text boxes", look.boxes), ("charts", look.charts), ("comments", look.comments)):
        if texts:
            builder.page("section", "\n".join(texts), label=f"{name}, {what}")


class _Rows:
    """The rows as text; ``hidden`` is what their cells hide in signs or strike out."""

    def __init__(self, sheet: "python_calamine.CalamineSheet", look: SheetLook, *, from_1904: bool) -> None:
        self._sheet = sheet
        self._look = look
        self._from_1904 = from_1904
        # calamine gives rows from the first, and columns from the first that is used.
        self._margin = sheet.start[1] if sheet.start else 0
        self._formulas: dict[int, dict[int, str]] = defaultdict(dict)
        for (row, column), formula in sorted(look.formulas.items()):
            self._formulas[row][column] = formula
        self.hidden: list[Hidden] = []

    def __iter__(self) -> Iterator[list[str]]:
        reached = 0
        for number, row in enumerate(self._sheet.iter_rows()):
            reached = number + 1
            yield self._row(number, row)
        for number in range(reached, 1 + max(self._formulas, default=-1)):
            yield self._row(number, [])

    def _row(self, number: int, row: list[Cell]) -> list[str]:
        cells = [""] * self._margin
        cells += [self._shown(cell, (number, column)) for column, cell in enumerate(row, self._margin)]
        for column, formula in self._formulas.get(number, {}).items():
            cells += [""] * (column + 1 - len(cells))
            cells[column] = cells[column] or formula
        return cells

    def _shown(self, cell: Cell, place: tuple[int, int]) -> str:
        if isinstance(cell, str) and not cell.isascii():
            self.hidden += hidden_signs(cell)
        look = self._look
        text = look.texts.get(place) or self._by_format(cell, look.formats.get(place, ""))
        if place in look.struck:
            self.hidden.append(Hidden(STRUCK, look.struck[place] or text))
            return text if look.struck[place] else ""
        return with_target(text, look.links[place]) if place in look.links else text

    def _by_format(self, cell: Cell, form: str) -> str:
        if not form or isinstance(cell, str | bool):
            return _plain(cell)
        return shown_number(_number(cell), form, from_1904=self._from_1904 and isinstance(cell, int | float))


def _number(cell: int | float | time | date | datetime | timedelta) -> float:
    """The number that a sheet stores for a value: days since 1899-12-30 for a date."""
    match cell:
        case datetime():
            return (cell - _EPOCH) / _DAY
        case date():
            return float((datetime.combine(cell, time()) - _EPOCH).days)
        case timedelta():
            return cell / _DAY
        case time():
            return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second + cell.microsecond / 1e6) / _DAY
        case _:
            return float(cell)


def _plain(cell: Cell) -> str:
    """A value without a format: 2 rather than 2.0, a date without the midnight it is stored with."""
    match cell:
        case bool():
            return str(cell).upper()
        case float():
            return general(cell)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(" ", "minutes" if not cell.second else "seconds")
        case timedelta():
            return shown_number(cell / _DAY, "[h]:mm:ss" if cell.seconds % 60 else "[h]:mm")
        case _:
            return str(cell)
