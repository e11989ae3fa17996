"""Rows of tables are indexed and read under the names of their columns and what they stand under."""

from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.settings import Settings
from core.types import Chunk, Document
from index.build import ingest
from index.context import passage_text
from index.store.library import Library
from index.table_names import column_line
from ingest.read import read_file
from tests.ingest.drawn_tables import ferries


@pytest.fixture
def report(tmp_path: Path) -> Path:
    drawing = ferries()
    return drawing.save(tmp_path / "report.pdf")


@pytest.fixture
def document(report: Path) -> Document:
    return read_file(report, report.name)


def test_a_line_names_the_columns_in_the_order_of_the_cells(document: Document) -> None:
    assert column_line(document.tables[0]) == "Six Months Ended: June 2031 | June 2030 (in thousands)"


def test_what_is_embedded_of_a_row_has_its_tables_title_and_columns(document: Document) -> None:
    row = document.tables[0].rows[1]
    text = document.text[row.start : row.end]
    chunk = Chunk(document.id, 0, row.start, row.end, text, (), 5)
    context, _, rest = passage_text(document, chunk, TopicEmbedder()).rpartition("\n")
    assert rest == text
    assert "Ferries and moorings" in context
    assert "Six Months Ended: June 2031 | June 2030" in context


def test_a_row_is_found_by_the_name_of_its_column(library: Library, settings: Settings, report: Path) -> None:
    ingest([report], library, TopicEmbedder(), settings)
    with library.database.reading() as db:
        (found,) = db.execute("SELECT count(*) FROM words WHERE words MATCH 'children AND thousand*'").fetchone()
    assert found == 1
