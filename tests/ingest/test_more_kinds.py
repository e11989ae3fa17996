"""More of what a person sees and a reader may lose: boxes, drop caps, charts, drawings, layers, mail."""

from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from core.types import Document
from ingest.read import read_file
from tests.ingest.files import DOGS, FERRY, write_pdf
from tests.ingest.office import paragraph, write_word

HEADERS = "From: a@b.no\nTo: c@d.no\nSubject: Ferry\nMIME-Version: 1.0\n"


def mail(folder: Path, rest: str) -> Document:
    (folder / "a.eml").write_text(HEADERS + rest, encoding="utf-8")
    return read_file(folder / "a.eml")


def alternatives(*parts: tuple[str, str]) -> str:
    shown = "".join(f"--x\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    return f"Content-Type: multipart/alternative; boundary=x\n\n{shown}--x--\n"


# Word


def test_a_table_in_a_text_box_keeps_its_cells(tmp_path: Path) -> None:
    rows = "".join(
        f"<w:tr><w:tc>{paragraph(name)}</w:tc><w:tc>{paragraph(rate)}</w:tc></w:tr>"
        for name, rate in (("Ship", "Rate"), ("Ada", "7 %"))
    )
    box = f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:tbl>{rows}</w:tbl></w:txbxContent></v:textbox></v:shape>"
    text = read_file(write_word(tmp_path / "a.docx", paragraph(f"{box}</w:pict></w:r>"), paragraph("After."))).text
    assert "Ship | Rate\nAda | 7 %" in text


def test_a_drop_cap_is_the_first_letter_of_its_word(tmp_path: Path) -> None:
    cap = paragraph("T", properties='<w:framePr w:dropCap="drop" w:lines="3"/>')
    assert FERRY in read_file(write_word(tmp_path / "a.docx", cap, paragraph(FERRY[1:]))).text


def test_a_header_that_the_package_gives_no_type_costs_no_document(tmp_path: Path) -> None:
    path = write_word(
        tmp_path / "a.docx",
        paragraph(FERRY),
        '<w:sectPr><w:headerReference w:type="default" r:id="h"/></w:sectPr>',
        parts={"header1.xml": f"<w:hdr>{paragraph('Case 4711/22')}</w:hdr>"},
        relations={"h": ("header", "header1.xml")},
    )
    text = read_file(path).text
    assert FERRY in text
    assert "Case 4711/22" in text


# Sheets


def test_titles_of_charts_are_read_on_sheets_and_on_sheets_of_their_own(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("Seats")
        sheet.write_row(0, 0, ["Ship", "Seats"])
        sheet.write_row(1, 0, ["Ada", 40])
        for title, place in (("Seats by ship", sheet), ("Seats in summer", book.add_chartsheet("Summer"))):
            chart = book.add_chart({"type": "column"})
            chart.add_series({"values": "=Seats!$B$2:$B$2"})
            chart.set_title({"name": title})
            chart.set_y_axis({"name": "in use"})
            place.insert_chart("D2", chart) if place is sheet else place.set_chart(chart)
    document = read_file(tmp_path / "a.xlsx")
    assert "Chart: Seats by ship (in use)" in document.text
    assert "Chart: Seats in summer (in use)" in document.text


def test_the_line_that_tells_excel_the_separator_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nShip;Fare, euros\nAda;38\nBo;40\n")
    document = read_file(tmp_path / "a.csv")
    assert document.text.startswith("Ship | Fare, euros\nAda | 38")


# Pages


def test_words_in_a_drawing_of_a_page_are_read(tmp_path: Path) -> None:
    svg = "<svg><title>icon</title><text x=1>Seats: 40</text><text x=2>in <tspan>summer</tspan></text></svg>"
    (tmp_path / "a.html").write_text(f"<p>{FERRY}</p><p>Figure {svg}</p>")
    assert "Figure Seats: 40; in summer" in read_file(tmp_path / "a.html").text


def test_a_layer_that_is_switched_off_is_left_out_and_told(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=write_pdf(tmp_path / "a.pdf", [FERRY]))
    page = writer.pages[0]
    named = ({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject(one)} for one in "ab")
    layers = [writer._add_object(DictionaryObject(one)) for one in named]
    shown = DictionaryObject({NameObject("/OFF"): ArrayObject(layers[1:])})
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject(layers), NameObject("/D"): shown}
    )
    resources = page["/Resources"]
    assert isinstance(resources, DictionaryObject)
    resources[NameObject("/Properties")] = DictionaryObject(
        {NameObject(f"/L{number}"): layer for number, layer in enumerate(layers)}
    )
    drawn = "/OC /L{} BDC BT /F1 12 Tf 50 {} Td ({}) Tj ET EMC\n"
    stream = StreamObject()
    stream.set_data((drawn.format(0, 300, DOGS) + drawn.format(1, 250, "Bring back the old fare.")).encode())
    page[NameObject("/Contents")] = ArrayObject([page.raw_get("/Contents"), writer._add_object(stream)])
    writer.write(tmp_path / "layers.pdf")
    document = read_file(tmp_path / "layers.pdf")
    assert FERRY in document.text
    assert DOGS in document.text
    assert "old fare" not in document.text
    assert any("in a layer that is switched off" in warning for warning in document.warnings)


# Mail


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("This mail is in HTML, which your program does not show.", FERRY),
        (f"{FERRY} {DOGS}", f"{FERRY} {DOGS}"),
    ],
)
def test_the_plain_text_of_a_mail_counts_where_it_says_what_the_other_does(
    tmp_path: Path, plain: str, shown: str
) -> None:
    text = mail(tmp_path, alternatives(("text/plain", plain), ("text/html", f"<p>{FERRY}</p><p>{DOGS}</p>"))).text
    assert shown in text
    assert text.count("ferry") == 1
    assert "your program" not in text


def test_lines_that_a_mail_program_broke_are_joined(tmp_path: Path) -> None:
    flowed = "The ferry to \nSkerry Point.\n\n> It costs \n> 38 euros.\n> In summer.\n-- \nKari\n"
    text = mail(tmp_path, f"Content-Type: text/plain; format=flowed\n\n{flowed}").text
    assert "The ferry to Skerry Point.\n\n> It costs 38 euros.\n> In summer.\n--\nKari" in text


def test_an_invitation_is_read_beside_its_mail(tmp_path: Path) -> None:
    event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Board meeting\nLOCATION:Room 4\nEND:VEVENT\nEND:VCALENDAR"
    text = mail(tmp_path, alternatives(("text/plain", DOGS), ("text/calendar; method=REQUEST", event))).text
    assert DOGS in text
    assert "Board meeting" in text
    assert "Room 4" in text


# Text


def test_colours_of_a_terminal_are_no_words(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("\x1b[1;31mERROR\x1b[0m disk \x1b]0;window\x07full\n")
    assert read_file(tmp_path / "a.log").text.strip() == "ERROR disk full"
