"""Below the documents: a library is changed to the embedder that knows more languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.chat.better_embedder import better_embedder
from app.ui import dialogs
from app.ui.markup.model import change_line
from app.ui.markup.text import escape_markdown, failure_html
from core.messages import N_, _

if TYPE_CHECKING:
    from app.ui.workspace import Workspace

POLL_SECONDS = 1.0
"""Between two drawings of the progress."""

LABEL = N_("Search by meaning in any language")
HELP = N_(
    "This library is searched by meaning in English, and by its words in other languages. Its passages are read again "
    "by an embedder that knows about 100 languages; you can ask meanwhile."
)


def entry(workspace: Workspace) -> None:
    """A button that begins the change where there is a better embedder, its progress while it runs."""
    running = workspace.embedder_change.state().running
    with st.container(key="embedder"):
        st.fragment(_shown, run_every=POLL_SECONDS if running else None)(workspace, running)


def _shown(workspace: Workspace, was_running: bool) -> None:
    change = workspace.embedder_change
    state = change.state()
    if state.running != was_running:
        dialogs.draw_again()
    if state.running:
        st.progress(state.share, escape_markdown(change_line(state)))
        st.button(
            _("Stopping…") if state.stopping else _("Stop for now"),
            key="stop-embedder",
            type="tertiary",
            disabled=state.stopping,
            on_click=change.stop,
        )
        return
    if state.error:
        st.html(failure_html(_("The embedder could not be changed: {error}", error=state.error)))
    if name := better_embedder(workspace.library, workspace.settings):
        st.button(_(LABEL), key="change-embedder", type="tertiary", help=_(HELP), on_click=change.begin, args=(name,))
