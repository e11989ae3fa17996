"""Documents that are kept open, in the side of the page: the choice at each, and how far they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.chat import messages as say
from app.ui.markup.text import escape_markdown, failure_html
from core.errors import LecternError

if TYPE_CHECKING:
    from app.chat.open_documents import OpenState
    from app.ui.shared import Workspace
    from index.store.records import DocumentRecord


def choice(record: DocumentRecord, state: OpenState) -> str:
    """What the menu of a document offers: to keep it open, or to close it."""
    return say.CLOSE if record.id in (*state.documents, *state.preparing) else say.KEEP_OPEN


def change(workspace: Workspace, record: DocumentRecord) -> None:
    """Keep the document open, or close it where it is."""
    documents = workspace.opened.open_documents
    if record.id not in documents.documents:
        documents.begin_to_open(record.id)
        return
    try:
        documents.close(record.id)
    except LecternError as error:
        st.session_state.toast = escape_markdown(str(error))


def progress(state: OpenState) -> None:
    """A bar while documents are read, and why one could not be opened."""
    if state.preparing:
        st.progress(0.0, say.PREPARING)
    elif state.is_changing:
        st.progress(state.share, escape_markdown(say.READING.format(names=", ".join(state.names), share=state.share)))
    if state.problem:
        st.html(failure_html(state.problem))
