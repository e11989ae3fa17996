"""The page in a real Chromium: a server of its own that nothing gets out of, and a browser that notes every request."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fpdf import FPDF

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CLOSED = Path(__file__).parents[1] / "closed"


@dataclass
class Server:
    url: str
    home: Path
    calls: Path
    process: subprocess.Popen
    requests: list[str] = field(default_factory=list)

    def engine_seconds(self) -> float:
        """CPU seconds that the model's process has used so far."""
        ticks = 0
        for stat in self._engine():
            ticks += sum(map(int, (stat / "stat").read_text().rpartition(")")[2].split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def engine_held(self) -> Iterator[None]:
        """The model's process at a standstill: an answer takes as long as a test needs, however fast the machine is."""
        until = time.monotonic() + 60
        while not (engine := self._engine()):
            assert time.monotonic() < until, "the model's process did not start"
            time.sleep(0.1)
        held = [int(process.name) for process in engine]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)

    def _engine(self) -> list[Path]:
        """The folders in /proc of the processes in which the server runs its model."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if b"generate.shared" in (process / "cmdline").read_bytes() and self._is_ours(process.name):
                    found.append(process)
            except OSError:
                continue  # it ended meanwhile
        return found

    def _is_ours(self, pid: str) -> bool:
        return f"\nPPid:\t{self.process.pid}\n" in Path("/proc", pid, "status").read_text()


@contextmanager
def serving(home: Path, calls: Path, *options: str, **environment: str) -> Iterator[Server]:
    """`lectern serve` with every connection but loopback cut, and with others' telemetry turned on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loud = {
        "LECTERN_HOME": str(home),
        "LECTERN_ANSWER": "model",
        "LECTERN_ENGINE_MINUTES": "10",  # it waits for a test as for a person
        "LECTERN_THREADS": "1",  # an answer takes long enough to be stopped
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CLOSED), os.environ.get("PYTHONPATH")])),
        "LECTERN_TEST_CALLS": str(calls),
        "LANGSMITH_TRACING": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_API_KEY": "none",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true",
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--no-browser", "--port", str(port), *options]
    log = (home / "server.log").open("w+")
    with subprocess.Popen(command, env=os.environ | loud | environment, stdout=log, stderr=log, cwd=home) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert process.poll() is None, (home / "server.log").read_text()
                assert time.monotonic() < until, "the server did not start"
                time.sleep(0.1)
            # Whatever the environment says, it listens on this one address: not on its neighbour, let alone on all.
            assert socket.socket().connect_ex(("127.0.0.2", port)) != 0
            yield Server(url, home, calls, process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(20) == 130
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("calls") / "calls.txt") as started:
        yield started


@pytest.fixture(scope="module")  # not longer: Playwright's event loop would stand in the way of asynchronous tests
def browser():
    if not CHROMIUM:
        refuse = pytest.fail if os.environ.get("LECTERN_REQUIRE_BROWSER") else pytest.skip
        refuse("no Chromium is installed (apt-get install chromium): the page was not tried in a real browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, server):
    """A tab on the page, as a person sees it who opens it for the first time."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.on("request", lambda request: server.requests.append(request.url))
    tab.set_default_timeout(60_000)
    tab.goto(server.url)
    tab.get_by_test_id("stChatInput").wait_for()
    yield tab
    context.close()


@pytest.fixture(scope="session")
def handbook(tmp_path_factory) -> Path:
    """A PDF of two pages about a boat that no model has read of."""
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    for text in (
        "The Marigold is a wooden survey boat. She was built in 1974 by the Tanner yard in Oban. "
        "Her diesel engine gives 42 horsepower. The boat carries at most nine people.",
        "Before every trip the skipper checks the bilge pump. The fuel tank of the Marigold holds 180 litres. "
        "Life jackets are stored under the bench on the port side.",
    ):
        pdf.add_page()
        pdf.multi_cell(0, 8, text)
    path = tmp_path_factory.mktemp("files") / "marigold handbook.pdf"
    pdf.output(str(path))
    return path
