"""CSV and its relatives: one line a record, whatever separates the fields."""

import csv
import io
from pathlib import Path

from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs
from ingest.readers._rows import write_rows

SAMPLE_CHARACTERS = 16 * 1024
FIELD_CHARACTERS = 10 * 2**20
"""The csv module stops at 128 KiB a field, which exported texts exceed."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Records are numbered as a spreadsheet would number them: a line break within quotes does not count."""
    builder.media_type = "text/csv"
    text = decode(path.read_bytes(), builder.name)
    builder.hide(hidden_signs(text), everywhere=True)
    csv.field_size_limit(FIELD_CHARACTERS)
    write_rows(builder, "", csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))


def _delimiter(text: str) -> str:
    """The sign that splits the first records into the same number of fields, more than one; a comma if none does."""
    sample = text[:SAMPLE_CHARACTERS]
    best, most = ",", 1
    for delimiter in (",", "\t", ";", "|"):
        records = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        records = records[:-1] if len(text) > SAMPLE_CHARACTERS else records
        widths = sorted(map(len, records))
        typical = widths[len(widths) // 2] if widths else 0
        if typical > most and widths.count(typical) >= 0.7 * len(widths):
            best, most = delimiter, typical
    return best
