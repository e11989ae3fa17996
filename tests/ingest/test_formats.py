"""What must hold for every format: exact spans, pages in order, the locator its readers know, type by content."""

from pathlib import Path

import pytest

from core.types import Document
from ingest.chunk import chunk
from ingest.locate import locate
from ingest.read import read_file
from ingest.sentences import sentence_spans
from tests.ingest.files import DOGS, FERRY, make

LOCATORS = {
    ".pdf": (2, "p. 2 (1)"),
    ".docx": (None, "Costs › Travel"),
    ".pptx": (2, "slide 2"),
    ".xlsx": (None, "Fares, row 2"),
    ".csv": (None, "row 2"),
    ".html": (None, "Costs › Travel"),
    ".md": (None, "Costs › Travel"),
    ".txt": (None, "line 12"),
    ".epub": (None, "Costs › Travel"),
    ".eml": (None, "message"),
    ".rtf": (None, "Costs › Travel"),
    ".odt": (None, "Costs › Travel"),
    ".ods": (None, "Fares, row 2"),
    ".odp": (2, "slide 2"),
    ".json": (None, "fares, item 2"),
    ".jsonl": (None, "line 2"),
    ".xml": (None, "fare 2"),
    ".ipynb": (None, "cell 2"),
    ".srt": (None, "0:01:05"),
    ".vtt": (None, "0:01:05"),
    ".ics": (None, "Crossing"),
    ".vcf": (None, "A. Lind"),
    ".mbox": (None, "message 2 › message"),
    ".zip": (None, "trips/notes.md › Costs › Travel"),
    ".py": (None, "line 5"),
}
HEADINGS = {
    ".pdf": ("Costs", "Travel"),
    ".docx": ("Costs", "Travel"),
    ".pptx": ("Costs",),
    ".xlsx": ("Fares",),
    ".csv": (),
    ".html": ("Costs", "Travel"),
    ".md": ("Costs", "Travel"),
    ".txt": (),
    ".epub": ("Costs", "Travel"),
    ".eml": ("Fares für 2026",),
    ".rtf": (),
    ".odt": ("Costs", "Travel"),
    ".ods": ("Fares",),
    ".odp": ("Costs",),
    ".json": (),
    ".jsonl": (),
    ".xml": (),
    ".ipynb": ("Costs",),
    ".srt": (),
    ".vtt": (),
    ".ics": ("Crossing",),
    ".vcf": ("A. Lind",),
    ".mbox": ("Fares für 2026",),
    ".zip": ("trips/notes.md", "Costs", "Travel"),
    ".py": ("fare",),
}
TITLES = {
    ".pdf": "Fares of 2026",
    ".docx": "Costs",
    ".pptx": "Plan",
    ".xlsx": "sample",
    ".csv": "sample",
    ".html": "Fares",
    ".md": "Fares of 2026",
    ".txt": "sample",
    ".epub": "The Fares Book",
    ".eml": "Fares für 2026",
    ".rtf": "Fares of 2026",
    ".odt": "Fares of 2026",
    ".ods": "sample",
    ".odp": "Plan",
    ".json": "sample",
    ".jsonl": "sample",
    ".xml": "sample",
    ".ipynb": "Costs",
    ".srt": "sample",
    ".vtt": "sample",
    ".ics": "Crossing",
    ".vcf": "A. Lind",
    ".mbox": "sample",
    ".zip": "sample",
    ".py": "fare",
}
BY_NAME = frozenset((".md", ".csv", ".txt", ".jsonl", ".py", ".srt"))
"""Kinds of plain text that only the name tells apart."""


class Words:
    """Counts words: chunks can be checked by eye."""

    window = 64

    def count_tokens(self, text: str) -> int:
        return len(text.split())


@pytest.fixture(params=sorted(make))
def extension(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(extension: str, tmp_path: Path) -> Document:
    return read_file(make[extension](tmp_path / f"sample{extension}"))


def test_chunks_and_sentences_are_exact_spans_that_lose_nothing(document: Document) -> None:
    chunks = chunk(document, Words(), 16)
    for one in chunks:
        assert document.text[one.start : one.end] == one.text == one.text.strip()
        assert 0 < one.tokens <= 16
    assert "".join("".join(one.text.split()) for one in chunks) == "".join(document.text.split())
    sentences = [document.text[start:end] for start, end in sentence_spans(document.text)]
    assert "".join("".join(one.split()) for one in sentences) == "".join(document.text.split())
    assert any(FERRY in sentence for sentence in sentences)


def test_pages_cover_the_text_in_order(document: Document) -> None:
    assert document.pages[0].start == 0
    assert document.pages[-1].end == len(document.text)
    for page, after in zip(document.pages, document.pages[1:], strict=False):
        assert page.end == after.start
        assert page.number + 1 == after.number


def test_a_quote_is_located_as_its_readers_would_look_it_up(document: Document, extension: str) -> None:
    locator = locate(document.pages, document.text, document.text.index(FERRY))
    assert (locator.page, locator.label) == LOCATORS[extension]


def test_headings_travel_with_the_chunk(document: Document, extension: str) -> None:
    holder = next(one for one in chunk(document, Words(), 16) if FERRY.split()[3] in one.text)
    assert holder.headings[: len(HEADINGS[extension])] == HEADINGS[extension]


def test_the_title_says_something(document: Document, extension: str) -> None:
    assert document.title == TITLES[extension]


@pytest.mark.parametrize("wrong", [".dat", ".pdf", ""])
def test_the_type_is_told_by_content(document: Document, extension: str, wrong: str, tmp_path: Path) -> None:
    if extension in BY_NAME:
        wrong = extension.upper()
    disguised = tmp_path / f"disguised{wrong}"
    make[extension](disguised)
    assert read_file(disguised).media_type == document.media_type
    assert read_file(disguised).text == document.text


def test_column_names_travel_with_rows(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("Harbour,Depth in metres\n" + "".join(f"Port {n},{n}\n" for n in range(200)), encoding="utf-8")
    chunks = chunk(read_file(path), Words(), 30)
    assert len(chunks) > 10
    assert all(one.headings == ("Harbour | Depth in metres",) for one in chunks[1:])
    assert all(line.count(" | ") == 1 for one in chunks for line in one.text.split("\n"))


def test_a_record_over_two_lines_is_one_row(tmp_path: Path) -> None:
    document = read_file(make[".csv"](tmp_path / "fares.csv"))
    assert locate(document.pages, document.text, document.text.index("two lines")).label == "row 3"
    assert locate(document.pages, document.text, document.text.index(DOGS)).label == "row 5"


def test_a_row_far_below_keeps_its_number(tmp_path: Path) -> None:
    document = read_file(make[".xlsx"](tmp_path / "fares.xlsx"))
    assert locate(document.pages, document.text, document.text.index("Last row")).label == "Fares, row 100"
    assert len(document.text) < 400


def test_html_holds_what_is_shown_and_no_navigation(tmp_path: Path) -> None:
    text = read_file(make[".html"](tmp_path / "fares.html")).text
    for absent in ("tracking", "Hidden words", "Read more about", "Imprint"):
        assert absent not in text
    assert "Full | 38" in text


def test_mail_takes_one_of_two_versions_and_lists_attachments(tmp_path: Path) -> None:
    document = read_file(make[".eml"](tmp_path / "fares.eml"))
    assert document.text.count(FERRY) == 1
    assert "Subject: Fares für 2026" in document.text
    assert "Attachment: fares.pdf" in document.text
    assert "fares.pdf" in document.warnings[0]


def test_word_pages_where_word_counted_as_many_itself(tmp_path: Path) -> None:
    import zipfile

    import docx
    from docx.oxml import OxmlElement

    document = docx.Document()
    document.add_paragraph("On the first page.")
    run = document.add_paragraph().add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("On the second page.")
    plain, counted = tmp_path / "plain.docx", tmp_path / "counted.docx"
    document.save(str(plain))
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(counted, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<Pages>1<", b"<Pages>2<"))
    for path, label in ((plain, "paragraph 2"), (counted, "p. 2")):
        read = read_file(path)
        assert locate(read.pages, read.text, read.text.index("On the second")).label == label


def test_word_shows_insertions_text_boxes_and_footnotes_but_no_deletions(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = docx.Document()
    document.element.body.insert(
        0,
        parse_xml(
            f"<w:p {space}><w:r><w:t>The rent is </w:t></w:r><w:del><w:r><w:delText>400</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>480</w:t></w:r></w:ins><w:r><w:t> euros</w:t></w:r></w:p>"
        ),
    )
    document.element.body.insert(
        1,
        parse_xml(
            f"<w:sdt {space}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    document.save(str(tmp_path / "lease.docx"))
    text = read_file(tmp_path / "lease.docx").text
    assert "The rent is 480 euros" in text
    assert "In a control." in text
