"""CSV and its relatives: one line a record, whatever separates the fields."""

import csv
import io
import re
from pathlib import Path

from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs
from ingest.readers._csv_records import Records
from ingest.readers._rows import write_rows

SAMPLE_CHARACTERS = 16 * 1024
ROWS_NAMED = 8

FIELD_CHARACTERS = 10 * 2**20
"""The csv module stops at 128 KiB a field, which exported texts exceed."""


_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""The first line by which Excel is told what separates the fields; it is not shown."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Records are numbered as a spreadsheet would number them: a line break within quotes does not count."""
    builder.media_type = "text/csv"
    text = decode(path.read_bytes(), builder.name)
    builder.hide(hidden_signs(text), everywhere=True)
    csv.field_size_limit(FIELD_CHARACTERS)
    told = _SEPARATOR.match(text)
    text = text[told.end() :] if told else text
    delimiter, width = _shape(text)
    records = Records(text, told[1] if told else delimiter, width)
    write_rows(builder, "", records)
    if records.mended:
        named = ", ".join(map(str, records.mended[:ROWS_NAMED])) + (", ..." if len(records.mended) > ROWS_NAMED else "")
        builder.warnings.append(f"A quotation mark is never closed; it was taken as it stands in row {named}.")


def _shape(text: str) -> tuple[str, int]:
    """The sign that splits the first records into the same number of fields, more than one, and that number.

    Where a mark that is never closed hides the records, the first lines count; a comma and 1 if no sign does.
    """
    lines = list(io.StringIO(text[:SAMPLE_CHARACTERS], newline=""))
    lines = lines[:-1] if len(text) > SAMPLE_CHARACTERS else lines
    closed = [line for line in lines if line.count('"') % 2 == 0]
    return _common(lines) or _common(closed) or (",", 1)


def _common(lines: list[str]) -> tuple[str, int] | None:
    """The sign and number of fields that most records of these lines share; None where they have one field each."""
    best, most = "", 1
    for delimiter in (",", "\t", ";", "|"):
        widths = sorted(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        typical = widths[len(widths) // 2] if widths else 0
        if typical > most and widths.count(typical) >= 0.7 * len(widths):
            best, most = delimiter, typical
    return (best, most) if best else None
