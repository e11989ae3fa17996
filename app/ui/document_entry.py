"""A document in the side of the page: what can be done with it, and how far what is kept open is read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.chat import messages as say
from app.ui.markup.library import document_html, removal_html
from app.ui.markup.text import escape_markdown, failure_html
from core.errors import LecternError
from core.messages import _
from index.store.quotes import count_quotes

if TYPE_CHECKING:
    from app.chat.open_documents import OpenState
    from app.ui.shared import Workspace
    from index.store.records import DocumentRecord


def show_document(workspace: Workspace, record: DocumentRecord, reading: OpenState) -> None:
    with st.container(key=f"doc-{record.id[:16]}", horizontal=True, wrap=False, vertical_alignment="center", gap=None):
        st.html(document_html(record, is_open=record.id in reading.documents))
        choices = {
            open_choice(record, reading): partial(open_or_close, workspace, record),
            _("Remove from library"): partial(ask_to_remove, workspace, record),
        }
        st.menu_button(
            escape_markdown(_("What to do with “{name}”", name=record.name)),
            list(choices),
            key=f"document-menu-{record.id[:16]}",
            type="tertiary",
            icon=":material/more_horiz:",
            on_click=lambda: choices[st.session_state[f"document-menu-{record.id[:16]}"]](),
        )


def ask_to_remove(workspace: Workspace, record: DocumentRecord) -> None:
    """Remove a document; where saved chats or kept questions quote it, ask first what becomes of the quotes."""
    if count_quotes(workspace.library, [record.id]):
        st.session_state.removal = record.id, record.name  # a dialog is drawn by the page, not by a fragment
    else:
        remove_document(workspace, record.id)


@st.dialog(_("Remove a document"))
def removal(workspace: Workspace, document_id: str, name: str) -> None:
    """Say which chats and kept questions quote the document, and let the person choose whether the quotes go too."""
    st.html(removal_html(name, count_quotes(workspace.library, [document_id])))
    take_quotes = st.checkbox(_("Take these words out too"), key="take-quotes")
    with st.container(horizontal=True):
        if st.button(_("Remove"), key="remove-confirmed", type="primary"):
            remove_document(workspace, document_id, quotes=take_quotes)
            st.rerun()
        if st.button(_("Keep it"), key="remove-not"):
            st.rerun()


def remove_document(workspace: Workspace, document_id: str, *, quotes: bool = False) -> None:
    try:
        workspace.library.remove_ids([document_id], quotes=quotes)
        workspace.opened.models.forget()
    except LecternError as error:
        toast_later(escape_markdown(str(error)))


def toast_later(line: str) -> None:
    """Show ``line`` as a toast when the whole page is drawn next.

    A toast from a fragment would take the place of the page's first element, its style sheet.
    """
    st.session_state.toast = line


def open_choice(record: DocumentRecord, state: OpenState) -> str:
    """What the menu of a document offers: to keep it open, or to close it."""
    return _(say.CLOSE) if record.id in (*state.documents, *state.preparing) else _(say.KEEP_OPEN)


def open_or_close(workspace: Workspace, record: DocumentRecord) -> None:
    """Keep the document open, or close it where it is."""
    documents = workspace.opened.open_documents
    if record.id not in documents.documents:
        documents.begin_to_open(record.id)
        return
    try:
        documents.close(record.id)
    except LecternError as error:
        toast_later(escape_markdown(str(error)))


def reading_progress(state: OpenState) -> None:
    """A bar while documents are read, and why one could not be opened."""
    if state.preparing:
        st.progress(0.0, _(say.PREPARING))
    elif state.is_changing:
        st.progress(state.share, escape_markdown(_(say.READING, names=", ".join(state.names), share=state.share)))
    if state.problem:
        st.html(failure_html(state.problem))
