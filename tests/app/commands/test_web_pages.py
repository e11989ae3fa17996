"""``lectern ingest https://...``: nothing is fetched unasked, and what may not be is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli
from tests.ingest.web_server import ALLOWED, PRIVATE, Reply, WebServer, web_server


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setenv("LECTERN_WEB_NETWORKS", f"{ALLOWED}/32")
    with web_server() as running:
        running.replies["/fares"] = Reply(b"<p>The ferry to the island costs 12 euros.</p>")
        yield running


def test_nothing_is_fetched_unasked(server: WebServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ingest", server.address("/fares")]) == 2
    assert "not fetched unless you say so. Add --web" in capsys.readouterr().err
    assert cli.run(["sync", server.address("/fares")]) == 2
    assert server.asked == []


def test_a_page_that_may_not_be_fetched_is_named_with_the_reason(
    server: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ingest", "--web", server.address("/fares", PRIVATE)]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "0 of 1 files are in" in shown
    assert "private network" in shown
