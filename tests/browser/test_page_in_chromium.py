"""What a person does in the page, done in a real browser: upload, ask, see the source, press Stop."""

import time
from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

expect.set_options(timeout=60_000)

QUESTION = "How many litres does the fuel tank of the Marigold hold?"


def upload(page: Page, *files) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([str(file) for file in files])


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInput").locator("textarea")
    box.fill(question)
    box.press("Enter")


def with_handbook(page: Page, handbook) -> None:
    """The page with the handbook in its library."""
    if not page.get_by_text(handbook.name).count():
        upload(page, handbook)
        page.get_by_text("2 pages · ").wait_for()


def test_an_uploaded_pdf_gives_a_cited_answer(page: Page, server, handbook, tmp_path):
    nothing = tmp_path / "nothing.txt"
    nothing.touch()
    upload(page, handbook, nothing)
    page.get_by_text("2 pages · ").wait_for()
    expect(page.locator(".lc-doc", has_text="nothing.txt")).to_contain_text("Not added: ")

    ask(page, QUESTION)
    evidence = page.locator(".lc-quote").first
    expect(evidence).to_contain_text("The fuel tank of the Marigold holds 180 litres.")
    expect(evidence).to_contain_text("marigold handbook.pdf · p. 2")

    page.locator(".lc-cost").wait_for()
    expect(page.locator(".lc-answer")).to_contain_text("180 litres")
    source = page.locator(".lc-sources .lc-source").first
    expect(source).to_contain_text("marigold handbook.pdf · p. 2")
    source.locator("summary").click()
    expect(source.locator("mark")).to_have_text("The fuel tank of the Marigold holds 180 litres.")
    expect(source.locator(".lc-passage")).to_contain_text("Life jackets are stored under the bench")

    page.reload()
    expect(page.locator(".lc-answer")).to_contain_text("180 litres")


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
    expect(page.locator(".lc-doc", has_text="mooring notice.txt").first).to_be_visible()

    ask(page, "What is the mooring fee of the Marigold?")
    page.locator(".lc-cost").last.wait_for()
    quote = page.locator(".lc-quote", has_text="mooring notice.txt").first
    expect(quote).to_contain_text(f"![a](http://{remote}/a.png?q=fee) <img src=http://{remote}/b.png")
    expect(page.locator(".lc-answer").last).to_contain_text("95 euros")
    for source in page.locator(".lc-source summary").all():
        source.click()
    page.wait_for_timeout(500)
    for tag in (f"img[src*='{remote}']", f"a[href*='{remote}']", f"script[src*='{remote}']"):
        assert page.locator(tag).count() == 0, tag
    assert [url for url in server.requests if remote in url.partition("?")[0]] == []


def test_stop_ends_the_model_while_it_reads(page: Page, server, handbook):
    with_handbook(page, handbook)
    ask(page, f"{QUESTION} " * 150)  # about 2,000 tokens: the model reads for ten seconds and more
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
    page.get_by_text("Think first").click()  # thoughts and answer: the longest that the small model writes
    for number in range(10):  # an answer that was complete before Stop reached it shows nothing: ask again
        ask(page, f"{QUESTION} And what does the handbook say about her engine and her life jackets?")
        page.locator(".lc-status", has_text="Writing").or_(page.locator(".lc-cost").nth(number)).first.wait_for()
        with suppress(TimeoutError):  # the button went while it was aimed at: the answer was sooner
            page.locator(".st-key-stop button").click(timeout=500)
            pressed = time.monotonic()
        page.locator(".lc-cost").nth(number).wait_for()
        if "stopped" in page.locator(".lc-cost").last.inner_text():
            assert time.monotonic() - pressed < STOP_S
            break
    expect(page.locator(".lc-cost").last).to_contain_text("stopped", timeout=2_000)
    assert_engine_is_idle(server)


def test_a_reload_finds_the_answer_that_is_being_written(page: Page, server, handbook):
    with_handbook(page, handbook)
    ask(page, f"{QUESTION} " * 150)
    page.locator(".lc-status", has_text="The model is reading").wait_for()
    page.reload()
    page.locator(".lc-status", has_text="The model is reading").wait_for()
    press_stop(page)
    expect(page.locator(".lc-cost").last).to_contain_text("stopped")


def test_the_page_called_nobody(page: Page, server):
    """Runs last: whatever the tests above did, no process tried to connect anywhere, nor did the browser."""
    outside = [
        url for url in server.requests if not url.startswith((server.url, f"ws{server.url[4:]}", "data:", "blob:"))
    ]
    assert outside == []
    assert server.requests
    assert not server.calls.exists(), server.calls.read_text()


def press_stop(page: Page) -> None:
    """Press Stop and see the model's end within a second."""
    pressed = time.monotonic()
    page.locator(".st-key-stop button").click()
    page.get_by_test_id("stChatInput").locator("textarea:not([disabled])").wait_for()
    assert time.monotonic() - pressed < STOP_S


def assert_engine_is_idle(server) -> None:
    before = server.engine_seconds()
    time.sleep(1.0)
    assert before > 0
    assert server.engine_seconds() - before < 0.2


STOP_S = 3.0
"""Most seconds from the click to a page that takes the next question. The model ends within 0.2 s, an idle page shows
it within 1 s; the rest is room for a machine that runs other things."""
