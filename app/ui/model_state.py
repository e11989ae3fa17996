"""At the foot of the side: the fetching of a better model, with its progress, and the buttons that begin and end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app.ui.markup.model import notice_html, pull_html, pull_line
from app.ui.markup.text import escape_markdown
from core.errors import LecternError
from generate.download import in_words

if TYPE_CHECKING:
    from app.ui.shared import SharedState


def show(shared: SharedState) -> None:
    """Draw it; nothing where the person chose a model."""
    state = shared.pull.state()
    if html := pull_html(state):
        st.html(html)
    if state.moving:
        st.progress(state.share, escape_markdown(pull_line(state)))
        if state.stage == "fetching":
            _button("Not now", "fetch-later", shared.fetch_later)
        return
    if state.stage == "failed":
        _button("Try again", "fetch-again", shared.fetch)
        _button("Not now", "fetch-later", shared.fetch_later)
    elif size := shared.fetchable:
        _button(f"Fetch a model that reads better ({in_words(size)})", "fetch", shared.fetch)
    elif state.stage != "taken" and (notice := shared.notice):
        st.html(notice_html(notice))


def _button(label: str, key: str, act: Callable[[], None]) -> None:
    st.button(escape_markdown(label), key=key, type="tertiary", on_click=_or_toast, args=(act,))


def _or_toast(act: Callable[[], None]) -> None:
    try:
        act()
    except LecternError as error:
        st.session_state.toast = escape_markdown(str(error))
    except OSError as error:
        st.session_state.toast = escape_markdown(f"This cannot be noted: {error.strerror}.")
