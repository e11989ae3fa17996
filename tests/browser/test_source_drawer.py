"""What a person does with an answer: open its source, take it away, judge it, ask again; by mouse and by keyboard."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from index.store import feedback
from index.store.library import FILE
from tests.browser.conftest import Server, serving
from tests.browser.test_page_in_chromium import QUESTION, ask, second_tab, upload, with_handbook

expect.set_options(timeout=60_000)

DRAWER_S = 0.3
"""Most seconds from the click on a chip to the boxed page, at the median, on a machine that does nothing else."""

BUSY = 4
"""Times as long, where the tests share the machine."""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Answers are the documents' own words, which is quick."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, home / "calls.txt", LECTERN_ANSWER="words") as started:
        yield started


@pytest.fixture
def answered(page: Page, handbook: Path) -> Page:
    with_handbook(page, handbook)
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    return page


def test_a_chip_opens_the_page_with_the_quote_boxed_and_escape_goes_back_to_it(answered: Page):
    chip = answered.locator(".lc-answer .lc-chip").first
    expect(chip).to_have_text("[1 marigold handbook p. 2]")
    chip.focus()
    answered.keyboard.press("Enter")
    drawer = answered.get_by_role("dialog")
    expect(drawer.get_by_role("img", name="page 2 of 2")).to_be_visible()
    expect(drawer.locator(".lc-box")).to_have_count(1)
    picture, box = drawer.locator(".lc-picture").bounding_box(), drawer.locator(".lc-box").bounding_box()
    assert picture
    assert box
    assert box["width"] < 0.8 * picture["width"]
    assert 0 < (box["y"] - picture["y"]) / picture["height"] < 0.12
    answered.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(chip).to_be_focused()


def test_the_drawer_turns_pages_zooms_and_gives_the_file(answered: Page, handbook: Path):
    answered.locator(".lc-answer .lc-chip").first.click()
    drawer = answered.get_by_role("dialog")
    expect(drawer.get_by_role("button", name="Next page")).to_be_disabled()
    drawer.get_by_role("button", name="Previous page").click()
    expect(drawer.get_by_role("img", name="page 1 of 2")).to_be_visible()
    expect(drawer.locator(".lc-box")).to_have_count(0)
    drawer.get_by_text("What was read here").click()
    expect(drawer.locator(".lc-passage")).to_contain_text("built in 1974 by the Tanner yard")
    before = drawer.locator(".lc-picture").bounding_box()
    drawer.get_by_test_id("stSelectbox").locator("input").click()
    answered.get_by_role("option", name="200 %").click()
    expect(drawer.locator(".lc-picture")).to_have_attribute("style", "width:200%;aspect-ratio:595 / 842")
    after = drawer.locator(".lc-picture").bounding_box()
    assert before
    assert after
    assert after["width"] > 1.9 * before["width"]
    with answered.expect_download() as download:
        drawer.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == handbook.name
    assert Path(download.value.path()).read_bytes() == handbook.read_bytes()


def test_the_drawer_is_there_at_once(answered: Page):
    taken = []
    for _ in range(9):
        start = time.monotonic()
        answered.locator(".lc-answer .lc-chip").first.click()
        answered.locator(".lc-box").wait_for()
        taken.append(time.monotonic() - start)
        answered.keyboard.press("Escape")
        expect(answered.get_by_role("dialog")).to_have_count(0)
    assert statistics.median(taken) < BUSY * DRAWER_S, taken


def test_a_row_of_a_sheet_is_shown_in_its_table(page: Page, tmp_path: Path):
    stock = tmp_path / "stock of the shed.csv"
    stock.write_text("Item,Count,Shelf\nHawsers,12,upper left\nFenders,31,lower right\nBuoys,7,lower left\n")
    upload(page, stock)
    ask(page, "How many fenders are in the shed?")
    page.locator(".lc-row").wait_for()
    page.locator(".lc-place", has_text=stock.name).first.click()
    marked = page.get_by_role("dialog").locator("tr.lc-quoted")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("Fenders")
    expect(page.get_by_role("dialog").locator("thead")).to_contain_text("Shelf")


def test_what_a_document_says_stays_text_in_the_drawer(page: Page, server: Server, tmp_path: Path):
    remote = "203.0.113.9"  # kept for documentation (RFC 5737): nobody answers there
    notice = tmp_path / "berth notice.md"
    notice.write_text(
        f"# Berths\n\nThe berth of the Marigold costs 95 euros ![a](http://{remote}/a.png) "
        f"<img src=http://{remote}/b.png onerror=fetch('http://{remote}/c')> <b>now</b>.\n"
    )
    upload(page, notice)
    ask(page, "What does the berth of the Marigold cost?")
    page.locator(".lc-row").wait_for()
    page.locator(".lc-place", has_text=notice.name).first.click()
    expect(page.get_by_role("dialog").locator(".lc-whole")).to_contain_text(f"<img src=http://{remote}/b.png")
    page.wait_for_timeout(300)
    assert [url for url in server.requests if remote in url] == []


def test_an_answer_is_copied_with_its_sources(answered: Page):
    answered.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered.get_by_role("button", name="Copy", exact=True).click()
    expect(answered.get_by_role("button", name="Copied")).to_be_visible()
    copied = answered.evaluate("navigator.clipboard.readText()")
    assert "180 litres" in copied
    assert "[1] marigold handbook.pdf, p. 2: “The fuel tank of the Marigold holds 180 litres.”" in copied
    answered.get_by_text("More", exact=True).click()
    answered.get_by_role("button", name="Copy as Markdown").click()
    answered.wait_for_timeout(200)
    assert "[^1]: marigold handbook.pdf, p. 2" in answered.evaluate("navigator.clipboard.readText()")


def test_a_verdict_is_kept_with_its_reason_and_can_be_taken_back(answered: Page, server: Server):
    useful = answered.get_by_role("button", name="Useful", exact=True)
    useful.click()
    expect(useful).to_have_attribute("aria-pressed", "true")
    answered.get_by_role("button", name="Not useful").click()
    answered.get_by_text("It does not answer").click()
    words = answered.get_by_role("textbox", name="In your words")
    words.press_sequentially("I meant the water")
    ask(second_tab(answered), "Who built the Marigold?")  # what goes on meanwhile takes nothing of it away
    expect(answered.locator(".lc-row")).to_have_count(2)
    answered.keyboard.type(" tank")
    expect(words).to_have_value("I meant the water tank")
    answered.get_by_role("button", name="Save").click()
    useless = answered.get_by_role("button", name="Not useful").first
    expect(useless).to_have_attribute("aria-pressed", "true")
    expect(useful.first).to_have_attribute("aria-pressed", "false")
    answered.reload()
    expect(useless).to_have_attribute("aria-pressed", "true")
    (given,) = verdicts(server, answered)
    assert (given.verdict, given.reason) == ("useless", "It does not answer – I meant the water tank")
    assert given.settings["answer"] == "words"


def verdicts(server: Server, page: Page) -> list[feedback.Feedback]:
    from core.settings import Settings
    from index.store.library import Library

    chat_id = page.url.partition("chat=")[2].partition("&")[0]
    assert (server.home / "libraries" / "default" / FILE).exists()
    with Library.open(Settings(home=server.home)) as library:
        return list(feedback.of_chat(library, chat_id).values())


def test_a_question_is_asked_again_in_another_way(answered: Page):
    answered.get_by_role("button", name="Try again").click()
    answered.get_by_role("dialog").get_by_text("Only the sentence").click()
    answered.get_by_role("dialog").get_by_role("button", name="Ask again").click()
    expect(answered.locator(".lc-row")).to_have_count(2)
    expect(answered.locator(".lc-question")).to_have_text([QUESTION, QUESTION])


def test_the_keys_reach_the_line_and_the_chips(answered: Page):
    answered.locator(".lc-place").first.focus()
    answered.keyboard.press("ArrowRight")
    expect(answered.locator(".lc-chip").nth(1)).to_be_focused()
    answered.keyboard.press("/")
    expect(answered.get_by_test_id("stChatInput").locator("textarea")).to_be_focused()


def test_what_happens_is_read_aloud_and_the_focus_stays(page: Page, handbook: Path):
    with_handbook(page, handbook)
    page.reload()
    expect(page.get_by_test_id("stChatInput").locator("textarea")).to_be_focused()
    ask(page, QUESTION)
    expect(page.locator(".lc-live")).to_contain_text("The answer: 180")
    expect(page.get_by_test_id("stChatInput").locator("textarea")).to_be_focused()
