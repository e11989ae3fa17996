"""The quality report: how each page was read, what was left out and why."""

from pathlib import Path

import pytest
from fpdf import FPDF

from app.quality.as_html import as_html
from app.quality.quality import PageQuality, in_a_line, quality_of, runs
from core.types import Document, Page
from index.store.records import pages_json, to_pages
from ingest.read import read_file
from ingest.recognition.reading import SCANNED

PROSE = "The tenant shall pay the rent on the first working day of each month and keep the rooms in good order."


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A page of prose, a page with a table, one that is a picture, and a form."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=11)
    pdf.add_page()
    pdf.multi_cell(0, 6, PROSE)
    pdf.add_page()
    with pdf.table() as table:
        for row in (("Harbour", "2024", "2025"), ("Norby", "120", "131"), ("Sund", "45", "52"), ("Vik", "9", "11")):
            table.row(row)
    pdf.add_page()
    pdf.rect(20, 20, 100, 100, style="F")
    pdf.output(str(tmp_path / "report.pdf"))
    return tmp_path / "report.pdf"


def test_each_page_says_how_it_was_read(report: Path) -> None:
    quality = quality_of(read_file(report))
    first, second, third = quality.pages
    assert (first.ways, first.left_out, first.language) == (("text",), "", "English")
    assert second.ways == ("text", "1 table")
    assert (third.ways, third.left_out) == ((), SCANNED)
    assert quality.ways == {"text": 2, "tables": 1}
    assert in_a_line(quality) == "text 2, tables 1 of 3; English; 1 not read"


def test_how_a_page_was_read_is_kept_with_it() -> None:
    page = Page("page", 1, "", 0, 4, how="recognized by rapidocr 3.10.0, certainty 0.98")
    plain = Page("page", 2, "", 4, 8)
    assert to_pages(pages_json((page, plain))) == (page, plain)


def test_a_recognized_page_says_so() -> None:
    how = "recognized by rapidocr 3.10.0, certainty 0.98"
    quality = quality_of(_document(PROSE, Page("page", 1, "", 0, len(PROSE), how=how)))
    assert quality.pages[0].ways == (how,)
    assert quality.ways == {"recognized": 1}


def test_garbage_has_its_share() -> None:
    text = "abc\ue001\ue002\ue003 d"
    assert quality_of(_document(text, Page("page", 1, "", 0, len(text)))).pages[0].garbled == pytest.approx(3 / 7)


def test_pages_that_were_read_alike_are_one_run() -> None:
    pages = [PageQuality(at, f"page {at}", 9, ("text",), "", 0.0, "English") for at in range(1, 901)]
    odd = PageQuality(901, "page 901", 0, (), SCANNED, 0.0, "")
    assert runs([*pages, odd]) == [(pages[0], pages[-1]), (odd, odd)]


def test_the_page_shows_names_as_they_are_and_loads_nothing(report: Path) -> None:
    quality = quality_of(read_file(report, "<script>alert(1)</script>.pdf"))
    html = as_html("papers", [quality], ["<b>.pdf"])
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.pdf" in html
    assert "&lt;b&gt;.pdf" in html
    assert SCANNED in html
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")


def _document(text: str, *pages: Page) -> Document:
    return Document("a" * 64, "a.pdf", "application/pdf", "", text, pages)
