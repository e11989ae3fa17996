"""A question is edited, an answer and a chat are saved as files, figures as a table, a chat leaves nothing."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
import python_calamine
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, serving
from tests.browser.test_page_in_chromium import QUESTION, ask, choose

expect.set_options(timeout=60_000)
pytestmark = pytest.mark.timeout(600)

FARES = "Boat,Fare in 2023 (euros),Fare in 2025 (euros)\nFerry to Aldern,7,11\nNight ferry,31,35\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory, handbook) -> Iterator[Server]:
    """Over a handbook and a table of fares; answers are the documents' own words, which is quick."""
    home = tmp_path_factory.mktemp("home")
    fares = tmp_path_factory.mktemp("fares") / "ferry fares.csv"
    fares.write_text(FARES)
    ingest = [sys.executable, "-m", "app.cli", "ingest", str(handbook), str(fares)]
    patient = {"LECTERN_HOME": str(home), "LECTERN_READER_SECONDS": "600"}
    subprocess.run(ingest, env=os.environ | patient, check=True, capture_output=True)
    with serving(home, home / "calls.txt", LECTERN_ANSWER="words") as started:
        yield started


def test_an_edited_question_keeps_its_earlier_version_behind_arrows(page: Page):
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("Who built the Marigold?")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".lc-versions")).to_contain_text("2 of 2")
    expect(page.locator(".lc-question")).to_have_text("Who built the Marigold?")
    page.get_by_role("button", name="Earlier version").click()
    expect(page.locator(".lc-question")).to_have_text(QUESTION)
    page.reload()
    expect(page.locator(".lc-question")).to_have_text(QUESTION)


def test_an_answer_is_saved_as_a_word_file_with_its_source(page: Page, tmp_path: Path):
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    page.locator(".lc-more > summary").click()
    page.locator(".lc-more").get_by_role("button", name="Save as a file").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.suffix == ".docx"
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(saved)).paragraphs)
    assert "180 litres" in text


def test_figures_are_a_table_that_goes_to_a_spreadsheet(page: Page, tmp_path: Path):
    ask(page, "How did the fare of the night ferry change from 2023 to 2025?")
    page.locator(".lc-row").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    saved = tmp_path / "figures.xlsx"
    download.value.save_as(saved)
    rows = python_calamine.CalamineWorkbook.from_path(str(saved)).get_sheet_by_index(0).to_python()
    assert {31.0, 35.0} <= {cell for row in rows for cell in row}


def test_a_temporary_chat_is_not_listed_and_gone_once_it_is_left(page: Page):
    page.get_by_role("button", name="Temporary chat").click()
    expect(page.get_by_text("A temporary chat: it is not saved")).to_be_visible()
    ask(page, "Who built the Marigold by night?")
    page.locator(".lc-row").wait_for()
    expect(page.get_by_role("button", name="Useful", exact=True)).to_have_count(0)
    address = page.url
    assert "Marigold" not in address
    page.reload()
    expect(page.locator(".lc-question")).to_have_text("Who built the Marigold by night?")
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".lc-question")).to_have_count(0)
    expect(page.locator("[class*='st-key-chat-row-']", has_text="by night")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_text("this temporary chat is gone")).to_be_visible()


def test_the_button_says_what_is_not_as_usual_a_reload_keeps_it_and_one_click_takes_it_back(page: Page):
    button = page.locator(".st-key-options")
    expect(button).to_have_text(re.compile("Options"))
    choose(page, "Strict")
    expect(button).to_contain_text("Strict")
    page.wait_for_url("**strictness=*")
    page.reload()
    expect(button).to_contain_text("Strict")
    button.get_by_role("button").first.click()
    page.get_by_role("button", name="As usual").click()
    expect(button).to_contain_text("Options")
    assert "strictness" not in page.url
