"""What a person sees on a page of Word's is what is read: figures, equations, numbers, fields, margins."""

from pathlib import Path

import pytest

from core.types import Document
from ingest.read import read_file
from tests.ingest.office import paragraph, raised, run, write_word

MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sheet.docx"


def read(path: Path, *blocks: str) -> Document:
    return read_file(write_word(path, *blocks))


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        (("It held 3 × 10", raised("9"), " grains."), "It held 3 × 10⁹ grains."),
        (("A charge of 10", raised("−19"), " coulomb"), "10⁻¹⁹ coulomb"),
        (("Costs came to 72", raised("1, 4"), " million."), "72¹, ⁴ million."),
        (("Costs came to 72", raised("b"), " million."), "72ᵇ million."),
        (("It grows with x", raised("n+1"), "."), "xⁿ⁺¹."),
        (("Open from the 4", raised("th"), " of May"), "the 4th of May"),
        (("Le XX", raised("e"), " siècle"), "Le XXe siècle"),
        (("Binary 1010", run("2", '<w:vertAlign w:val="subscript"/>'), " is ten"), "1010₂ is ten"),
        (("The CO", run("2", '<w:vertAlign w:val="subscript"/>'), " rose"), "The CO2 rose"),
        (("Area 40 m", run("2", '<w:position w:val="8"/>'), " in all"), "40 m² in all"),
    ],
)
def test_a_raised_sign_is_no_digit_of_its_figure(path: Path, runs: tuple[str, ...], shown: str) -> None:
    assert shown in read(path, paragraph(*runs)).text


def test_a_note_is_told_from_the_figure_that_bears_its_mark(path: Path) -> None:
    write_word(
        path,
        paragraph("Sales were 18", '<w:r><w:footnoteReference w:id="5"/></w:r>', " million."),
        parts={
            "footnotes.xml": f'<w:footnotes><w:footnote w:id="5">{paragraph("Unaudited.")}</w:footnote></w:footnotes>'
        },
        relations={"n": ("footnotes", "footnotes.xml")},
    )
    text = read_file(path).text
    assert "Sales were 18¹ million." in text
    assert "¹ Unaudited." in text


@pytest.mark.parametrize("how", ["<w:strike/>", "<w:dstrike/>"])
def test_struck_out_text_holds_no_more_and_is_told(path: Path, how: str) -> None:
    document = read(
        path, paragraph("The deposit is ", run("900", how), " 1,100 euros."), paragraph(run("No dogs.", how))
    )
    assert "The deposit is 1,100 euros." in " ".join(document.text.split())
    assert "900" not in document.text
    assert "dogs" not in document.text
    assert [one for one in document.warnings if "Struck-out text" in one and "900" in one and "No dogs." in one]


def test_text_whose_line_was_taken_away_again_stays(path: Path) -> None:
    assert "Cats may stay." in read(path, paragraph(run("Cats may stay.", '<w:strike w:val="0"/>'))).text


FRACTION = "<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>12</m:t></m:r></m:den></m:f>"
ROOT = "<m:rad><m:deg/><m:e><m:r><m:t>d</m:t></m:r></m:e></m:rad>"
SQUARE = "<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
POWER = "<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>t/2</m:t></m:r></m:sup></m:sSup>"
SUM = (
    '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub>'
    "<m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:r><m:t>p</m:t></m:r></m:e></m:nary>"
)
BRACKETS = "<m:d><m:e><m:r><m:t>x−1</m:t></m:r></m:e></m:d>"
MATRIX = "<m:m><m:mr><m:e><m:r><m:t>1</m:t></m:r></m:e><m:e><m:r><m:t>2</m:t></m:r></m:e></m:mr></m:m>"


@pytest.mark.parametrize(
    ("equation", "shown"),
    [
        (FRACTION, "(a+b)/12"),
        (ROOT, "√d"),
        (SQUARE, "c²"),
        (POWER, "c^(t/2)"),
        (SUM, "∑_(i=1)ⁿ p"),
        (BRACKETS, "(x−1)"),
        (MATRIX, "[1, 2]"),
    ],
)
def test_an_equation_stands_in_its_sentence(path: Path, equation: str, shown: str) -> None:
    text = read(path, paragraph("The toll is ", f"<m:oMath>{equation}</m:oMath>", " in crowns.")).text
    assert f"The toll is {shown} in crowns." in text


def test_a_reading_stands_behind_its_characters(path: Path) -> None:
    ruby = f"<w:r><w:ruby><w:rt>{run('おおさか')}</w:rt><w:rubyBase>{run('大阪')}</w:rubyBase></w:ruby></w:r>"
    assert "大阪（おおさか）の駅" in read(path, paragraph(ruby, "の駅")).text


@pytest.mark.parametrize("kind", [MACROS, TEMPLATE, "application/vnd.ms-word.template.macroEnabledTemplate.main+xml"])
def test_files_with_macros_and_templates_are_read(path: Path, kind: str) -> None:
    write_word(path, paragraph("Badges are at gate 4."), main_type=kind)
    assert read_file(path).text == "Badges are at gate 4."


def test_a_picture_that_is_missing_costs_itself_alone(path: Path) -> None:
    write_word(path, paragraph("The pump was replaced."), relations={"p": ("image", "media/lost.png")})
    document = read_file(path)
    assert document.text == "The pump was replaced."
    assert document.warnings == ("A picture that the file names is missing in it.",)


def test_the_strict_variant_of_the_standard_is_read(path: Path) -> None:
    import zipfile

    plain = write_word(path.with_name("plain.docx"), paragraph("Strictly speaking, it is 12 metres."))
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name).replace(
                b"schemas.openxmlformats.org/officeDocument/2006", b"purl.oclc.org/ooxml/officeDocument"
            )
            new.writestr(
                name,
                data.replace(
                    b"schemas.openxmlformats.org/wordprocessingml/2006", b"purl.oclc.org/ooxml/wordprocessingml"
                ),
            )
    assert read_file(path).text == "Strictly speaking, it is 12 metres."


def test_comments_are_read_as_notes_beside_their_words(path: Path) -> None:
    said = paragraph("They said 9 August.")
    comment = f'<w:comments><w:comment w:id="3" w:author="R. Lund">{said}</w:comment></w:comments>'
    write_word(
        path,
        paragraph(
            '<w:commentRangeStart w:id="3"/>', "Due on 2 May.", '<w:commentRangeEnd w:id="3"/>', " Signed twice."
        ),
        parts={"comments.xml": comment},
        relations={"c": ("comments", "comments.xml")},
    )
    document = read_file(path)
    assert "Comment by R. Lund on “Due on 2 May.”: They said 9 August." in document.text
    assert document.pages[-1].label == "comments"


LEVELS = (
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1%2)"/></w:lvl>'
)
NUMBERING = (
    f'<w:numbering><w:abstractNum w:abstractNumId="7">{LEVELS}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
    "</w:lvlOverride></w:num></w:numbering>"
)


def test_automatic_numbers_are_written_as_word_shows_them(path: Path) -> None:
    def item(text: str, number: int, level: int) -> str:
        listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        return paragraph(text, properties=listed)

    blocks = [("Rent", 1, 0), ("Heating", 1, 1), ("Water", 1, 1), ("Keys", 1, 0), ("Cellar", 1, 1), ("Late fees", 2, 0)]
    write_word(
        path,
        *(item(*block) for block in blocks),
        parts={"numbering.xml": NUMBERING},
        relations={"n": ("numbering", "numbering.xml")},
    )
    assert read_file(path).text == "1. Rent\n1a) Heating\n1b) Water\n2. Keys\n2a) Cellar\n5. Late fees"


def test_headings_keep_the_numbers_of_their_style(path: Path) -> None:
    styles = (
        '<w:styles><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="H2"><w:name '
        'w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        "</w:styles>"
    )
    decimal = LEVELS.replace("lowerLetter", "decimal").replace("%1%2)", "%1.%2")
    write_word(
        path,
        *(
            paragraph(text, properties=f'<w:pStyle w:val="{style}"/>')
            for text, style in (("Scope", "H1"), ("Duties", "H1"), ("Of the tenant", "H2"))
        ),
        paragraph("He sweeps the stairs."),
        parts={"styles.xml": styles, "numbering.xml": NUMBERING.replace(LEVELS, decimal)},
        relations={"n": ("numbering", "numbering.xml"), "s": ("styles", "styles.xml")},
    )
    document = read_file(path)
    assert document.pages[-1].label == "2. Duties › 2.1 Of the tenant"


def test_a_link_says_where_it_leads(path: Path) -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://example.org/plan" '
        '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>plan</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    write_word(
        path,
        paragraph("Fill in ", f'<w:hyperlink r:id="h">{run("this form")}</w:hyperlink>', " and see the ", field, "."),
        paragraph(f'<w:hyperlink r:id="s">{run("www.example.org")}</w:hyperlink>'),
        relations={
            "h": ("hyperlink", "https://example.org/form.pdf"),
            "s": ("hyperlink", "https://www.example.org/"),
        },
    )
    text = read_file(path).text
    assert "Fill in this form (https://example.org/form.pdf) and see the plan (https://example.org/plan)." in text
    assert text.endswith("www.example.org")


def test_boxes_that_are_ticked_and_chosen_entries_are_shown(path: Path) -> None:
    def box(inner: str) -> str:
        begin = f'<w:fldChar w:fldCharType="begin"><w:ffData>{inner}</w:ffData></w:fldChar>'
        return (
            f'<w:r>{begin}</w:r><w:r><w:instrText>FORM</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    entries = "".join(f'<w:listEntry w:val="{entry}"/>' for entry in ("oil", "gas", "wood"))
    text = read(
        path,
        paragraph(box("<w:checkBox><w:checked/></w:checkBox>"), " Garage wanted"),
        paragraph(box('<w:checkBox><w:default w:val="0"/></w:checkBox>'), " Cellar wanted"),
        paragraph('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', " Garden wanted"),
        paragraph("Heating: ", box(f'<w:ddList><w:result w:val="2"/>{entries}</w:ddList>')),
    ).text
    assert text.split("\n\n") == ["☒ Garage wanted", "☐ Cellar wanted", "☑ Garden wanted", "Heating: wood"]


def test_letters_of_symbol_fonts_are_the_signs_that_they_show(path: Path) -> None:
    greek = run("m", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>')
    sign = '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
    assert "A film of 5 μm ≥ 3." in read(path, paragraph("A film of 5 ", greek, "m ", sign, " 3.")).text


def test_charts_diagrams_and_word_art_are_read(path: Path) -> None:
    points = "".join(f'<c:pt idx="{at}"><c:v>{{}}</c:v></c:pt>' for at in range(2))
    chart = (
        "<c:chartSpace><c:chart><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'>"
        "<c:v>Guests</c:v></c:pt>"
        f"</c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache>{points.format('May', 'June')}</c:strCache>"
        f"</c:strRef></c:cat><c:val><c:numRef><c:numCache>{points.format('120', '95')}</c:numCache></c:numRef></c:val>"
        "</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    box = "<dgm:pt modelId='{}'><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    boxes = "".join(box.format(*one) for one in (("2", "Then the council decides"), ("1", "First the clerk signs")))
    diagram = (
        f"<dgm:dataModel><dgm:ptLst><dgm:pt modelId='0' type='doc'/>{boxes}</dgm:ptLst><dgm:cxnLst>"
        "<dgm:cxn srcId='0' destId='2' srcOrd='1'/><dgm:cxn srcId='0' destId='1' srcOrd='0'/></dgm:cxnLst>"
        "</dgm:dataModel>"
    )
    write_word(
        path,
        paragraph('<w:r><w:drawing><c:chart r:id="c"/></w:drawing></w:r>'),
        paragraph('<w:r><w:drawing><dgm:relIds r:dm="d"/></w:drawing></w:r>'),
        paragraph('<w:r><w:pict><v:shape><v:textpath string="SPECIMEN"/></v:shape></w:pict></w:r>'),
        parts={"chart.xml": chart, "data.xml": diagram},
        relations={"c": ("chart", "chart.xml"), "d": ("diagramData", "data.xml")},
    )
    text = read_file(path).text
    assert "| Guests\nMay | 120\nJune | 95" in text
    assert "- First the clerk signs\n- Then the council decides" in text
    assert "SPECIMEN" in text


def test_deleted_text_and_deleted_rows_are_left_out_and_told(path: Path) -> None:
    deleted = '<w:del w:id="1"><w:r><w:delText>Smoking is allowed.</w:delText></w:r></w:del>'
    row = "<w:tr>{}<w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr>"
    gone = row.format("<w:trPr><w:del w:id='2'/></w:trPr>", run("Sauna"), run("12"))
    kept = row.format("", run("Garage"), run("40"))
    document = read(path, paragraph(deleted, "Smoking is forbidden."), f"<w:tbl>{gone}{kept}</w:tbl>")
    assert "allowed" not in document.text
    assert "Sauna" not in document.text
    assert "Garage | 40" in document.text
    assert document.warnings == ("Text deleted with changes tracked was left out: “Smoking is allowed.”.",)
