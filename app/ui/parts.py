"""The three parts of the page, each read top to bottom: Chat, Documents, Settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import streamlit as st

from app.ui import (
    chat_list,
    companion,
    documents_part,
    embedder_entry,
    library_entry,
    model_state,
    settings_part,
    shared,
    sidebar,
    transcript,
    uploads,
)
from app.ui.markup.text import failure_html
from core.errors import LecternError
from core.messages import _


def parts() -> dict[str, st.Page]:
    """The parts by name, as Streamlit's navigation takes them; the first is at the page's own address."""
    return {
        "chat": st.Page(_saying_failures(chat), title=_("Chat"), icon=":material/forum:", default=True),
        "documents": st.Page(
            _saying_failures(documents), title=_("Documents"), icon=":material/folder_open:", url_path="documents"
        ),
        "settings": st.Page(
            _saying_failures(settings), title=_("Settings"), icon=":material/settings:", url_path="settings"
        ),
    }


def chat() -> None:
    """The conversations at the side; the one that is open, and the line to type in."""
    state = shared.shared_state()
    sidebar.head(state, parts())
    workspace = state.workspace(sidebar.choose_library(state))
    opened = chat_list.conversations(workspace)
    sidebar.toasts()
    model_state.progress(state)
    uploads.at_the_side(workspace)
    sidebar.footer(state)
    companion.show(workspace, opened)
    transcript.show(workspace, opened)
    sidebar.remember_address()


def documents() -> None:
    """What the library holds, and what can be done with it."""
    state = shared.shared_state()
    sidebar.head(state, parts())
    workspace = state.workspace(sidebar.choose_library(state))
    sidebar.toasts()
    model_state.progress(state)
    sidebar.footer(state)
    companion.show(workspace, workspace.chats.new())
    documents_part.show(workspace, parts()["chat"])
    embedder_entry.entry(workspace)
    library_entry.entry(state, workspace)


def settings() -> None:
    """Models, the embedder, how long an answer may take, the look, and what leaves the machine."""
    state = shared.shared_state()
    sidebar.head(state, parts())
    workspace = state.workspace(sidebar.choose_library(state))
    sidebar.toasts()
    model_state.progress(state)
    sidebar.footer(state)
    settings_part.show(state, workspace)


def _saying_failures(part: Callable[[], None]) -> Callable[[], None]:
    """The part; what it raises for a person is shown to them."""

    @wraps(part)
    def shown() -> None:
        try:
            part()
        except LecternError as error:
            st.html(failure_html(str(error)))

    return shown
