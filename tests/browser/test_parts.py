"""Documents, Settings and the list of chats in a real browser; axe-core over all parts; and a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fpdf import FPDF
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, serving
from tests.browser.test_page_in_chromium import QUESTION, ask, choose, upload, with_handbook

expect.set_options(timeout=60_000)

STREAMLITS = (
    "[data-testid='stChatInput'], [data-testid='stDataFrame'], [data-testid='stFileUploader'], "
    "[data-testid='stSelectbox'], [data-testid='stMultiSelect'], [data-testid='stHeader'], [data-testid='stSlider'], "
    "[data-testid='stSidebarHeader'], [data-testid='stTooltipHoverTarget'], [data-testid='stButtonGroup']"
)
"""What Streamlit draws by itself: its markup is judged by its own makers."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Answers are the documents' own words, which is quick."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, home / "calls.txt", LECTERN_ANSWER="words") as started:
        yield started


@pytest.fixture(scope="session")
def scan(tmp_path_factory) -> Path:
    """A PDF of one page of words and one picture of words, which nobody reads."""
    folder = tmp_path_factory.mktemp("scan")
    picture = Image.new("L", (600, 800), 255)
    ImageDraw.Draw(picture).ellipse((60, 60, 300, 300), outline=0, width=6)  # nothing that could be recognized
    picture.save(folder / "page.png")
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 8, "The mooring of the Marigold is paid in May.")
    pdf.add_page()
    pdf.image(str(folder / "page.png"), x=0, y=0, w=210)
    pdf.output(str(folder / "mooring scan.pdf"))
    return folder / "mooring scan.pdf"


def go_to(page: Page, part: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=part).click()
    expect(page.get_by_role("heading", name=part, level=1)).to_be_visible()


def choose_row(page: Page, number: int) -> None:
    """Tick row ``number``, from 1, of the table of documents, which is drawn on a canvas."""
    table = page.get_by_test_id("stDataFrame")
    table.locator("canvas").first.wait_for()
    page.wait_for_timeout(500)
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 16, box["y"] + 35 * number + 17)


def cells(page: Page) -> Locator:
    """The table's text, as a screen reader finds it."""
    return page.get_by_test_id("stDataFrame").locator("table").first


def test_the_documents_are_a_table_in_which_a_page_that_was_not_read_stays_named(page: Page, handbook, scan):
    with_handbook(page, handbook)
    upload(page, scan)
    page.locator(".st-key-uploads").get_by_role("button", name="OK").click()
    go_to(page, "Documents")
    expect(page.get_by_text("2 documents")).to_be_visible()
    page.reload()
    expect(page.get_by_text("2 documents")).to_be_visible()
    expect(cells(page)).to_contain_text("1 page not read")
    page.get_by_placeholder("Filter by name").fill("not read")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 2 documents")).to_be_visible()
    choose_row(page, 1)
    page.locator(".st-key-open-document button").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="Next page").click()
    expect(drawer).to_contain_text("This page was not read: no text was recognized")
    expect(drawer.get_by_role("img", name="page 2 of 2")).to_be_visible()


def test_a_removed_document_comes_back(page: Page, handbook):
    with_handbook(page, handbook)
    go_to(page, "Documents")
    choose_row(page, 1)
    page.locator(".st-key-remove button").click()
    expect(page.get_by_text("Removed: ")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Removed: ")).to_have_count(0)
    expect(cells(page)).to_contain_text(handbook.name)


def test_only_the_chosen_document_is_asked_and_a_reload_keeps_that(page: Page, handbook):
    with_handbook(page, handbook)
    go_to(page, "Documents")
    choose_row(page, 1)
    page.locator(".st-key-ask-only button").click()
    expect(page.get_by_text("In 1 document")).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    choose(page, "Think first")
    page.wait_for_url("**mode=*")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.reload()
    expect(page.locator(".st-key-options")).to_contain_text("Think first · In 1 document")


def test_chats_are_found_renamed_pinned_and_brought_back(page: Page, handbook):
    with_handbook(page, handbook)
    for question in (QUESTION, "Who built the Marigold?", "How many people does the boat carry?", QUESTION):
        page.get_by_role("button", name="New chat").click()
        expect(page.locator(".lc-question")).to_have_count(0)
        ask(page, question)
        page.locator(".lc-row").wait_for()
    page.get_by_placeholder("Search chats").fill("Tanner yard")
    page.keyboard.press("Enter")
    rows = page.locator("[class*='st-key-chat-row-']")
    expect(rows).to_have_count(1)
    menu = rows.locator("[data-testid='stMenuButtonButton']")
    menu.click()
    page.get_by_role("menuitem", name="Rename").or_(page.get_by_text("Rename", exact=True)).first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill("The builders")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(rows).to_contain_text("The builders")
    menu.click()
    page.get_by_text("Delete", exact=True).click()
    expect(page.get_by_text("“The builders” is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".lc-question")).to_have_text("Who built the Marigold?")


def violations(page: Page) -> list[str]:
    """What axe-core finds outside of what Streamlit draws by itself."""
    found = Axe().run(page, context={"exclude": [[part] for part in STREAMLITS.split(", ")]}, options=RULES)
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nobody_is_shut_out(page: Page, handbook, colours):
    page.emulate_media(color_scheme=colours)
    with_handbook(page, handbook)
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    page.locator(".lc-sources > summary").click()
    page.get_by_text("Details", exact=True).click()
    page.wait_for_timeout(1000)
    assert violations(page) == []
    page.locator(".lc-answer .lc-chip").first.click()
    page.locator(".lc-box").wait_for()
    page.wait_for_timeout(500)
    assert violations(page) == []
    page.keyboard.press("Escape")
    for part in ("Documents", "Settings"):
        go_to(page, part)
        page.wait_for_timeout(1000)
        assert violations(page) == [], part


def test_a_phone_needs_no_scrolling_to_the_side(page: Page, handbook):
    with_handbook(page, handbook)
    page.set_viewport_size({"width": 360, "height": 740})
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    assert widest(page) <= 360
    page.locator(".lc-answer .lc-chip").first.click()
    page.locator(".lc-box").wait_for()
    assert widest(page) <= 360
    page.keyboard.press("Escape")
    for part in ("documents", "settings"):
        page.goto(
            page.url.partition("?")[0].rstrip("/") + f"/{part}"
            if part == "documents"
            else page.url.replace("documents", part)
        )
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(1500)
        assert widest(page) <= 360, part


def widest(page: Page) -> int:
    return page.evaluate(
        "Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll("
        "'[data-testid=stMain]')].map(part => part.scrollWidth))"
    )
