"""What a rerun of the page costs with short and long chats, few and many documents, and what an idle page costs.

    python benchmarks/page_size.py [--chromium /usr/bin/chromium] [--idle 30] [--address URL]

Printed are milliseconds of processor time for one run of the page's script (the median of ``--times``), which other
programs on the machine change little, and the share of one core that the server takes while a page is open and nobody
does anything. Everything is in a home of its own that is deleted at the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

TURNS = (2, 200)
DOCUMENTS = (50, 5000)
WORD = "The fare of the ferry in month {number} is {number} euros."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--idle", type=float, default=30, help="seconds that an idle page is watched; 0: not at all")
    parser.add_argument("--address", help="watch the idle page at this address alone")
    given = parser.parse_args()
    if given.address:
        print(f"idle page: {watched(given.chromium, given.address, given.idle):.1%} of one core")
        return
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"LECTERN_HOME": home, "LECTERN_ANSWER": "words"}
        for turns in TURNS:
            chat = fill(f"turns{turns}", documents=3, turns=turns)
            address = {"library": f"turns{turns}", "chat": chat}
            print(f"chat of {turns:,} turns: {rerun(address, given.times):.0f} ms", flush=True)
        for documents in DOCUMENTS:
            fill(f"documents{documents}", documents=documents, turns=0)
            cost = rerun({"library": f"documents{documents}"}, given.times, part="documents")
            print(f"table of {documents:,} documents: {cost:.0f} ms", flush=True)
    if given.idle:
        print(f"idle page: {idle(given.chromium, given.idle):.1%} of one core")


def fill(name: str, *, documents: int, turns: int) -> str:
    """A library of small documents, and a chat of as many turns in it; returns the chat's id."""
    from core.settings import load_settings
    from core.types import Answer, AnswerSentence, Citation, Document, Locator, Page, Timings, Usage
    from index.store.chat_messages import ChatMessage
    from index.store.chats import Chats
    from index.store.library import Library
    from index.store.records import Entry

    entries = []
    for number in range(documents):
        text = WORD.format(number=number)
        pages = (Page("lines", 1, "", 0, len(text)),)
        document = Document(f"d{number}", f"fares {number:05}.txt", "text/plain", "Fares", text, pages)
        entries.append(Entry(document, f"text:{number}", len(text), (), ()))
    with Library.open(load_settings(library=name), create=True) as library:
        library.put(entries, {})
        quote = entries[0].document.text
        cited = Citation("d0", entries[0].document.name, Locator(None, "line 1"), quote, 0, len(quote), 1.0)
        answer = Answer(
            "", quote, True, (AnswerSentence(quote, (cited,)),), (cited,), (), (), Timings(), Usage(), "", "direct"
        )
        messages = [ChatMessage("user", "How much is the ferry?", ""), ChatMessage("assistant", quote, "", answer)]
        return Chats(library).create("Ferry", *(messages * turns)) if turns else ""


def rerun(address: dict[str, str], times: int, part: str = "") -> float:
    """Milliseconds of processor time of one run of the page at this address, the first one not counted."""
    from streamlit.testing.v1 import AppTest

    from app.ui import shared

    page = AppTest.from_file(str(Path(shared.__file__).with_name("page.py")), default_timeout=120)
    for name, value in address.items():
        page.query_params[name] = value
    if part:
        page = AppTest.from_function(_documents, default_timeout=120)
        page.query_params["library"] = address["library"]
    page.run()
    assert not page.exception, page.exception
    taken = []
    for _time in range(times):
        begun = time.process_time()
        page.run()
        taken.append(1000 * (time.process_time() - begun))
    return statistics.median(taken)


def _documents() -> None:
    """The table of Documents by itself, as AppTest cannot turn pages of a navigation."""
    import streamlit as st

    from app.ui import documents_part, shared

    workspace = shared.shared_state().workspace(st.query_params["library"])
    records = documents_part.filtered(workspace.records())
    documents_part.table(records, workspace.opened.open_documents.shown_state())


def idle(chromium: str, seconds: float) -> float:
    """The share of one core that the server and all below it take while a page stands open."""
    from benchmarks.page_pictures import page_of

    with tempfile.TemporaryDirectory() as home, page_of(Path(home)) as address:
        return watched(chromium, address, seconds)


def watched(chromium: str, address: str, seconds: float) -> float:
    """The same of a page that is served there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.goto(address)
        page.locator("[class*='st-key-example-']").first.wait_for()  # the questions to start with are chosen
        time.sleep(5)
        before = _processor_seconds(address)
        time.sleep(seconds)
        used = _processor_seconds(address) - before
        browser.close()
    return used / seconds


def _processor_seconds(address: str) -> float:
    """Of the server at this address and all below it, from /proc (proc(5), fields utime and stime)."""
    port = address.rpartition(":")[2].partition("/")[0]
    known: dict[int, tuple[int, float, str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        ticks = int(fields[11]) + int(fields[12])
        known[int(folder.name)] = (int(fields[1]), ticks / os.sysconf("SC_CLK_TCK"), command)
    family = {pid for pid, (_parent, _used, command) in known.items() if f"--port\0{port}" in command}
    while more := {pid for pid, (parent, *_rest) in known.items() if parent in family and pid not in family}:
        family |= more
    return sum(known[pid][1] for pid in family)


if __name__ == "__main__":
    main()
