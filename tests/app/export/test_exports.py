"""A chat as a file: what a person opens holds the answers, the footnotes in order, and the words that are cited."""

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pypdf
import pytest
from lxml import etree, html

from app.export.as_docx import W
from app.export.content import export_of
from app.export.formats import as_bytes, file_name, format_of
from core.errors import UsageError
from core.types import Answer, AnswerSentence, Citation, Locator, Timings, Usage

RENT = Citation("d1", "lease <new>.pdf", Locator(4, "p. 4"), "The rent is 640 euros.", 10, 32, 0.9)
TERM = Citation("d1", "lease <new>.pdf", Locator(2, "p. 2"), "It begins on 1 April.", 40, 61, 0.9)


def answer(*sentences: AnswerSentence, **how: object) -> Answer:
    text = " ".join(one.text for one in sentences)
    whole = Answer("", text, True, sentences, (), (), (), Timings(), Usage(), "", "direct")
    return replace(whole, **how)


@pytest.fixture
def export():
    first = answer(AnswerSentence("It is *640* euros.", (RENT,)), AnswerSentence("It is cheap.", ()))
    second = answer(AnswerSentence("On 1 April.", (TERM, RENT)))
    return export_of("The Müller lease", [("How high is the rent?", first), ("And when?", second)])


def test_a_source_keeps_its_number_through_the_whole_chat(export):
    assert [(one.number, one.place) for one in export.sources] == [
        (1, "lease <new>.pdf, p. 4"),
        (2, "lease <new>.pdf, p. 2"),
    ]
    assert export.turns[1].lines[0].sentences[0].sources == (2, 1)


def test_markdown_has_footnotes_and_shows_signs_as_they_are(export):
    text = as_bytes(export, "md").decode()
    assert "It is \\*640\\* euros.[^1] It is cheap. *(not in your documents)*" in text
    assert "[^1]: lease \\<new\\>.pdf, p. 4: “The rent is 640 euros.”" in text


def test_html_leads_to_the_footnote_and_back_and_loads_nothing(export):
    page = html.fromstring(as_bytes(export, "html"))
    for link in page.xpath("//a/@href"):
        assert page.xpath(f"//*[@id='{link.removeprefix('#')}']"), link
    assert page.xpath("//li[@id='source-2']/q/text()") == ["It begins on 1 April."]
    assert not page.xpath("//@src | //link | //script")
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_word_has_its_own_footnotes_in_the_order_of_their_numbers(export):
    content = as_bytes(export, "docx")
    assert "It is *640* euros." in "\n".join(one.text for one in docx.Document(BytesIO(content)).paragraphs)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        notes = etree.fromstring(archive.read("word/footnotes.xml"))
        body = etree.fromstring(archive.read("word/document.xml"))
    referred = body.xpath("//w:footnoteReference/@w:id", namespaces={"w": W})
    texts = {one.get(f"{{{W}}}id"): "".join(one.itertext()) for one in notes}
    assert [re.search("“(.*)”", texts[number]).group(1) for number in referred] == [RENT.quote, TERM.quote]


def test_pdf_holds_the_answers_and_links_to_the_sources(export):
    pages = pypdf.PdfReader(BytesIO(as_bytes(export, "pdf"))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "The Müller lease" in text
    assert "It is *640* euros. [1] It is cheap. (not in your documents)" in text
    assert "“It begins on 1 April.”" in text
    assert len(pages[0]["/Annots"]) == 3


def test_a_pdf_whose_signs_no_font_has_says_what_to_take_instead():
    written = export_of("", [("住所はどこですか", answer(AnswerSentence("東京。", (RENT,))))])
    with pytest.raises(UsageError, match="Take Word or HTML"):
        as_bytes(written, "pdf")
    assert "東京" in as_bytes(written, "html").decode()


def test_what_was_not_found_is_taken_away_as_that():
    written = export_of("", [("Who?", answer(text="Not in your documents.", found=False, evidence=(RENT,)))])
    assert [line.kind for line in written.turns[0].lines] == ["text", "quote"]
    assert written.sources[0].excerpt == RENT.quote


def test_names_of_files_are_names_on_every_system():
    assert file_name("How: a/b? *" + "x" * 80, "pdf") == ("How a b " + "x" * 80)[:60] + ".pdf"
    assert file_name("???", "md") == "Lectern.md"
    with pytest.raises(UsageError, match="End the file's name"):
        format_of(Path("lease.xls"))
