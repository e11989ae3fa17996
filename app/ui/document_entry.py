"""What can be done with documents: kept open, and removed, with a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.chat import messages as say
from app.ui import dialogs
from app.ui.markup.library import removal_html
from app.ui.markup.text import escape_markdown, failure_html
from app.ui.sidebar import say_failure
from core.errors import LecternError
from core.messages import _
from index.store.quotes import count_quotes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.chat.open_documents import OpenState
    from app.ui.workspace import Workspace
    from index.store.records import DocumentRecord


def ask_to_remove(workspace: Workspace, records: Sequence[DocumentRecord]) -> None:
    """Remove documents; where saved chats or kept questions quote them, ask first what becomes of the quotes."""
    if count_quotes(workspace.library, [record.id for record in records]):
        removal(workspace, records)
    else:
        set_aside(workspace, records)
        st.rerun()


@dialogs.dialog(_("Remove from the library"))
def removal(workspace: Workspace, records: Sequence[DocumentRecord]) -> None:
    """Say which chats and kept questions quote the documents, and let the person choose whether the quotes go too."""
    ids = [record.id for record in records]
    st.html(removal_html(", ".join(record.name for record in records), count_quotes(workspace.library, ids)))
    take_quotes = st.checkbox(_("Take these words out too; this cannot be undone"), key="take-quotes")
    with st.container(horizontal=True):
        if st.button(_("Remove"), key="remove-confirmed", type="primary"):
            if take_quotes:
                remove_for_good(workspace, ids, quotes=True)
            else:
                set_aside(workspace, records)
            st.rerun()
        if st.button(_("Keep it"), key="remove-not"):
            st.rerun()


def set_aside(workspace: Workspace, records: Sequence[DocumentRecord]) -> None:
    """Take documents out so that they can be brought back until the next files are added (``Library.bring_back``)."""
    try:
        workspace.library.drop_sources([source for record in records for source in record.sources])
        workspace.opened.models.forget()
        workspace.library.drop_states_of_others()  # one may have been kept before it was forgotten
    except LecternError as error:
        say_failure(error)


def remove_for_good(workspace: Workspace, document_ids: Sequence[str], *, quotes: bool = False) -> None:
    """Remove documents with their bytes on the disk."""
    try:
        workspace.library.remove_ids(document_ids, quotes=quotes)
        workspace.opened.models.forget()
        workspace.library.drop_states_of_others()
    except LecternError as error:
        say_failure(error)


def open_choice(record: DocumentRecord, state: OpenState) -> str:
    """What is offered for a document: to keep it open, or to close it."""
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
        say_failure(error)


def reading_progress(state: OpenState) -> None:
    """A bar while documents are read, and why one could not be opened."""
    if state.preparing:
        st.progress(0.0, _(say.PREPARING))
    elif state.is_changing:
        st.progress(state.share, escape_markdown(_(say.READING, names=", ".join(state.names), share=state.share)))
    if state.problem:
        st.html(failure_html(state.problem))
