"""Many browser sessions at once over one library: is each answered, nothing mixed up, also by a server started anew?

    python benchmarks/browser_crowd.py [--sessions 20] [--chromium FILE] [--picture FILE]

Each session is a browser context of its own, as of another person; the last two are tabs on one chat. What a session
asks for only one document says ("The code of the barn is 4711-7-3."), so that an answer to another's question is seen.
All ask at once. Then the server is killed under the open pages and started again, and all ask once more. Answers are
the documents' own words, so that the page is measured, not a model. ``--picture``: a page while the server is gone.

Printed are seconds, p50 and the most. The exit code is 1 where a question was not answered, lost or mixed up.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # ahead of what stands beside this file

_WORDS = (
    "attic barn cabin dairy engine ferry garage harbour inn jetty kiosk library mill nursery office pantry quarry "
    "refuge stable tower vault workshop yacht zoo arcade bakery cellar depot estate forge greenhouse hangar "
    "infirmary kennel lighthouse museum orchard pavilion quay reservoir sawmill"
)
THINGS = _WORDS.split()
"""What the codes are of: words unlike one another, so that the search is not what is measured."""

PATIENCE_MS = 300_000
"""After which a question counts as not answered."""


@dataclass
class Server:
    """`lectern serve` over a home, on one port."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"LECTERN_HOME": str(self.home), "LECTERN_ANSWER": "words", "PYTHONPATH": str(ROOT)}

    def lectern(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "app.cli", *words]

    def add(self, lockers: range) -> None:
        """Fill the library, without the processes that take a person's files in behind all else."""
        from core.settings import load_settings
        from index.add import add_documents
        from index.embed import load_embedder
        from index.store.library import Library
        from ingest.read import read_file

        os.environ["LECTERN_HOME"] = str(self.home)
        settings = load_settings()
        documents = []
        for locker in lockers:
            file = Path(self.home, f"{THINGS[locker - 1]}.md")
            file.write_text(f"The code of the {THINGS[locker - 1]} is {code(locker)}.\n")
            documents.append(read_file(file))
        with Library.open(settings, create=True) as library:
            add_documents(documents, library, load_embedder(settings), settings)

    def start(self) -> None:
        command = self.lectern("serve", "--no-browser", "--port", str(self.port))
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=self.environment, stdout=quiet, stderr=quiet)
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            time.sleep(0.1)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@dataclass
class Session:
    """A tab with what was asked in its chat, and the codes that the answers must say, in order."""

    number: int
    page: Page
    questions: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    asked: float = 0.0

    def ask(self, locker: int) -> None:
        line = self.page.get_by_test_id("stChatInput").locator("textarea")
        line.fill(question(locker))
        line.press("Enter")
        self.asked = time.monotonic()
        self.expect(locker)

    def expect(self, locker: int) -> None:
        self.questions.append(question(locker))
        self.codes.append(code(locker))

    def answered(self) -> float:
        """Seconds from the last question until its answer is complete."""
        self.page.locator(".lc-row").nth(len(self.questions) - 1).wait_for()
        return time.monotonic() - self.asked

    def faults(self) -> list[str]:
        """What this tab shows that it should not, or does not show that it should."""
        asked = [text.strip() for text in self.page.locator(".lc-question").all_inner_texts()]
        answers = self.page.locator(".lc-answer").all_inner_texts()
        if sorted(asked) != sorted(self.questions):
            return [f"session {self.number} shows the questions {asked}, not {self.questions}"]
        wanted = dict(zip(self.questions, self.codes, strict=True))
        pairs = zip(asked, answers, strict=False)
        wrong = [f"session {self.number}: {one} -> {said}" for one, said in pairs if wanted[one] not in said]
        missing = len(asked) - len(answers)
        return wrong + ([f"session {self.number}: {missing} answers are missing"] if missing else [])


def question(locker: int) -> str:
    return f"What is the code of the {THINGS[locker - 1]}?"


def code(locker: int) -> str:
    return f"4711-{locker}-3"


def open_sessions(browser: Browser, url: str, count: int) -> tuple[list[Session], list[float]]:
    """That many sessions, and the seconds that each took to open."""
    sessions, seconds = [], []
    for number in range(1, count + 1):
        page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        begun = time.monotonic()
        page.goto(url)
        page.get_by_test_id("stChatInput").wait_for()
        seconds.append(time.monotonic() - begun)
        sessions.append(Session(number, page))
    return sessions, seconds


def share_chat(one: Session, other: Session) -> None:
    """Bring the second tab to the first one's chat."""
    other.page.goto(one.page.url)
    other.page.locator(".lc-row").first.wait_for()
    other.questions, other.codes = list(one.questions), list(one.codes)


def ask_all(sessions: list[Session], lockers: range, together: tuple[Session, Session]) -> list[float]:
    """The seconds of each session, all asking at once; what one of two tabs on one chat asks, the other shows too."""
    for session, locker in zip(sessions, lockers, strict=True):
        session.ask(locker)
        if session in together:
            together[session is together[0]].expect(locker)
    return [session.answered() for session in sessions]


def run(browser: Browser, server: Server, count: int, picture: Path | None) -> list[str]:
    """Print what is measured; returns what was wrong."""
    sessions, opened = open_sessions(browser, f"http://127.0.0.1:{server.port}", count)
    tell("to open a page", opened)
    first, second = sessions[-2:]
    first.ask(2 * count + 1)
    first.answered()
    share_chat(first, second)
    tell("to an answer, all asking at once", ask_all(sessions, range(1, count + 1), (first, second)))
    faults = [fault for session in sessions for fault in session.faults()]
    server.kill()
    if picture:
        time.sleep(5)
        sessions[0].page.screenshot(path=picture)
    begun = time.monotonic()
    server.start()
    for session in sessions:
        session.page.locator("[data-testid='stApp'][data-test-connection-state='CONNECTED']").wait_for()
        session.page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for()
    tell("until all are connected to the new server", [time.monotonic() - begun])
    again = ask_all(sessions, range(count + 1, 2 * count + 1), (first, second))
    tell("to an answer of the new server, all asking at once", again)
    return faults + [fault for session in sessions for fault in session.faults()]


def tell(what: str, seconds: list[float]) -> None:
    print(f"{statistics.median(seconds):6.1f} {max(seconds):6.1f}  s {what}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20, choices=range(2, 21), metavar="2..20")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            server = Server(Path(folder), probe.getsockname()[1])
        server.add(range(1, 2 * given.sessions + 2))
        server.start()
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            faults = run(browser, server, given.sessions, given.picture)
        finally:
            server.kill()
            browser.close()
    print("\n".join([*faults, f"{len(faults)} faults"]))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
