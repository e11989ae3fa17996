"""Office files of before 2007, made and read by LibreOffice itself, where it is installed."""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from pptx import Presentation

from ingest.read import read_file
from tests.ingest.web_server import Reply, WebServer, web_server

pytestmark = pytest.mark.timeout(600)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060600000000500"
    "01a5f645400000000049454e44ae426082"
)
PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:extent cx="990000" cy="990000"/><wp:docPr id="1" name="P"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr>'
    '<pic:cNvPr id="0" name="x.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
    '<a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="rIdLinked"/>'
    '<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
    '<a:ext cx="990000" cy="990000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
LINK = (
    '<Relationship Id="rIdLinked" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
    ' Target="{address}" TargetMode="External"/></Relationships>'
)

Convert = Callable[[Path, str], Path]


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Saves a file in another format as a person would: with LibreOffice as it is, in a profile of its own."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        refuse = pytest.fail if os.environ.get("LECTERN_REQUIRE_LIBREOFFICE") else pytest.skip
        refuse("LibreOffice is not installed: its own files were not tried")
    profile = tmp_path_factory.mktemp("profile")

    def run(path: Path, to: str) -> Path:
        options = ["--headless", "--norestore", "--convert-to", to, "--outdir", str(path.parent), str(path)]
        command = [program, f"-env:UserInstallation={profile.as_uri()}", *options]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return path.with_suffix(f".{to}")

    return run


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        running.replies["/x.png"] = Reply(PNG, headers={"Content-Type": "image/png"})
        yield running


def test_a_word_file_is_read_and_what_it_links_to_is_not_fetched(
    tmp_path: Path, convert: Convert, server: WebServer
) -> None:
    document = docx.Document()
    document.add_heading("Lease", 1)
    document.add_paragraph("The rent is 820 euros a month.")
    table = document.add_table(2, 2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Item", "Fee", "Key", "15"), strict=True
    ):
        cell.text = text
    document.save(str(tmp_path / "plain.docx"))
    old = convert(linked(tmp_path / "plain.docx", tmp_path / "lease.docx", server.address("/x.png")), "doc")
    assert server.address("/x.png").encode("utf-16-le") in old.read_bytes()
    server.asked.clear()
    convert(old, "odt")
    assert server.asked, "LibreOffice by itself fetches it, or this test shows nothing"
    server.asked.clear()

    read = read_file(old)
    assert server.asked == []
    assert "The rent is 820 euros a month." in read.text
    assert read.headings[0].text == "Lease"
    assert [cell.text for cell in read.tables[0].cells] == ["Key", "15"] or "Key | 15" in read.text


def linked(path: Path, target: Path, address: str) -> Path:
    """The Word file with a picture that lies at an address."""
    with zipfile.ZipFile(path) as parts, zipfile.ZipFile(target, "w") as out:
        for name in parts.namelist():
            data = parts.read(name)
            if name == "word/_rels/document.xml.rels":
                data = data.replace(b"</Relationships>", LINK.format(address=address).encode())
            if name == "word/document.xml":
                data = data.replace(b"<w:sectPr", PICTURE.encode() + b"<w:sectPr", 1)
            out.writestr(name, data)
    return target


def test_slides_are_read_slide_by_slide(tmp_path: Path, convert: Convert) -> None:
    slides = Presentation()
    for title, text in (("Drill", "The assembly point is the car park."), ("Alarm", "The siren sounds twice.")):
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    slides.save(str(tmp_path / "drill.pptx"))
    read = read_file(convert(tmp_path / "drill.pptx", "ppt"))
    assert [page.kind for page in read.pages] == ["slide", "slide"]
    assert "The siren sounds twice." in read.text[read.pages[1].start :]


def test_an_old_sheet_is_read_with_its_rows(tmp_path: Path, convert: Convert) -> None:
    (tmp_path / "fees.csv").write_text("Harbour,Fee\nNorby,12.5\nSund,9\n")
    read = read_file(convert(tmp_path / "fees.csv", "xls"))
    assert "Norby | 12.5" in read.text
    assert read.media_type.startswith("application/")
