"""Text recognition: reading order, what is certain enough, and scanned pages and images read with either engine."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import DamagedFile, UnsupportedFile
from core.settings import Settings
from ingest.child import Heard, ReaderPool
from ingest.read import read_file
from ingest.recognition.lines import Line, recognize
from ingest.recognition.order import in_reading_order, straightened
from ingest.recognition.reading import Recognition

WIDTH, HEIGHT = 12.0, 30.0
"""Of a character that the tests place on a page."""


def line(text: str, left: float, top: float, certainty: float = 1.0) -> Line:
    return Line(text, certainty, left, top, left + WIDTH * len(text), top + HEIGHT)


class Scripted:
    """An engine that reads what it is told to, whatever is on the picture."""

    def __init__(self, name: str, *lines: Line) -> None:
        self.name, self._lines, self.looked = name, list(lines), 0

    def lines(self, picture) -> list[Line]:
        self.looked += 1
        return self._lines


@pytest.fixture
def picture():
    return np.full((200, 800, 3), 255, dtype=np.uint8)


@pytest.fixture
def tesseract(tmp_path, monkeypatch):
    """A program of that name which prints the words that it is given as Tesseract does, one line a picture."""

    def install(*words: tuple[str, int]) -> None:
        head = ["level", "page_num", "block_num", "par_num", "line_num", "word_num"]
        head += ["left", "top", "width", "height", "conf", "text"]
        rows = [(5, 1, 1, 1, 1, at, 40 * at, 10, 30, 20, sure, word) for at, (word, sure) in enumerate(words)]
        table = "\n".join("\t".join(map(str, row)) for row in (head, *rows))
        program = tmp_path / "bin" / "tesseract"
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f"#!/bin/sh\ncase $1 in --version) echo 'tesseract 9.9.9';; --list-langs) printf 'L:\\neng\\nosd\\n';;"
            f" *) cat > /dev/null; cat <<'END'\n{table}\nEND\n;; esac\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")

    return install


def scanned_pdf(path: Path, *texts: str) -> Path:
    """A PDF whose pages are pictures of lines of text; "" is a page that is born digital."""
    from fpdf import FPDF

    pdf = FPDF()
    for text in texts:
        pdf.add_page()
        if text:
            pdf.image(drawn(text), x=10, y=10, w=180)
        else:
            pdf.set_font("Helvetica", size=12)
            pdf.cell(text="This page was born digital.")
    pdf.output(str(path))
    return path


def drawn(text: str):
    """A picture of a line of text."""
    from PIL import ImageDraw, ImageFont

    picture = Image.new("RGB", (1400, 120), "white")
    ImageDraw.Draw(picture).text((40, 30), text, font=ImageFont.load_default(44), fill="black")
    return picture


def test_columns_are_read_one_after_the_other_and_what_spans_them_where_it_stands():
    left = [line(f"a line of the left column, number {number}", 100, 200 + 40 * number) for number in range(6)]
    right = [line(f"a line of the right column, number {number}", 700, 210 + 40 * number) for number in range(6)]
    title = line("A title that spans both of the columns of this page", 100, 100)
    foot = line("A note below both of the columns of this very page", 100, 560)
    mixed = [foot, *right, title, *left][::-1]
    assert in_reading_order(mixed) == [title, *left, *right, foot]


def test_the_cells_of_a_row_stay_together():
    cells = [("Ferry", "Adult", "Child"), ("Skye", "12.50", "6.00"), ("Mull", "9.00", "4.50")]
    lines = [line(text, 100 + 400 * x, 100 + 40 * y) for y, row in enumerate(cells) for x, text in enumerate(row)]
    assert [one.text for one in in_reading_order(lines[::-1])] == ["  ".join(row) for row in cells]


def test_rows_of_a_skewed_page_are_told_apart():
    slope = 0.05
    lines = [
        Line(f"{x}{y}", 1.0, 400.0 * x, 100 + 40 * y + 400 * x * slope, 400.0 * x + 60, 133 + 40 * y + 400 * x * slope)
        for y in range(3)
        for x in range(3)
    ]
    read = in_reading_order(straightened(lines, [slope] * len(lines)))
    assert [one.text for one in read] == ["00  10  20", "01  11  21", "02  12  22"]


def test_uncertain_lines_are_left_out_and_counted_and_the_second_engine_is_asked(picture):
    rapid = Scripted("rapid", line("The rent is 640 euros.", 0, 0), line("xxxx xx xxx xxxxx xx", 0, 40, 0.4))
    other = Scripted("other", line("The rent is 640 euros.", 0, 0), line("It is paid on the first.", 0, 40, 0.9))
    alone = recognize(picture, [rapid])
    assert (alone.lines, alone.left_out) == (("The rent is 640 euros.",), 1)
    both = recognize(picture, [rapid, other])
    assert (both.engine, both.left_out) == ("other", 0)
    sure = Scripted("sure", line("The rent is 640 euros.", 0, 0))
    looked = other.looked
    assert recognize(picture, [sure, other]).engine == "sure"
    assert other.looked == looked


def test_who_recognized_what_is_told(picture):
    recognition = Recognition(
        [Scripted("rapid", line("The lease be-", 0, 0), line("gins.", 0, 40), line("?", 0, 80, 0.1))]
    )
    assert recognition.page(3, lambda: picture).replace("\ufffe", "") == "The lease begins."
    assert recognition.facts() == [
        "Recognized by rapid: p. 3 (certainty 1.00).",
        "1 line could not be read with certainty and was left out: p. 3.",
    ]


def test_an_image_is_no_document_where_nothing_can_read_it(tmp_path):
    drawn("The seal sleeps.").save(tmp_path / "seal.png")
    with pytest.raises(UnsupportedFile, match="is an image"):
        read_file(tmp_path / "seal.png")


def test_pages_that_are_pictures_are_left_for_later_and_then_read(tmp_path, tesseract):
    tesseract(("The", 96), ("seal", 95), ("sleeps.", 90))
    file = scanned_pdf(tmp_path / "mixed.pdf", "The seal sleeps.", "")
    settings = Settings(home=tmp_path, recognition="tesseract")
    with ReaderPool(settings) as pool:
        first = pool.read(file)
    assert [page.note for page in first.pages] == ["no text: scanned?", ""]
    seen: list[int] = []
    with ReaderPool(settings, recognizing=True) as pool:
        second = pool.read(file, heard=Heard(recognizes=seen.append))
    assert seen == [1]
    assert [second.text[page.start : page.end].strip() for page in second.pages] == [
        "The seal sleeps.",
        "This page was born digital.",
    ]
    assert [page.note for page in second.pages] == ["", ""]
    assert second.warnings == ("Recognized by tesseract 9.9.9 (eng): p. 1 (certainty 0.93).",)


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "gif", "bmp"])
def test_images_are_documents(tmp_path, tesseract, kind):
    tesseract(("Ahoy.", 96))
    drawn("Ahoy.").save(tmp_path / f"sign.{kind}")
    with ReaderPool(Settings(home=tmp_path, recognition="tesseract"), recognizing=True) as pool:
        document = pool.read(tmp_path / f"sign.{kind}")
    assert (document.text, document.media_type) == ("Ahoy.", f"image/{kind}")


def test_each_picture_of_a_file_is_a_page(tmp_path, tesseract):
    tesseract(("Ahoy.", 96))
    pictures = [drawn("Ahoy."), drawn("Ahoy.")]
    pictures[0].save(tmp_path / "fax.tiff", save_all=True, append_images=pictures[1:])
    with ReaderPool(Settings(home=tmp_path, recognition="tesseract"), recognizing=True) as pool:
        assert [page.number for page in pool.read(tmp_path / "fax.tiff").pages] == [1, 2]


def test_a_page_on_which_nothing_is_recognized_is_said_to_be_such(tmp_path, tesseract):
    tesseract()
    drawn("").save(tmp_path / "cat.png")
    with ReaderPool(Settings(home=tmp_path, recognition="tesseract"), recognizing=True) as pool:
        assert [page.note for page in pool.read(tmp_path / "cat.png").pages] == ["no text was recognized"]


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"\xff\xd8\xff\xe0 cut", b"II*\0\xff\xff\xff\xff"])
def test_a_broken_image_is_told(tmp_path, tesseract, data):
    tesseract()
    (tmp_path / "cut.png").write_bytes(data)
    with (
        ReaderPool(Settings(home=tmp_path, recognition="tesseract"), recognizing=True) as pool,
        pytest.raises(DamagedFile),
    ):
        pool.read(tmp_path / "cut.png")


def test_the_real_engine_reads_what_was_drawn(tmp_path):
    file = scanned_pdf(tmp_path / "scan.pdf", "The ferry costs 12.50 euros and leaves early.")
    with ReaderPool(Settings(home=tmp_path, recognition="rapidocr"), recognizing=True) as pool:
        document = pool.read(file)
    assert document.text == "The ferry costs 12.50 euros and leaves early."
    assert document.warnings[0].startswith("Recognized by rapidocr 3.")


@pytest.mark.parametrize(("ending", "pages"), [("gif", 1), ("mpo", 1), ("png", 1), ("tiff", 3)])
def test_only_the_pictures_of_a_paged_format_are_pages(tmp_path, ending, pages):
    """An animation goes on with its first picture, and a phone's photograph has a small copy of itself."""
    path = tmp_path / f"note.{ending}"
    pictures = [Image.new("RGB", (300, 200), color) for color in ("white", "grey", "black")]
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    document = read_file(path, path.name, Recognition)
    assert [page.number for page in document.pages] == list(range(1, pages + 1))
    assert document.media_type == {"mpo": "image/jpeg"}.get(ending, f"image/{ending}")


def test_a_picture_of_far_too_many_pixels_is_told_to_be_so(tmp_path):
    path = tmp_path / "plan.png"
    Image.new("1", (20_000, 10_000)).save(path)
    with pytest.raises(DamagedFile, match="too many pixels"):
        read_file(path, path.name, Recognition)
