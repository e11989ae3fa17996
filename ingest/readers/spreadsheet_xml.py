"""Excel's XML of 2003 (SpreadsheetML), which programs export as .xls: one page a sheet, one line a row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import hidden_signs
from ingest.readers._package import parse_xml
from ingest.readers._rows import MOST_ROWS, write_rows

_S = "{urn:schemas-microsoft-com:office:spreadsheet}"
_MOST_SKIPPED = 1000
"""Columns that are skipped at most before a cell that says its number."""


def read(path: Path, builder: DocumentBuilder) -> None:
    builder.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    root = parse_xml(path.read_bytes())
    builder.hide(hidden_signs("".join(root.itertext())), everywhere=True)
    for sheet in root.iter(f"{_S}Worksheet"):
        write_rows(builder, one_line(sheet.get(f"{_S}Name") or ""), _rows(sheet))


def _rows(sheet: Any) -> Iterator[list[str]]:
    """The rows; those and the cells that are empty are left out of the file, and the next one says its number."""
    at = 0
    for row in sheet.iter(f"{_S}Row"):
        number = row.get(f"{_S}Index") or ""
        for _ in range(at + 1, min(int(number), MOST_ROWS + 1) if number.isdigit() else at + 1):
            yield []
            at += 1
        at += 1
        if at > MOST_ROWS:
            return
        cells: list[str] = []
        for cell in row.iterfind(f"{_S}Cell"):
            column = cell.get(f"{_S}Index") or ""
            skipped = int(column) - 1 - len(cells) if column.isdigit() else 0
            cells += [""] * max(0, min(skipped, _MOST_SKIPPED))
            data = cell.find(f"{_S}Data")
            cells.append(one_line("".join(data.itertext())).removesuffix("T00:00:00.000") if data is not None else "")
            across = cell.get(f"{_S}MergeAcross") or "0"
            cells += [""] * (min(int(across), _MOST_SKIPPED) if across.isdigit() else 0)
        yield cells
