"""What a person sees on a page of a PDF is what is read: raised figures, forms, comments, sentences over its end."""

import io
from pathlib import Path

import pypdf
import pytest
from fpdf import FPDF
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from ingest.locate import locate
from ingest.read import read_file
from tests.ingest.files import write_pdf


def page() -> FPDF:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    return pdf


def saved(pdf: FPDF, path: Path) -> Path:
    path.write_bytes(bytes(pdf.output()))
    return path


def test_a_raised_figure_is_no_digit_of_the_one_before_it(tmp_path: Path) -> None:
    pdf = page()
    for text, shift in (("It held 3 x 10", ""), ("9", "SUP"), (" grains for 72", ""), ("4", "SUP"), (" crowns", "")):
        pdf.char_vpos = shift or "LINE"
        pdf.write(6, text)
    assert read_file(saved(pdf, tmp_path / "a.pdf")).text == "It held 3 x 10⁹ grains for 72⁴ crowns"


def test_comments_boxes_and_link_targets_stand_on_their_page(tmp_path: Path) -> None:
    pdf = page()
    pdf.write(6, "Use ")
    pdf.write(6, "this form", link="https://example.org/form")
    pdf.text_annotation(50, 50, "Ask Bo first.", title="A. Lind")
    pdf.free_text_annotation("Valid from May", x=20, y=100, w=60, h=10)
    text = read_file(saved(pdf, tmp_path / "a.pdf")).text
    assert "Use this form (https://example.org/form)" in text
    assert "Comment by A. Lind: Ask Bo first." in text
    assert "Valid from May" in text


def test_hidden_text_costs_a_page_neither_its_links_nor_its_raised_figures(tmp_path: Path) -> None:
    pdf = page()
    pdf.set_text_color(255, 255, 255)
    pdf.write(6, "Hidden words 5 stand here, and quite many of them. ")
    pdf.set_text_color(0, 0, 0)
    pdf.write(6, "It held 10")
    pdf.char_vpos = "SUP"
    pdf.write(6, "9")
    pdf.char_vpos = "LINE"
    pdf.write(6, " grains. Use ")
    pdf.write(6, "this form", link="https://example.org/form")
    document = read_file(saved(pdf, tmp_path / "a.pdf"))
    assert document.text == "It held 10⁹ grains. Use this form (https://example.org/form)"
    assert any("Hidden words" in warning for warning in document.warnings)


def with_fields(path: Path) -> Path:
    """A form: labels left of, right of and above their fields."""
    pdf = page()
    for x, y, label in ((20, 40, "Tenant:"), (30, 60, "Garage wanted"), (20, 80, "Remarks")):
        pdf.text(x, y, label)
    writer = pypdf.PdfWriter(io.BytesIO(bytes(pdf.output())))
    fields = ArrayObject()
    for name, kind, value, box in (
        ("tenant", "/Tx", "Kari Moe", (45, 36, 120, 42)),
        ("garage", "/Btn", "/Yes", (20, 56, 26, 62)),
        ("remarks", "/Tx", "Two cats", (20, 82, 120, 90)),
    ):
        points = [round(at * 72 / 25.4, 2) for at in box]
        widget = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject(kind),
                NameObject("/T"): TextStringObject(name),
                NameObject("/Rect"): ArrayObject(
                    map(pypdf.generic.FloatObject, (points[0], 841.89 - points[3], points[2], 841.89 - points[1]))
                ),
                NameObject("/F"): pypdf.generic.NumberObject(4),
            }
        )
        if kind == "/Btn":
            widget[NameObject("/V")] = widget[NameObject("/AS")] = NameObject(value)
            looks = DictionaryObject({NameObject(value): writer._add_object(StreamObject())})
            widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): looks})
        else:
            widget[NameObject("/V")] = TextStringObject(value)
        fields.append(writer._add_object(widget))
    writer.pages[0][NameObject("/Annots")] = fields
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    with path.open("wb") as file:
        writer.write(file)
    return path


def test_what_is_filled_in_stands_at_its_label(tmp_path: Path) -> None:
    lines = read_file(with_fields(tmp_path / "form.pdf")).text.split("\n")
    assert "Tenant: Kari Moe" in lines
    assert "☒ Garage wanted" in lines
    assert lines[lines.index("Remarks") + 1] == "Two cats"


def test_an_xfa_form_is_read_from_its_data_and_said_to_be_one(tmp_path: Path) -> None:
    pdf = page()
    pdf.write(6, "Please wait... If this message is not replaced, get another program.")
    writer = pypdf.PdfWriter(io.BytesIO(bytes(pdf.output())))
    data = (
        '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template xmlns="http://www.xfa.org/schema/xfa-template/3.0/">'
        '<field name="who"><caption><value><text>Applicant</text></value></caption></field></template><xfa:datasets '
        'xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form><who>Choir of Bo</who>'
        "<sumAsked>740</sumAsked></form></xfa:data></xfa:datasets></xdp:xdp>"
    )
    stream = StreamObject()
    stream.set_data(data.encode())
    form = DictionaryObject({NameObject("/XFA"): writer._add_object(stream), NameObject("/Fields"): ArrayObject()})
    writer._root_object[NameObject("/AcroForm")] = form
    writer._root_object[NameObject("/NeedsRendering")] = pypdf.generic.BooleanObject(True)
    with (tmp_path / "form.pdf").open("wb") as file:
        writer.write(file)
    document = read_file(tmp_path / "form.pdf")
    assert document.text == "Applicant: Choir of Bo\nSum asked: 740"
    assert "XFA" in document.warnings[0]


def test_a_sentence_goes_on_over_a_running_header(tmp_path: Path) -> None:
    first, second = "The warranty for the mill covers all but the", "stones, and it ends after nine years."
    bodies = [first, second, "Nothing else.", "The end."]
    document = read_file(write_pdf(tmp_path / "a.pdf", [f"Terms of 2026\n{text}" for text in bodies]))
    assert "all but the\n\nstones, and it ends after nine years." in document.text
    assert document.text.startswith("Terms of 2026")
    assert locate(document.pages, document.text, document.text.index("stones")).label == "p. 2"


@pytest.mark.parametrize(
    ("lines", "shown"), [("T\nhe bell rings", "The bell rings"), ("A\nman left. A man came", "A\nman left. A man came")]
)
def test_a_large_first_letter_belongs_to_its_word(tmp_path: Path, lines: str, shown: str) -> None:
    assert read_file(write_pdf(tmp_path / "a.pdf", [lines])).text == shown


def test_files_attached_to_a_pdf_are_read_with_a_place(tmp_path: Path) -> None:
    pdf = page()
    pdf.write(6, "See the files.")
    (tmp_path / "levels.txt").write_text("The sluice opens at 4.1 m.")
    pdf.embed_file(tmp_path / "levels.txt")
    document = read_file(saved(pdf, tmp_path / "a.pdf"))
    assert locate(document.pages, document.text, document.text.index("The sluice")).label == "levels.txt"


def test_a_page_whose_letters_have_no_codes_is_no_text(tmp_path: Path) -> None:
    from ingest.garbled import garbled_share
    from ingest.readers.pdf import GARBLED, GARBLED_SHARE

    assert garbled_share("\ue001\ue002\ufffd\x01 \ue003") > GARBLED_SHARE
    assert garbled_share("An ordinary page – with “signs” and 漢字.") <= GARBLED_SHARE
    assert "letters" in GARBLED
