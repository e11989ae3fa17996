"""Nothing calls out: the command line with every connection but loopback cut, and others' telemetry turned on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import closed
from app.ui import server
from core import hub
from core.settings import load_settings

GUARD = Path(__file__).parents[1] / "closed"
LOUD = {
    "LANGSMITH_TRACING": "true",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "none",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true",
}


@pytest.fixture
def guarded(home, tmp_path):
    """Run Python with the guard that tests/closed puts into every process; returns its result and what it caught."""
    calls = tmp_path / "calls.txt"

    def start(*arguments: str):
        environment = os.environ | LOUD | {"PYTHONPATH": str(GUARD), "LECTERN_TEST_CALLS": str(calls)}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)
        return done, calls.read_text() if calls.exists() else ""

    return start


def test_the_guard_catches_who_calls_out(guarded):
    done, calls = guarded("-c", "import socket; socket.create_connection(('192.0.2.1', 80), 1)")
    assert done.returncode == 1
    assert calls.startswith("resolve 192.0.2.1")
    done, calls = guarded("-c", "import urllib.request; urllib.request.urlopen('http://example.org')")
    assert "resolve example.org" in calls


def test_ingest_and_ask_call_nobody(guarded, tmp_path):
    (tmp_path / "harbour.md").write_text("# Fuel\n\nThe fuel tank of the Marigold holds 180 litres.\n")
    done, calls = guarded("-m", "app.cli", "ingest", str(tmp_path / "harbour.md"))
    assert (done.returncode, calls) == (0, ""), done.stderr
    done, calls = guarded("-m", "app.cli", "ask", "How much does the fuel tank of the Marigold hold?")
    assert (done.returncode, calls) == (0, ""), done.stderr
    assert "180 litres" in done.stdout


@pytest.fixture
def environment(monkeypatch):
    for name, value in LOUD.items():
        monkeypatch.setenv(name, value)
    for name in (*closed.SILENT, *hub.OFFLINE, hub.BEFORE):
        monkeypatch.setenv(name, os.environ.get(name, "true"))
    monkeypatch.delenv(hub.BEFORE)
    return os.environ


def test_telemetry_is_off_whatever_the_environment_says(home, environment):
    closed.close(load_settings())
    assert environment["LANGSMITH_TRACING"] == environment["LANGCHAIN_TRACING_V2"] == "false"
    assert environment["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] == "false"
    assert server.options(load_settings(), 8501)["browser_gatherUsageStats"] is False


def test_telemetry_is_on_where_the_settings_say_so(home, environment):
    settings = load_settings(telemetry=True)
    closed.close(settings)
    assert environment["LANGSMITH_TRACING"] == "true"
    assert server.options(settings, 8501)["browser_gatherUsageStats"] is True


def test_the_hub_is_out_of_reach_unless_a_model_there_is_named(home, environment):
    environment["HF_HUB_OFFLINE"] = "0"
    closed.close(load_settings(embedder="someone/some-model"))
    assert environment["HF_HUB_OFFLINE"] == "0"
    closed.close(load_settings())
    assert environment["HF_HUB_OFFLINE"] == "1"
