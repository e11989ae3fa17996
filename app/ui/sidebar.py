"""The side of the page: its parts, the library, and at the foot which model answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.chat.temporary import PREFIX
from app.commands.common import settings_for
from app.ui import dialogs, model_state
from app.ui.markup.library import footer_html
from app.ui.markup.text import escape_markdown, failure_html
from app.ui.shared import shared_state
from app.what_leaves import what_leaves
from core.errors import LecternError
from core.messages import _
from index.store.library import list_libraries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.ui.shared import SharedState
    from app.ui.workspace import Workspace

POLL_SECONDS = 1.0
"""Between two looks at whether the models are loaded."""


def head(shared: SharedState, parts: Mapping[str, st.Page]) -> None:
    """The name, and the ways to the other parts, which keep the library and the conversation."""
    here, elsewhere = _("Your documents, on your machine"), _("Your documents, with a server's model")
    tag = elsewhere if what_leaves(shared.settings) else here
    st.sidebar.html(f'<p class="lc-name">Lectern</p><p class="lc-tag">{tag}</p>')
    library = st.query_params.get("library")
    address = st.session_state.get("address", {})
    with st.sidebar.container(key="parts", gap="xxsmall"):
        for name, part in parts.items():
            same = address.get("library") == [library] or library is None
            kept = address if name == "chat" and same else {"library": library} if library else {}
            st.page_link(part, query_params=kept)


def remember_address() -> None:
    """Keep the address of the chat, with the choices that it holds, for the way back from another part."""
    st.session_state.address = {name: st.query_params.get_all(name) for name in st.query_params}


def toasts() -> None:
    """Say what a fragment or a dialog has left to be said."""
    if line := st.session_state.pop("toast", None):
        st.toast(line)


def toast_later(line: str) -> None:
    """Show ``line`` as a toast when the whole page is drawn next.

    A toast from a fragment would take the place of the page's first element, its style sheet.
    """
    st.session_state.toast = line


def choose_library(shared: SharedState) -> str:
    """The name of the library that the page's address names; the box opens another one, or makes one."""
    default = shared.settings.library
    names = sorted({default, *list_libraries(shared.settings)})
    named = st.query_params.get("library", default)
    shown = named if named in names else default  # an address makes no library; a name that is typed does
    if named != shown:
        line = _(
            "There is no library '{named}'. This is '{shown}': choose another on the left, or type a name to make one.",
            named=named,
            shown=shown,
        )
        st.html(failure_html(line))
    if refused := st.session_state.pop("refused_library", ""):
        st.html(failure_html(refused))
    if st.session_state.get("library-box") != shown:  # the address was changed, as by the browser's Back
        st.session_state["library-box"] = shown
    st.sidebar.selectbox(
        _("Library"),
        names,
        accept_new_options=True,
        help=_("A library is a set of documents with its own conversations. Type a name to make another."),
        on_change=switch_library,
        args=(shared,),
        key="library-box",
    )
    return shown


def switch_library(shared: SharedState) -> None:
    """Open the library that was chosen, or make the one whose name was typed."""
    name = (st.session_state["library-box"] or shared.settings.library).strip()
    try:
        workspace = shared.workspace(settings_for(name).library)
    except LecternError:
        st.session_state.refused_library = _(
            "A library cannot be called “{name}”. Use letters, digits, - and _ , and begin with a letter or a digit.",
            name=name,
        )
        return
    open_chat(workspace)


def open_chat(workspace: Workspace, chat_id: str = "", *, temporary: bool = False) -> None:
    """Put the conversation's id ("" for none) into the address, in one change: one step of the browser's Back.

    A temporary conversation that is left is forgotten. ``temporary``: the new one is to be temporary.
    """
    before = st.query_params.get("chat", "")
    if before.startswith(PREFIX) and before != chat_id:
        shared_state().forget(st.query_params.get("library", workspace.name), before)
    changed = {"library": workspace.name, "chat": chat_id, "temporary": "1" if temporary else ""}
    st.query_params.update({name: value for name, value in changed.items() if value or name == "chat"})
    if not temporary:
        st.query_params.pop("temporary", None)


def footer(shared: SharedState) -> None:
    """Which model answers and whether it is loaded, drawn again until it is; and the offer of a better one."""
    with st.sidebar.container(key="footer"):
        every = None if shared.ready.is_set() else POLL_SECONDS
        st.fragment(shown_footer, run_every=every)(shared, shared.ready.is_set())
        if shared.ready.is_set():
            model_state.offer(shared)


def shown_footer(shared: SharedState, was_ready: bool) -> None:
    ready = shared.ready.is_set()
    if ready and not was_ready:
        dialogs.draw_again()
    st.html(footer_html(shared.model_name, leaves=what_leaves(shared.settings), ready=ready, failure=shared.failure))


def say_failure(error: LecternError) -> None:
    toast_later(escape_markdown(str(error)))
