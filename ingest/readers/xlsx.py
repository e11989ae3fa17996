"""Spreadsheets (XLSX, XLSM, XLSB, XLS, ODS) by calamine: one page a sheet, one line a row."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from core.errors import DamagedFile, EncryptedFile
from ingest.document_builder import DocumentBuilder
from ingest.hidden import Hidden, hidden_signs
from ingest.readers._rows import write_rows

if TYPE_CHECKING:
    import python_calamine

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HIDDEN_CELLS = re.compile(rb"""<(?:\w+:)?(?:row|col)\s[^>]*\bhidden=["'](?:1|true)["']""")

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(path: Path, builder: DocumentBuilder) -> None:
    """Cells show the values that were last computed; sheets without any are left out. Hidden sheets, rows and
    columns are read, for calculations are often kept there, and their pages say so.

    Raises EncryptedFile for a workbook with a password, DamagedFile.
    """
    import python_calamine

    builder.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            unshown = _unshown(path)
            for sheet in workbook.sheets_metadata:
                first = builder.next_page
                signs: list[Hidden] = []
                write_rows(builder, sheet.name, _rows(workbook.get_sheet_by_name(sheet.name), signs))
                if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
                    builder.flag("hidden sheet", first)
                elif sheet.name in unshown:
                    builder.flag("hidden rows or columns", first)
                builder.hide(signs)
    except python_calamine.PasswordError as error:
        raise EncryptedFile(f"{builder.name} needs a password.", "Open it and save it without a password.") from error
    except python_calamine.CalamineError as error:
        raise DamagedFile(f"{builder.name} is a damaged workbook: {error}.", "Open it and save it again.") from error


def _rows(sheet: "python_calamine.CalamineSheet", signs: list[Hidden]) -> Iterator[list[str]]:
    """The rows as text; what their cells hide in signs is added to ``signs``."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell, str) and not cell.isascii():
                signs += hidden_signs(cell)
        yield [_shown(cell) for cell in row]


def _unshown(path: Path) -> set[str]:
    """The names of the sheets of an XLSX that have hidden rows or columns; other formats are not asked."""
    if not zipfile.is_zipfile(path):
        return set()
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return set()
        targets = {
            one.get("Id"): posixpath.normpath(posixpath.join("xl", one.get("Target") or ""))
            for one in _xml(archive.read("xl/_rels/workbook.xml.rels"))
        }
        found = set()
        for sheet in _xml(archive.read("xl/workbook.xml")).iter("{*}sheet"):
            part = targets.get(sheet.get(_RELATION), "").removeprefix("/")
            part = part if part in names else part.removeprefix("xl/")
            if part in names and _HIDDEN_CELLS.search(archive.read(part)):
                found.add(sheet.get("name") or "")
        return found


def _xml(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


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
