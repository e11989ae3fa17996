"""What a model reads of a row of a table: the names of its columns, and what it stands under."""

from pathlib import Path

import pytest

from app.answer.page_layout import with_columns
from core.types import Citation, Document, Locator
from ingest.read import read_file
from tests.ingest.drawn_tables import ferries


@pytest.fixture
def document(tmp_path: Path) -> Document:
    drawing = ferries()
    drawing.text("Prices:")
    drawing.row("Adults", "9", "8", indent=12)
    drawing.gap()
    drawing.text("The ferries are painted every other year, and the moorings are cleaned by hand in the winter.")
    path = drawing.save(tmp_path / "report.pdf")
    return read_file(path, path.name)


def quote(document: Document, start: int, end: int) -> Citation:
    return Citation(document.id, document.name, Locator(1, "p. 1"), document.text[start:end], start, end, 1.0)


def test_a_row_is_read_below_its_columns_its_title_and_its_group(document: Document) -> None:
    row = document.tables[0].rows[1]
    one = quote(document, row.start, row.end)
    (read,) = with_columns([one], {document.id: document}, headings=True)
    assert read.columns == "Six Months Ended: June 2031 | June 2030 (in thousands)"
    assert read.heading == "Ferries and moorings › Passengers"
    (shown,) = with_columns([one], {document.id: document})
    assert (shown.columns, shown.heading) == (read.columns, "")


def test_rows_of_two_groups_share_the_title_alone(document: Document) -> None:
    rows = document.tables[0].rows
    (read,) = with_columns([quote(document, rows[1].start, rows[2].end)], {document.id: document}, headings=True)
    assert read.heading == "Ferries and moorings"


def test_prose_beside_a_table_has_no_columns(document: Document) -> None:
    start = document.text.index("The ferries")
    one = quote(document, start, len(document.text))
    assert with_columns([one], {document.id: document}, headings=True) == (one,)
