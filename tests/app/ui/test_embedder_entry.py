"""At the side of the page: a library is changed to a better embedder, where there is one."""

from streamlit.testing.v1 import AppTest


def side(better: str, error: str) -> None:
    from types import SimpleNamespace
    from unittest.mock import patch

    import streamlit as st

    from app.chat.embedder_change import ChangeState
    from app.ui import embedder_entry

    state = st.session_state.setdefault("state", ChangeState(error=error))

    def begin(name: str) -> None:
        st.session_state.begun = name
        st.session_state.state = ChangeState(running=True, done=96, chunks=4512, seconds_left=200.0)

    def stop() -> None:
        st.session_state.state = ChangeState()

    change = SimpleNamespace(state=lambda: st.session_state.state, begin=begin, stop=stop)
    assert state is not None
    with patch("app.ui.embedder_entry.better_embedder", lambda _library, _settings: better):
        workspace = SimpleNamespace(embedder_change=change, library=None, settings=None)
        embedder_entry.entry(workspace)  # type: ignore[arg-type]


def test_one_button_begins_it_and_its_progress_can_be_stopped() -> None:
    page = AppTest.from_function(side, args=("multilingual", "")).run(timeout=20)
    (button,) = page.button
    assert button.label == "Search by meaning in any language"
    button.click().run()
    assert not page.exception
    assert page.session_state.begun == "multilingual"
    (bar,) = page.get("progress")
    assert "96 of 4,512 passages" in bar.proto.text
    (stop,) = page.button
    stop.click().run()
    assert [button.label for button in page.button] == ["Search by meaning in any language"]


def test_nothing_is_offered_where_there_is_nothing_better() -> None:
    page = AppTest.from_function(side, args=("", "")).run(timeout=20)
    assert not page.exception
    assert not page.button


def test_why_it_failed_is_shown() -> None:
    page = AppTest.from_function(side, args=("multilingual", "the disk is full. Make room.")).run(timeout=20)
    assert "the disk is full" in page.get("html")[0].proto.body
    assert page.button
