"""Pages are drawn by a process of their own, the quote boxed; a file that harms that process harms nothing else."""

import io
import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image

from app.source.pictures import PagePictures, PageRequest
from core.errors import ReadError

QUOTE = "The tank holds 180 litres."


@pytest.fixture
def pictures():
    drawn = PagePictures()
    yield drawn
    drawn.close()


@pytest.fixture
def file(tmp_path) -> Path:
    """A page of 100 by 200 millimetres with the quote a quarter from the top, and one that is turned."""
    pdf = FPDF(format=(100, 200))
    pdf.set_font("Helvetica", size=10)
    pdf.add_page()
    pdf.text(20, 50, QUOTE)
    pdf.set_text_color(200, 0, 0)
    pdf.text(20, 150, "Red words far below.")
    path = tmp_path / "tank.pdf"
    pdf.output(str(path))
    return path


def asked(file: Path, **changes) -> PageRequest:
    return replace(PageRequest(file, "d1", 1, 400, QUOTE), **changes)


def test_the_box_lies_over_the_ink_of_the_quote(pictures, file):
    image, boxes = pictures.page(asked(file))
    assert (image.width, image.height) == pytest.approx((283.5, 567), abs=1)
    ((left, top, right, bottom),) = boxes
    assert left == pytest.approx(0.2, abs=0.01)
    assert top < 0.25 < bottom
    picture = Image.open(io.BytesIO(image.png)).convert("L")
    width, height = picture.size
    inside = picture.crop((int(left * width), int(top * height), int(right * width) + 1, int(bottom * height) + 1))
    assert min(inside.tobytes()) < 100
    above = picture.crop((0, 0, width, int(top * height) - 1))
    assert min(above.tobytes()) == 255


def test_a_turned_page_has_its_box_where_a_reader_sees_it(pictures, file, tmp_path):
    import pypdf

    writer = pypdf.PdfWriter(str(file))
    writer.pages[0].rotate(90)
    turned = tmp_path / "turned.pdf"
    writer.write(str(turned))
    image, ((left, top, right, bottom),) = pictures.page(asked(turned, document_id="d2"))
    assert image.width > image.height
    assert left < 0.75 < right
    assert top == pytest.approx(0.2, abs=0.01)
    assert bottom - top > right - left


def test_a_page_that_was_drawn_is_not_drawn_again(pictures, file):
    image, _ = pictures.page(asked(file))
    file.unlink()
    assert pictures.page(asked(file))[0] is image


def test_what_is_no_pdf_is_an_error_with_words(pictures, file, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_text("no pages here")
    for wanted in (asked(broken, document_id="d3"), asked(file, page=9)):
        with pytest.raises(ReadError) as failed:
            pictures.page(wanted)
        assert str(failed.value) == "The page cannot be drawn. This is what was read of it."
    assert pictures.page(asked(file))[1]


def test_what_is_drawn_ahead_is_looked_up_in_the_background(pictures, file):
    returned, looked = threading.Event(), threading.Event()

    def pages():
        assert returned.wait(60)
        yield asked(file)
        looked.set()

    pictures.draw_ahead(pages())
    returned.set()
    assert looked.wait(60)
    file.unlink()
    assert pictures.page(asked(file))[1]


def test_a_killed_process_is_started_again(pictures, file):
    pictures.page(asked(file))
    os.kill(pictures.pid, signal.SIGKILL)
    with suppress(ReadError):  # it may be asked before it has ended
        pictures.page(asked(file, pixels=200))
    assert pictures.page(asked(file, pixels=200))[1]


def test_a_page_that_never_ends_is_given_up(file):
    pictures = PagePictures(seconds=5)
    pictures.page(asked(file))
    os.kill(pictures.pid, signal.SIGSTOP)
    hurried = PagePictures(seconds=0.01)
    with pytest.raises(ReadError, match="too long"):
        hurried.page(asked(file))
    hurried.close()
    pictures.close()
