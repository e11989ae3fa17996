"""What a person does in the page, done in a real browser: upload, ask, see the source, press Stop, go back."""

import re
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, expect

expect.set_options(timeout=60_000)

QUESTION = "How many litres does the fuel tank of the Marigold hold?"
LONG = f"{QUESTION} " * 150
"""About 2,000 tokens: the model reads for ten seconds and more."""

TAKEN_IN_MS = 100_000
"""Most milliseconds until files are in: they are read at low priority, behind all else that a shared machine does."""

STOP = "[class*='st-key-stop-answer-'] button"


def upload(page: Page, *files: Path) -> None:
    """Drop files into the box of an empty library, or behind the line to type in, and wait until they are in."""
    shown = page.locator(".st-key-uploads")
    if (done := shown.get_by_role("button", name="OK")).count():
        done.click()
        expect(done).to_have_count(0)
    box = page.get_by_test_id("stFileUploaderDropzoneInput")
    if box.count():
        box.set_input_files([str(file) for file in files])
    else:
        line = page.get_by_test_id("stChatInput")
        line.locator("input[type=file]").set_input_files([str(file) for file in files])
        expect(line.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()
        line.locator("textarea").press("Enter")
    shown.get_by_role("button", name="OK").wait_for(timeout=TAKEN_IN_MS)


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInput").locator("textarea")
    box.fill(question)
    box.press("Enter")


def choose(page: Page, choice: str) -> None:
    """Choose something in the popover beside the line to type in."""
    page.locator(".st-key-options button").click()
    page.get_by_test_id("stPopoverBody").get_by_text(choice, exact=True).click()
    expect(page.locator(".st-key-options")).to_contain_text(choice)  # its button says what is not as usual
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


def with_handbook(page: Page, handbook) -> None:
    """The page with the handbook in its library."""
    if not page.get_by_placeholder("Ask your documents").count():
        upload(page, handbook)
        page.get_by_placeholder("Ask your documents").wait_for()


def test_an_uploaded_pdf_gives_a_cited_answer(page: Page, server, handbook, tmp_path):
    nothing = tmp_path / "nothing.txt"
    nothing.touch()
    upload(page, handbook, nothing)
    expect(page.locator(".st-key-uploads")).to_contain_text("Added: marigold handbook.pdf.")
    expect(page.locator(".lc-doc", has_text="nothing.txt")).to_contain_text("Not added: ")

    ask(page, QUESTION)
    evidence = page.locator(".lc-quote").first
    expect(evidence).to_contain_text("The fuel tank of the Marigold holds 180 litres.")
    expect(evidence).to_contain_text("marigold handbook.pdf · p. 2")

    page.locator(".lc-row").wait_for()
    expect(page.locator(".lc-writing")).to_have_count(0)  # the draft goes with the drawing that brings the answer
    expect(page.locator(".lc-answer")).to_contain_text("180")
    source = page.locator(".lc-sources .lc-source").first
    page.locator(".lc-sources > summary").click()
    expect(source).to_contain_text("marigold handbook.pdf · p. 2")
    expect(source.locator("mark")).to_have_text("The fuel tank of the Marigold holds 180 litres.")
    expect(source.locator(".lc-passage")).to_contain_text("Life jackets are stored under the bench")

    page.reload()
    expect(page.locator(".lc-answer")).to_contain_text("180")


def test_links_images_and_markup_of_a_document_are_text(page: Page, server, tmp_path):
    remote = "203.0.113.9"  # kept for documentation (RFC 5737): nobody answers there
    line = (
        f"The mooring fee of the Marigold is 95 euros ![a](http://{remote}/a.png?q=fee) "
        f"<img src=http://{remote}/b.png onerror=fetch('http://{remote}/c')> [pay](http://{remote}/pay) "
        f"<a href=http://{remote}/d>here</a> <script src=http://{remote}/e.js></script>"
    )
    notice = tmp_path / "mooring notice.txt"
    notice.write_text(f"Notice of the harbour office\n\n{line}\n\nThe office is open on Mondays.\n")
    upload(page, notice)

    ask(page, "What is the mooring fee of the Marigold?")
    page.locator(".lc-row").last.wait_for()
    quote = page.locator(".lc-quote", has_text="mooring notice.txt").first
    expect(quote).to_contain_text(f"![a](http://{remote}/a.png?q=fee) <img src=http://{remote}/b.png")
    expect(page.locator(".lc-answer").last).to_contain_text("95 euros")
    for source in page.locator(".lc-sources > summary").all():
        source.click()
    page.wait_for_timeout(500)
    for tag in (f"img[src*='{remote}']", f"a[href*='{remote}']", f"script[src*='{remote}']"):
        assert page.locator(tag).count() == 0, tag
    assert [url for url in server.requests if remote in url.partition("?")[0]] == []


def test_stop_ends_the_model_while_it_reads(page: Page, server, handbook):
    with_handbook(page, handbook)
    ask(page, LONG)
    page.locator(".lc-status", has_text="The model is reading").wait_for()
    page.wait_for_timeout(500)
    press_stop(page)
    expect(page.locator(".lc-cost").last).to_contain_text("stopped")
    expect(page.locator(".lc-cost").last).to_contain_text("· 0 written")
    expect(page.locator(".lc-quote").first).to_contain_text("180 litres")
    assert_engine_is_idle(server)


def test_stop_ends_the_model_while_it_writes(page: Page, server, handbook):
    with_handbook(page, handbook)
    pressed = 0.0
    choose(page, "Think first")  # thoughts and answer: the longest that the small model writes
    for number in range(10):  # an answer that was complete before Stop reached it shows nothing: ask again
        ask(page, f"{QUESTION} And what does the handbook say about her engine and her life jackets?")
        page.locator(".lc-status", has_text="Writing").or_(page.locator(".lc-row").nth(number)).first.wait_for()
        with suppress(TimeoutError):  # the button went while it was aimed at: the answer was sooner
            page.locator(STOP).click(timeout=500)
            pressed = time.monotonic()
        page.locator(".lc-row").nth(number).wait_for()
        if "stopped" in (page.locator(".lc-cost").last.text_content() or ""):
            assert time.monotonic() - pressed < STOP_S
            break
    expect(page.locator(".lc-cost").last).to_contain_text("stopped", timeout=2_000)
    assert_engine_is_idle(server)
    for _ in range(2):
        expect(page.locator(".lc-stopped").last).to_contain_text("Stopped")
        expect(page.locator(".lc-evidence h4").last).to_have_text("From your documents")
        page.reload()


def test_a_reload_finds_the_answer_that_is_written_and_escape_closes_its_source_before_it_stops_it(
    page: Page, server, handbook
):
    with_handbook(page, handbook)
    ask(page, LONG)
    reading = page.locator(".lc-status", has_text="The model is reading")
    reading.wait_for()
    page.reload()
    reading.wait_for()
    with server.engine_held():
        page.locator(".lc-unfinished .lc-chip").first.click()
        page.locator(".lc-box").wait_for()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.wait_for_timeout(500)
        expect(reading).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".lc-cost").last).to_contain_text("stopped")


def test_what_two_tabs_ask_in_one_chat_is_answered_in_order_and_stopped_from_either(page: Page, server, handbook):
    with_handbook(page, handbook)
    questions = [QUESTION, "Who built the Marigold?", "How many people does the boat carry at most?"]
    with server.engine_held():
        ask(page, QUESTION)
        page.wait_for_url(re.compile("chat=[0-9a-f]+"))  # it is not saved yet
        other = second_tab(page)
        other.locator(".lc-status").wait_for()
        ask(other, questions[1])
        expect(page.get_by_text("Waiting for the answer above")).to_have_count(1)
        ask(page, questions[2])
        for tab in (page, other):
            expect(tab.get_by_text("Waiting for the answer above")).to_have_count(2)
        other.get_by_text("Do not answer").last.click()
        expect(page.get_by_text("Waiting for the answer above")).to_have_count(1)
        expect(page.get_by_text("Stopped before anything was written.")).to_have_count(1)
        other.locator(".lc-quote").first.wait_for()
        other.locator(STOP).click()
        expect(page.locator(".lc-status").first).to_contain_text("Stopping")
    page.locator(".lc-row").nth(2).wait_for()
    page.reload()
    for tab in (page, other):
        expect(tab.locator(".lc-question")).to_have_text(questions)
        for number, said in enumerate(("Stopped", "Tanner", "Stopped")):
            expect(tab.locator(".lc-answer").nth(number)).to_contain_text(said)
        expect(tab.locator(".lc-evidence h4").first).to_have_text("From your documents")


def test_a_chat_that_the_other_tab_deletes_is_named_as_gone_and_no_question_is_lost(page: Page, handbook):
    with_handbook(page, handbook)
    without_a_model(page)
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    chat_id = page.url.partition("chat=")[2].partition("&")[0]
    other = second_tab(page)
    other.locator(".lc-row").wait_for()
    page.locator(f".st-key-chat-menu-{chat_id} button").click()
    page.get_by_text("Delete", exact=True).click()
    expect(other.locator(".lc-failure")).to_contain_text("no such conversation")
    expect(other.locator(".lc-question")).to_have_count(0)
    ask(other, "Who built the Marigold?")
    expect(other.locator(".lc-answer")).to_contain_text("Tanner")
    expect(other.locator(".lc-failure")).to_have_count(0)


def test_back_and_forward_show_the_library_and_the_chat_of_the_address(page: Page, handbook):
    with_handbook(page, handbook)
    without_a_model(page)
    ask(page, QUESTION)
    page.locator(".lc-row").wait_for()
    page.get_by_role("button", name="New chat").click()
    page.get_by_text("What would you like to know?").wait_for()
    ask(page, "Who built the Marigold?")
    page.locator(".lc-row").wait_for()
    type_library(page, "a/b")
    expect(page.locator(".lc-failure")).to_contain_text("A library cannot be called “a/b”.")
    type_library(page, "second")
    page.get_by_text("Start with your documents").wait_for()
    asked_in_default = [[], [QUESTION], [], ["Who built the Marigold?"]]
    visited = [*(("default", questions) for questions in asked_in_default), ("second", [])]
    before = len(visited) - 1
    for at in (3, 2, 1, 0, 1, 2, 3, 4, 3, 4):
        page.go_back() if at < before else page.go_forward()
        before, (library, questions) = at, visited[at]
        expect(library_box(page)).to_have_value(library)
        expect(page.locator(".lc-question")).to_have_text(questions)
    ask(page, QUESTION)
    expect(page.locator(".lc-failure")).to_contain_text("there are no documents in the library 'second'")


def test_the_page_called_nobody(page: Page, server):
    """Runs last: whatever the tests above did, no process tried to connect anywhere, nor did the browser."""
    outside = [
        url for url in server.requests if not url.startswith((server.url, f"ws{server.url[4:]}", "data:", "blob:"))
    ]
    assert outside == []
    assert server.requests
    assert not server.calls.exists(), server.calls.read_text()


def second_tab(page: Page) -> Page:
    """Another tab of the same browser on the same address."""
    tab = page.context.new_page()
    tab.set_default_timeout(60_000)
    tab.goto(page.url)
    return tab


def without_a_model(page: Page) -> None:
    """Have questions answered with a sentence of the documents, which is quick."""
    choose(page, "Only the sentence")


def library_box(page: Page):
    return page.get_by_test_id("stSelectbox").first.locator("input")


def type_library(page: Page, name: str) -> None:
    library_box(page).click()
    library_box(page).fill(name)
    library_box(page).press("Enter")


def press_stop(page: Page) -> None:
    """Press Stop and see the model's end within a second."""
    pressed = time.monotonic()
    page.locator(STOP).click()
    expect(page.locator(STOP)).to_have_count(0)
    assert time.monotonic() - pressed < STOP_S


def assert_engine_is_idle(server) -> None:
    before = server.engine_seconds()
    time.sleep(1.0)
    assert before > 0
    assert server.engine_seconds() - before < 0.2


STOP_S = 3.0
"""Most seconds from the click to a page that takes the next question. The model ends within 0.2 s, an idle page shows
it within 1 s; the rest is room for a machine that runs other things."""
