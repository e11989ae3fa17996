"""Pictures of the page's main states over the sample documents, and how long a source takes to open.

    python benchmarks/page_pictures.py --out docs/pictures [--chromium FILE] [--times 20] [--address URL]

The page runs in a home of its own that is deleted at the end, or is the one at ``--address``; answers are the
documents' own words, so that the pictures are the same on every machine. Printed are the milliseconds from the click on
a chip to the boxed page, p50 and p95.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "How much is a bed per night?"
EDITED = "How much is a bed per night at the full rate?"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}
WIDE = {"width": 1760, "height": 860}
"""Wide enough for an answer beside its source."""


@contextmanager
def page_of(home: Path) -> Iterator[str]:
    """The address of a page over examples/ in that home."""
    environment = os.environ | {
        "LECTERN_HOME": str(home),
        "LECTERN_ANSWER": "words",
        "LECTERN_LIBRARY": "examples",
        "PYTHONPATH": str(ROOT),
    }
    lectern = [sys.executable, "-m", "app.cli"]
    subprocess.run([*lectern, "ingest", str(ROOT / "examples")], env=environment, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*lectern, "serve", "--no-browser", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/?library=examples"
        finally:
            process.send_signal(signal.SIGINT)


def open_page(browser: Browser, address: str, size: dict[str, int], colours: str = "light") -> Page:
    context = browser.new_context(viewport=size, color_scheme=colours)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(address)
    return page


def settle(page: Page) -> None:
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_timeout(1000)


def take(browser: Browser, address: str, out: Path, times: int) -> list[float]:
    """Write the pictures; returns the milliseconds of each opening of a source."""

    def picture(page: Page, name: str) -> None:
        settle(page)
        page.screenshot(path=out / f"{name}.png")

    page = open_page(browser, address, DESKTOP)
    page.get_by_test_id("stChatInput").wait_for()
    picture(page, "empty")
    line = page.get_by_test_id("stChatInput").locator("textarea")
    line.fill(QUESTION)
    line.press("Enter")
    page.locator(".lc-row").wait_for()
    picture(page, "answer")
    chip = page.locator(".lc-answer .lc-chip").first
    taken = []
    for _ in range(times):
        begun = time.monotonic()
        chip.click()
        page.locator(".lc-box").first.wait_for()
        taken.append(1000 * (time.monotonic() - begun))
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
    chip.click()
    page.locator(".lc-box").first.wait_for()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    picture(page, "source")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    chat = page.url
    steps(page, picture)
    others(browser, address, chat, picture)
    return taken


def steps(page: Page, picture: Callable[[Page, str], None]) -> None:
    """What a person does next: choose how to answer, save the answer, ask in other words."""
    options = page.locator(".st-key-options button").first
    options.click()
    picture(page, "options")
    options.click()
    page.locator(".lc-more > summary").click()
    page.locator(".lc-more").get_by_role("button", name="Save as a file").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save", exact=True).wait_for()
    picture(page, "save")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog.locator("textarea").fill(EDITED)
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".lc-versions span").wait_for()
    picture(page, "versions")


def others(browser: Browser, address: str, chat: str, picture: Callable[[Page, str], None]) -> None:
    """The other parts, the dark and the small page."""
    for part in ("documents", "settings"):
        page = open_page(browser, address.replace("/?", f"/{part}?"), DESKTOP)
        page.get_by_role("heading", level=1).wait_for()
        picture(page, part)
    page = open_page(browser, chat, DESKTOP, "dark")
    page.locator(".lc-row").wait_for()
    picture(page, "dark")
    page = open_page(browser, chat, PHONE)
    page.locator(".lc-row").wait_for()
    picture(page, "phone")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--address", help="of a page over examples/ that runs; without it one is started")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        served = nullcontext(given.address) if given.address else page_of(Path(home))
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox", "--disable-gpu"])
        with served as address:
            taken = sorted(take(browser, address, given.out, given.times))
        browser.close()
    print(f"chip to boxed page: p50 {statistics.median(taken):.0f} ms, p95 {taken[int(0.95 * len(taken))]:.0f} ms")


if __name__ == "__main__":
    main()
