"""What a person sees on a slide is what is read: formulas, diagrams, numbers, comments, text of the layout."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pptx
import pytest
from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from core.types import Document
from ingest.read import read_file
from tests.ingest.office import SPACES


def deck(path: Path, *shapes: str, parts: Mapping[str, tuple[str, str]] | None = None) -> Document:
    """A presentation of one slide with ``shapes``; ``parts`` are (relation's kind, content) by file, their ids r1..."""
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Plan"
    keys = []
    for name, (kind, content) in (parts or {}).items():
        part = Part(PackURI(f"/ppt/{name}"), "application/xml", slide.part.package, _spaced(content))
        keys.append(slide.part.relate_to(part, RELATIONSHIP_TYPE.SLIDE.rpartition("/")[0] + f"/{kind}"))
    for shape in shapes:
        for number, key in enumerate(keys, 1):
            shape = shape.replace(f"r{number}r", key)
        slide.shapes._spTree.append(etree.fromstring(_spaced(shape)))
    presentation.save(str(path))
    return read_file(path)


def _spaced(xml: str) -> bytes:
    tag, sign, rest = xml.partition(">")
    tag, closed = (tag[:-1], "/") if tag.endswith("/") else (tag, "")
    return f"{tag} {SPACES}{closed}{sign}{rest}".encode()


def box(*paragraphs: str, number: int = 90) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Box"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/>{''.join(f'<a:p>{one}</a:p>' for one in paragraphs)}</p:txBody></p:sp>"
    )


def run(text: str, attributes: str = "", inner: str = "") -> str:
    return f"<a:r><a:rPr {attributes}>{inner}</a:rPr><a:t>{text}</a:t></a:r>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.pptx"


def test_a_box_with_a_formula_is_read_with_it(path: Path) -> None:
    square = "<m:sSup><m:e><m:r><m:t>s</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    formula = box(run("It brakes within 40 m/"), f"<a14:m><m:oMath>{square}</m:oMath></a14:m>{run(' at most')}")
    older = f"<mc:Fallback>{box(run(' '))}</mc:Fallback>"
    chosen = f"<mc:AlternateContent><mc:Choice>{formula}</mc:Choice>{older}</mc:AlternateContent>"
    assert "It brakes within 40 m/\ns² at most" in deck(path, chosen).text


def test_raised_figures_struck_words_and_link_targets(path: Path) -> None:
    shape = box(
        run("A dose of 5 × 10") + run("8", 'baseline="30000"') + run(" cells"),
        run("Fee: ") + run("300", 'strike="sngStrike"') + run(" 350 crowns"),
    )
    document = deck(path, shape)
    assert "5 × 10⁸ cells" in document.text
    assert "300" not in document.text
    assert "Fee: 350 crowns" in document.text
    assert "Struck-out text on slide 1 was left out: “300”." in document.warnings


def test_paragraphs_that_count_by_themselves(path: Path) -> None:
    counted = '<a:pPr><a:buAutoNum type="{}" startAt="{}"/></a:pPr>'
    first = counted.format("arabicPeriod", 3)
    inner = '<a:pPr lvl="1"><a:buAutoNum type="alphaLcParenR"/></a:pPr>'
    shape = box(first + run("Call"), inner + run("by phone"), inner + run("by radio"), first + run("Leave"))
    assert "3. Call\na) by phone\nb) by radio\n4. Leave" in deck(path, shape).text


def test_the_boxes_of_a_diagram_are_read_in_their_order(path: Path) -> None:
    point = "<dgm:pt modelId='{}'><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    points = "".join(point.format(*one) for one in (("b", "Bake for 40 minutes"), ("a", "Knead"), ("c", "by hand")))
    links = (("0", "b", 1), ("0", "a", 0), ("a", "c", 0))
    model = (
        f"<dgm:dataModel><dgm:ptLst><dgm:pt modelId='0' type='doc'/>{points}</dgm:ptLst><dgm:cxnLst>"
        + "".join(f"<dgm:cxn srcId='{one}' destId='{two}' srcOrd='{at}'/>" for one, two, at in links)
        + "</dgm:cxnLst></dgm:dataModel>"
    )
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="D"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="1" y="1"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/diagram"><dgm:relIds r:dm="r1r"/></a:graphicData>'
        "</a:graphic></p:graphicFrame>"
    )
    document = deck(path, frame, parts={"diagrams/data1.xml": ("diagramData", model)})
    assert "- Knead\n  - by hand\n- Bake for 40 minutes" in document.text


def test_comments_stand_with_their_slide(path: Path) -> None:
    comment = '<p:cmLst><p:cm authorId="0"><p:text>The board wants 12 seats.</p:text></p:cm></p:cmLst>'
    document = deck(path, parts={"comments/comment1.xml": ("comments", comment)})
    assert "Comment: The board wants 12 seats." in document.text[: document.pages[0].end]


def test_what_a_layout_writes_on_every_slide_is_read_once(path: Path) -> None:
    presentation = pptx.Presentation()
    layout = presentation.slide_layouts[5]
    layout.shapes._spTree.append(etree.fromstring(_spaced(box(run("Internal until 3 May")))))
    for _ in range(3):
        presentation.slides.add_slide(layout).shapes.title.text = "Plan"
    presentation.save(str(path))
    document = read_file(path)
    assert document.text.count("Internal until 3 May") == 1
    assert document.pages[-1].label == "slide master"


@pytest.mark.parametrize(
    "kind",
    [
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
        "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
        "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    ],
)
def test_shows_and_templates_are_read(path: Path, kind: str) -> None:
    plain = path.with_name("plain.pptx")
    deck(plain, box(run("Meet behind hall C.")))
    ordinary = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(ordinary.encode(), kind.encode()))
    assert "Meet behind hall C." in read_file(path).text


def test_a_link_of_a_slide_says_where_it_leads(path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    frame: Any = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(4), Inches(1)).text_frame
    added = frame.paragraphs[0].add_run()
    added.text, added.hyperlink.address = "Register here", "https://example.org/register"
    presentation.save(str(path))
    assert "Register here (https://example.org/register)" in read_file(path).text
