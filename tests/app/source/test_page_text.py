"""A page as it was read: the quote in its text or its table, with what belongs to it."""

from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

from app.source.page_text import before_quote, page_of, page_text
from core.digests import sha256_of
from core.types import Document
from index.original import original_of
from index.store.originals import folder_of
from ingest.read import read_file


def read(path: Path, content: str | bytes) -> Document:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, path.name)


def test_a_section_has_the_quote_between_what_stands_around_it(tmp_path):
    document = read(tmp_path / "lease.md", "# Lease\n\nSigned in May.\n\n# Rent\n\nThe rent is 640 euros. It is due.\n")
    start = document.text.index("The rent")
    page = page_text(document, page_of(document, start), start, start + len("The rent is 640 euros."))
    assert page.quote == "The rent is 640 euros."
    assert page.before.strip().endswith("Rent")
    assert page.after.strip() == "It is due."
    assert page.place == "Rent"
    assert before_quote(document, page.at, start) == page.before


def test_another_page_has_no_quote(tmp_path):
    document = read(tmp_path / "lease.md", "# Lease\n\nSigned in May.\n\n# Rent\n\nThe rent is 640 euros.\n")
    start = document.text.index("The rent")
    page = page_text(document, 0, start, start + 8)
    assert (page.quote, page.at) == ("", 0)
    assert "Signed in May." in page.before + page.after
    assert page_text(document, 99, start, start + 8).at == page.count - 1


def test_a_quoted_row_is_marked_in_its_table(tmp_path):
    document = read(tmp_path / "stock.csv", "Item,Count,Place\nRope,12,shed\nAnchor,3,quay\nBuoy,7,shed\n")
    row = document.text.index("Anchor")
    page = page_text(document, page_of(document, row), row, document.text.index("quay") + 4)
    assert page.table
    assert page.table.columns == ("Count", "Place")
    assert [(line.label, line.quoted) for line in page.table.lines] == [
        ("Rope", False),
        ("Anchor", True),
        ("Buoy", False),
    ]
    assert [cell.text for cell in page.table.lines[1].cells if cell.quoted] == ["3", "quay"]


def test_of_a_long_table_the_rows_around_the_quote_are_shown(tmp_path):
    rows = "\n".join(f"Item {number},{number}" for number in range(500))
    document = read(tmp_path / "stock.csv", f"Item,Count\n{rows}\n")
    row = document.text.index("Item 300")
    page = page_text(document, page_of(document, row), row, row + 8)
    assert page.table
    assert len(page.table.lines) == 51
    assert page.table.left_out == 449
    assert page.table.lines[25].quoted


def test_a_mail_is_shown_with_its_head(tmp_path):
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Ada Lind <ada@station.example>", "The boat"
    mail.set_content("The boat leaves at nine.\n")
    document = read(tmp_path / "boat.eml", mail.as_bytes())
    start = document.text.index("The boat leaves")
    page = page_text(document, page_of(document, start), start, start + 24)
    assert "Ada Lind" in page.head
    assert "leaves" not in page.head


def test_the_original_is_the_file_with_the_same_bytes(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\nThe boat leaves at nine.\n")
    document_id = sha256_of(path)
    library = SimpleNamespace(uploads_dir=tmp_path / "uploads", sources_of=lambda _id: ["upload:notes.md", str(path)])
    assert original_of(library, document_id) == path
    path.write_text("# Notes\n\nThe boat leaves at ten.\n")
    assert original_of(library, document_id) is None
    kept = folder_of(library.uploads_dir, document_id) / "notes.md"
    kept.parent.mkdir(parents=True)
    kept.write_text("# Notes\n\nThe boat leaves at nine.\n")
    assert original_of(library, document_id) == kept
