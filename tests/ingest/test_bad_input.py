"""Files that break readers: each costs itself alone and says what is wrong and what to do."""

import os
import zipfile
from pathlib import Path

import pytest

from core.errors import DamagedFile, EmptyFile, EncryptedFile, ReadError, UnsupportedFile
from ingest.read import read_file
from tests.ingest.files import make, write_empty_pdf, write_pdf, write_scan, write_zip_bomb


def test_empty_file(tmp_path: Path) -> None:
    for name, content in (("empty.pdf", b""), ("blank.txt", b" \n\t\r\n"), ("zeros.bin", b"\0" * 4096)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(EmptyFile, match=name):
            read_file(tmp_path / name)


def test_pdf_without_pages(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="no pages"):
        read_file(write_empty_pdf(tmp_path / "none.pdf"))


def test_encrypted_pdf_with_an_empty_user_password_opens(tmp_path: Path) -> None:
    document = read_file(write_pdf(tmp_path / "owner.pdf", ["Only the owner may print."], user_password=""))
    assert document.text == "Only the owner may print."


def test_encrypted_pdf_with_a_password_says_so(tmp_path: Path) -> None:
    with pytest.raises(EncryptedFile, match=r"secret\.pdf needs a password") as caught:
        read_file(write_pdf(tmp_path / "secret.pdf", ["Nothing to see."], user_password="sesame"))
    assert "without a password" in caught.value.hint


def test_pdf_with_a_broken_cross_reference_table_opens(tmp_path: Path) -> None:
    path = make[".pdf"](tmp_path / "broken.pdf")
    whole = read_file(path)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"xref")].replace(b"xref", b"xxxx") + b"startxref\n99999999\n%%EOF")
    broken = read_file(path)
    assert [page.kind for page in broken.pages] == ["page"] * 3
    assert broken.text == whole.text


def test_pdf_that_nothing_can_repair(tmp_path: Path) -> None:
    path = tmp_path / "noise.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 64)
    with pytest.raises(DamagedFile, match=r"noise\.pdf"):
        read_file(path)


def test_scanned_pages_are_noted_and_the_rest_is_kept(tmp_path: Path) -> None:
    document = read_file(write_scan(tmp_path / "scan.pdf", ["A cover page.", "", "The end."]))
    assert [page.note for page in document.pages] == ["", "no text: scanned?", ""]
    assert "A cover page." in document.text
    assert document.text[document.pages[2].start : document.pages[2].end] == "The end."


def test_a_wholly_scanned_pdf_is_a_document_of_noted_pages(tmp_path: Path) -> None:
    document = read_file(write_scan(tmp_path / "scan.pdf", ["", ""]))
    assert document.text == ""
    assert [page.note for page in document.pages] == ["no text: scanned?"] * 2


def test_a_page_that_pdfium_cannot_read_is_read_by_the_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pypdfium2

    path = make[".pdf"](tmp_path / "page.pdf")
    whole = read_file(path)
    original = pypdfium2.PdfDocument.get_page

    def refuse(document: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
        if index == 1:
            raise pypdfium2.PdfiumError("Failed to load page.")
        return original(document, index)

    monkeypatch.setattr(pypdfium2.PdfDocument, "get_page", refuse)
    stood_in = read_file(path)
    assert [page.note for page in stood_in.pages] == ["", "", ""]
    assert stood_in.text.split() == whole.text.split()


def test_a_page_that_neither_can_read_is_noted_and_the_rest_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pypdf
    import pypdfium2

    def refuse(*_: object) -> None:
        raise pypdfium2.PdfiumError("Failed to load page.")

    path = make[".pdf"](tmp_path / "page.pdf")
    monkeypatch.setattr(pypdf.PageObject, "extract_text", refuse)
    original = pypdfium2.PdfDocument.get_page
    monkeypatch.setattr(
        pypdfium2.PdfDocument, "get_page", lambda self, index: refuse() if index == 1 else original(self, index)
    )
    document = read_file(path)
    assert [bool(page.note) for page in document.pages] == [False, True, False]
    assert "could not be read" in document.pages[1].note
    assert "Rooms are cleaned" in document.text


def test_binary_junk_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(os.urandom(5000))
    with pytest.raises(UnsupportedFile, match=r"notes\.txt is not text"):
        read_file(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50, "OCR"),
        ("poster.eps", b"%!PS-Adobe-3.0\n", "PDF"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), r"\.docx"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("half.docx", b"PK\x03\x04 and then nothing", "save it again"),
    ],
)
def test_other_kinds_say_what_to_do(
    name: str, content: bytes, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.readers.libreoffice.PROGRAMS", ())  # a machine without it
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=says):
        read_file(tmp_path / name)


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write_zip_bomb(tmp_path / "bomb.docx", 600)
    assert path.stat().st_size < 5 * 2**20
    with pytest.raises(DamagedFile, match="zip bomb"):
        read_file(path)


@pytest.mark.parametrize(("entity", "says"), [("&l9;", "damaged"), ("&file;", "")])
def test_entities_are_not_expanded(entity: str, says: str, tmp_path: Path) -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    source = make[".docx"](tmp_path / "plain.docx")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "laughs.docx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                start = data.index(b"<w:document")
                data = data[:start] + head.encode() + data[start:].replace(b"Travel", f"{entity}Travel".encode())
            new.writestr(name, data)
    if says:
        with pytest.raises(DamagedFile, match=says):
            read_file(tmp_path / "laughs.docx")
    else:
        assert "root:" not in read_file(tmp_path / "laughs.docx").text


@pytest.mark.parametrize("name", ["with space.md", "🦭 seal.md", "../up.md", "ünïcödé.md", "a\nb.md"])
def test_odd_names_are_kept_as_people_call_them(name: str, tmp_path: Path) -> None:
    path = make[".md"](tmp_path / "stored")
    document = read_file(path, name=name)
    assert document.name == name
    assert document.media_type == "text/markdown"


def test_an_id_is_the_content_whatever_the_name(tmp_path: Path) -> None:
    one, two = make[".txt"](tmp_path / "one.txt"), make[".txt"](tmp_path / "two.txt")
    assert read_file(one).id == read_file(two).id
    two.write_text("Other words.", encoding="utf-8")
    assert read_file(one).id != read_file(two).id


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"gone\.pdf cannot be opened"):
        read_file(tmp_path / "gone.pdf")


def test_a_mail_whose_date_no_number_holds_is_read(tmp_path: Path) -> None:
    path = tmp_path / "late.eml"
    date = "Mon, 1 Jan 2020 10:00:00 +99999999999999999"
    path.write_text(f"From: a@example.org\nSubject: Rent\nDate: {date}\n\nThe rent is due in May.\n")
    document = read_file(path)
    assert "The rent is due in May." in document.text
    assert document.metadata["created"] == date
