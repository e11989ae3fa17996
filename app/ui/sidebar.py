"""The side of the page: which library, which conversation, which documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.chat.open_chat import OpenChat
from app.commands.common import settings_for
from app.ui import model_settings, model_state
from app.ui.document_entry import reading_progress, removal, show_document, toast_later
from app.ui.markup.library import footer_html, upload_line, upload_report_html
from app.ui.markup.text import escape_markdown, failure_html
from app.what_leaves import what_leaves
from core.errors import LecternError
from core.messages import _
from index.store.chats import Chats
from index.store.library import list_libraries

if TYPE_CHECKING:
    from app.chat.upload_state import IngestState
    from app.ui.shared import SharedState, Workspace

POLL_SECONDS = 0.5
"""Between two drawings of an ingest's progress."""

DOCUMENTS_SHOWN = 40
"""Documents listed in the sidebar; where there are more, a line to find them appears."""

CHATS_SHOWN = 30
"""Conversations listed in the sidebar, the latest first, and how many more "Older" adds."""


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
    here, elsewhere = _("Your documents, on your machine"), _("Your documents, with a server's model")
    tag = elsewhere if what_leaves(shared.settings) else here
    st.sidebar.html(f'<p class="lc-name">Lectern</p><p class="lc-tag">{tag}</p>')
    if st.session_state.get("library") != shown:  # the address was changed, as by the browser's Back
        st.session_state.library = shown
    st.sidebar.selectbox(
        _("Library"),
        names,
        accept_new_options=True,
        help=_("A library is a set of documents with its own conversations. Type a name to make another."),
        on_change=switch_library,
        args=(shared,),
        key="library",
    )
    return shown


def switch_library(shared: SharedState) -> None:
    """Open the library that was chosen, or make the one whose name was typed."""
    name = (st.session_state.library or shared.settings.library).strip()
    try:
        workspace = shared.workspace(settings_for(name).library)
    except LecternError as error:
        st.toast(escape_markdown(str(error)), duration="long")
        return
    open_chat(workspace)


def conversations(workspace: Workspace) -> OpenChat:
    """Buttons to begin, open and delete conversations; returns the conversation that the page shows."""
    st.sidebar.button(
        _("New conversation"),
        icon=":material/add:",
        width="stretch",
        on_click=open_chat,
        args=(workspace,),
        key="new",
    )
    chat = current_chat(workspace)
    with st.sidebar.container(key="chats", gap=None):
        chats, shown = Chats(workspace.library).list(), st.session_state.get("chats_shown", CHATS_SHOWN)
        for saved in chats[:shown]:
            with st.container(key=f"chat-row-{saved.id}", horizontal=True, wrap=False, gap=None):
                st.button(
                    escape_markdown(saved.title),
                    key=f"open-{saved.id}",
                    type="tertiary",
                    icon=":material/chevron_right:" if saved.id == chat.key else None,
                    width="stretch",
                    on_click=open_chat,
                    args=(workspace, saved.id),
                )
                st.menu_button(
                    escape_markdown(_("Delete “{title}”", title=saved.title)),
                    [_("Delete")],
                    key=f"delete-{saved.id}",
                    type="tertiary",
                    icon=":material/more_horiz:",
                    on_click=delete_chat,
                    args=(workspace, saved.id),
                )
        if len(chats) > shown:
            st.button(
                _("Older ({number})", number=len(chats) - shown), key="older", type="tertiary", on_click=show_older
            )
    return chat


def show_older() -> None:
    st.session_state.chats_shown = st.session_state.get("chats_shown", CHATS_SHOWN) + CHATS_SHOWN


def current_chat(workspace: Workspace) -> OpenChat:
    """The conversation that the page's address names, so that a reload finds it again; else a new one."""
    address = st.query_params
    if (named := address.get("chat")) and address.get("library", workspace.name) == workspace.name:
        try:
            chat = workspace.chats.get(named)
            chat.snapshot()
        except LecternError as error:
            st.html(failure_html(str(error)))
        else:
            return chat
    return workspace.chats.new()


def open_chat(workspace: Workspace, chat_id: str = "") -> None:
    """Put the conversation's id ("" for none) into the address, in one change: one step of the browser's Back."""
    st.query_params.from_dict({"library": workspace.name} | ({"chat": chat_id} if chat_id else {}))


def delete_chat(workspace: Workspace, chat_id: str) -> None:
    try:
        workspace.chats.delete(chat_id)
    except LecternError as error:
        st.toast(escape_markdown(str(error)), duration="long")
        return
    if st.query_params.get("chat") == chat_id:
        open_chat(workspace)


def documents(workspace: Workspace) -> None:
    """Upload, progress, and the list of what is in the library."""
    batch = st.session_state.setdefault("batch", 0)
    st.sidebar.file_uploader(
        _("Add documents"),
        accept_multiple_files=True,
        key=f"upload-{batch}",
        on_change=take_uploads,
        args=(workspace, f"upload-{batch}"),
        help=_("PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, text, EPUB, mail."),
    )
    if to_remove := st.session_state.pop("removal", None):
        removal(workspace, *to_remove)
    if line := st.session_state.pop("toast", None):
        st.toast(line)
    busy = workspace.uploads.state().running or workspace.opened.open_documents.shown_state().is_changing
    with st.sidebar.container(key="documents"):
        st.fragment(shown_documents, run_every=POLL_SECONDS if busy else None)(workspace, busy)


def take_uploads(workspace: Workspace, key: str) -> None:
    """Hand the files over and empty the box for the next ones."""
    files = st.session_state.get(key) or []
    if not files or key != f"upload-{st.session_state.batch}":  # Streamlit may deliver one change twice
        return
    try:
        workspace.uploads.add([(file.name, file.getvalue()) for file in files])
    except OSError as error:
        line = _("The files could not be kept: {reason}. Check the disk's free space.", reason=error.strerror)
        st.toast(escape_markdown(line))
    st.session_state.batch += 1


def shown_documents(workspace: Workspace, was_busy: bool) -> None:
    """The uploads and the documents; draws the whole page again when the last is in, and when one begins to open."""
    state, reading = workspace.uploads.state(), workspace.opened.open_documents.shown_state()
    if was_busy != (state.running or reading.is_changing) or {"removal", "toast"} & set(st.session_state):
        st.rerun()
    reading_progress(reading)
    if state.running:
        st.progress(state.share, escape_markdown(upload_line(state)))
        st.button(
            _("Stopping…") if state.stopping else _("Stop adding"),
            key="stop-upload",
            type="tertiary",
            disabled=state.stopping,
            on_click=workspace.uploads.cancel,
        )
    if state.outcomes or state.error or state.note:
        report_uploads(workspace, state)
    records = workspace.library.documents()
    if len(records) > DOCUMENTS_SHOWN:
        wanted = st.text_input(
            _("Find a document"),
            key="find-document",
            placeholder=_("Find among {number} documents", number=len(records)),
            label_visibility="collapsed",
        ).casefold()
        records = [record for record in records if wanted in f"{record.name} {record.title}".casefold()]
    for record in records[:DOCUMENTS_SHOWN]:
        show_document(workspace, record, reading)


def report_uploads(workspace: Workspace, state: IngestState) -> None:
    """What came of the uploaded files: only what a person has to know, the files that are in are listed below."""
    st.html(upload_report_html(state))
    former = {version.document_id for version in workspace.library.replaced_versions()} if state.outcomes else set()
    replaced = {outcome.former: outcome.name for outcome in state.outcomes}  # one may have been replaced twice
    for document_id, name in replaced.items():
        if document_id in former:
            st.button(
                escape_markdown(_("Bring the earlier “{name}” back", name=name)),
                key=f"bring-back-{document_id[:16]}",
                type="tertiary",
                icon=":material/undo:",
                on_click=bring_back,
                args=(workspace, document_id),
            )
    if state.running:
        return
    if state.left:
        st.button(_("Try again"), key="retry", type="tertiary", on_click=workspace.uploads.retry)
    label = _("Leave them out") if state.left else _("OK")
    st.button(label, key="dismiss", type="tertiary", on_click=workspace.uploads.dismiss)


def bring_back(workspace: Workspace, document_id: str) -> None:
    """Put a version that an upload replaced back beside the newer one."""
    try:
        name = workspace.library.bring_back(document_id)
    except LecternError as error:
        toast_later(escape_markdown(str(error)))
    else:
        toast_later(escape_markdown(_("The earlier version is back, as “{name}”.", name=name)))


def footer(shared: SharedState) -> None:
    """Which model answers and whether it is loaded, drawn again until it is; and the offer of a better one."""
    with st.sidebar.container(key="footer"):
        every = None if shared.ready.is_set() else 2 * POLL_SECONDS
        st.fragment(shown_footer, run_every=every)(shared, shared.ready.is_set())
        if shared.ready.is_set():
            model_state.offer(shared)
        model_settings.button(shared)


def shown_footer(shared: SharedState, was_ready: bool) -> None:
    ready = shared.ready.is_set()
    if ready and not was_ready:
        st.rerun()
    st.html(footer_html(shared.model_name, leaves=what_leaves(shared.settings), ready=ready, failure=shared.failure))
