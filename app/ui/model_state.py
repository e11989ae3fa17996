"""At the side: a better model that is being fetched, with its progress, and the buttons that begin and end it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import dialogs
from app.ui.markup.model import notice_html, pull_html, pull_line
from app.ui.markup.text import escape_markdown
from core.errors import LecternError
from core.messages import _
from generate.download import in_words

if TYPE_CHECKING:
    from app.chat.model_pull import PullState
    from app.ui.shared import SharedState

POLL_SECONDS = 1.0
"""Between two drawings of the progress."""


def progress(shared: SharedState) -> None:
    """How far the fetching is, why it failed, or that the model has come; drawn again until it is done."""
    states = shared.pull.state(), shared.embedder_pull.state()
    if all(state.stage in ("idle", "stopped") for state in states):
        return
    moving = [state.moving for state in states]
    with st.sidebar.container(key="model-pull"):
        st.fragment(_progress, run_every=POLL_SECONDS if any(moving) else None)(shared, moving)


def _progress(shared: SharedState, was_moving: Sequence[bool]) -> None:
    state, embedder = shared.pull.state(), shared.embedder_pull.state()
    if [state.moving, embedder.moving] != was_moving or "toast" in st.session_state:
        dialogs.draw_again()  # all of the page: it says which model answers
    _one(state, _("A model that reads better"))
    if embedder.stage != "failed":  # libraries are searched as before, and the next start tries again
        _one(embedder, _("What finds passages in about 100 languages"))
    with st.container(horizontal=True, key="model-pull-buttons"):
        if state.stage == "failed":
            _button(_("Try again"), "fetch-again", shared.fetch)
        if state.stage in ("fetching", "failed") or embedder.stage == "fetching":
            _button(_("Not now"), "fetch-later", shared.fetch_later)


def _one(state: PullState, what: str) -> None:
    if html := pull_html(state, what):
        st.html(html)
    if state.moving:
        st.progress(state.share, escape_markdown(pull_line(state)))


def offer(shared: SharedState) -> None:
    """A button to fetch the better model where it is not here, or why it does not answer where it is."""
    if shared.pull.state().stage in ("idle", "stopped"):
        if size := shared.fetchable:
            _button(_("Fetch a model that reads better ({size})", size=in_words(size)), "fetch", shared.fetch)
        elif notice := shared.notice:
            st.html(notice_html(notice))


def _button(label: str, key: str, act: Callable[[], None]) -> None:
    st.button(escape_markdown(label), key=key, type="tertiary", on_click=_or_toast, args=(act,))


def _or_toast(act: Callable[[], None]) -> None:
    """Do it; what goes wrong is said in a toast, by the page when all of it is drawn next."""
    try:
        act()
    except LecternError as error:
        st.session_state.toast = escape_markdown(str(error))
    except OSError as error:
        st.session_state.toast = escape_markdown(_("This cannot be noted: {reason}.", reason=error.strerror))
