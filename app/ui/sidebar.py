"""The side of the page: which library, which conversation, which documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.chat.open_chats import Talk
from app.commands.common import settings_for
from app.ui import markup
from core.errors import LecternError
from generate.catalogue import REMOTE
from index.store.chats import Chats
from index.store.library import list_libraries
from index.store.quotes import count_quotes

if TYPE_CHECKING:
    from app.chat.upload_queue import IngestState
    from app.ui.shared import Library, Workshop
    from index.store.records import DocumentRecord

POLL_SECONDS = 0.5
"""Between two looks at an ingest."""

DOCUMENTS_SHOWN = 40
"""Documents listed in the sidebar; where there are more, a line to find them appears."""

CHATS_SHOWN = 30
"""Conversations listed in the sidebar, the latest first, and how many more "Older" adds."""


def choose_library(workshop: Workshop) -> str:
    """The library's name, which the page's address says; typing another name makes one."""
    default = workshop.settings.library
    names = sorted({default, *list_libraries(workshop.settings)})
    named = st.query_params.get("library", default)
    shown = named if named in names else default  # an address makes no library; a name that is typed does
    if named != shown:
        line = (
            f"There is no library '{named}'. This is '{shown}': choose another on the left, or type a name to make one."
        )
        st.html(markup.failure(line))
    st.sidebar.html('<p class="lc-name">Lectern</p><p class="lc-tag">Your documents, on your machine</p>')
    if st.session_state.get("library") != shown:  # the address was changed, as by the browser's Back
        st.session_state.library = shown
    st.sidebar.selectbox(
        "Library",
        names,
        accept_new_options=True,
        help="A library is a set of documents with its own conversations. Type a name to make another.",
        on_change=switch_library,
        args=(workshop,),
        key="library",
    )
    return shown


def switch_library(workshop: Workshop) -> None:
    """Open the library that was chosen, or make the one whose name was typed."""
    name = (st.session_state.library or workshop.settings.library).strip()
    try:
        library = workshop.library(settings_for(name).library)
    except LecternError as error:
        st.toast(markup.unmarked(str(error)), duration="long")
        return
    open_chat(library)


def conversations(library: Library) -> Talk:
    """New, reopen, delete; returns the conversation that is on the page."""
    st.sidebar.button(
        "New conversation", icon=":material/add:", width="stretch", on_click=open_chat, args=(library,), key="new"
    )
    talk = current_talk(library)
    with st.sidebar.container(key="chats", gap=None):
        chats, shown = Chats(library.desk.library).list(), st.session_state.get("chats_shown", CHATS_SHOWN)
        for chat in chats[:shown]:
            with st.container(key=f"chat-row-{chat.id}", horizontal=True, wrap=False, gap=None):
                st.button(
                    markup.unmarked(chat.title),
                    key=f"open-{chat.id}",
                    type="tertiary",
                    icon=":material/chevron_right:" if chat.id == talk.key else None,
                    width="stretch",
                    on_click=open_chat,
                    args=(library, chat.id),
                )
                st.menu_button(
                    markup.unmarked(f"Delete “{chat.title}”"),
                    ["Delete"],
                    key=f"delete-{chat.id}",
                    type="tertiary",
                    icon=":material/more_horiz:",
                    on_click=delete_chat,
                    args=(library, chat.id),
                )
        if len(chats) > shown:
            st.button(f"Older ({len(chats) - shown})", key="older", type="tertiary", on_click=show_older)
    return talk


def show_older() -> None:
    st.session_state.chats_shown = st.session_state.get("chats_shown", CHATS_SHOWN) + CHATS_SHOWN


def current_talk(library: Library) -> Talk:
    """The conversation that the page's address names, which a reload keeps; else an empty one."""
    address = st.query_params
    if (named := address.get("chat")) and address.get("library", library.name) == library.name:
        try:
            talk = library.talks.get(named)
            talk.look()
        except LecternError as error:
            st.html(markup.failure(str(error)))
        else:
            return talk
    return library.talks.new()


def open_chat(library: Library, chat_id: str = "") -> None:
    """Let the address name a conversation, or an empty one: in one change, which the browser's Back undoes in one."""
    st.query_params.from_dict({"library": library.name} | ({"chat": chat_id} if chat_id else {}))


def delete_chat(library: Library, chat_id: str) -> None:
    try:
        library.talks.delete(chat_id)
    except LecternError as error:
        st.toast(markup.unmarked(str(error)), duration="long")
        return
    if st.query_params.get("chat") == chat_id:
        open_chat(library)


def documents(library: Library) -> None:
    """Upload, progress, and the list of what is in the library."""
    batch = st.session_state.setdefault("batch", 0)
    st.sidebar.file_uploader(
        "Add documents",
        accept_multiple_files=True,
        key=f"upload-{batch}",
        on_change=take_uploads,
        args=(library, f"upload-{batch}"),
        help="PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, text, EPUB, mail.",
    )
    if asked := st.session_state.pop("removal", None):
        removal(library, *asked)
    if said := st.session_state.pop("said", None):
        st.toast(said)
    running = library.uploads.state().running
    with st.sidebar.container(key="documents"):
        st.fragment(shown_documents, run_every=POLL_SECONDS if running else None)(library, running)


def take_uploads(library: Library, key: str) -> None:
    """Hand the files over and empty the box for the next ones."""
    files = st.session_state.get(key) or []
    if not files or key != f"upload-{st.session_state.batch}":  # Streamlit may deliver one change twice
        return
    try:
        library.uploads.add([(file.name, file.getvalue()) for file in files])
    except OSError as error:
        st.toast(markup.unmarked(f"The files could not be kept: {error.strerror}. Check the disk's free space."))
    st.session_state.batch += 1


def shown_documents(library: Library, was_running: bool) -> None:
    """The uploads and the documents; draws the whole page again when the last upload is in."""
    state = library.uploads.state()
    if (was_running and not state.running) or {"removal", "said"} & set(st.session_state):
        st.rerun()
    if state.running:
        st.progress(state.share, markup.unmarked(markup.upload_line(state)))
        st.button(
            "Stopping…" if state.stopping else "Stop adding",
            key="stop-upload",
            type="tertiary",
            disabled=state.stopping,
            on_click=library.uploads.cancel,
        )
    if state.outcomes or state.error or state.note:
        report_uploads(library, state)
    records = library.desk.library.documents()
    if len(records) > DOCUMENTS_SHOWN:
        wanted = st.text_input(
            "Find a document",
            key="find-document",
            placeholder=f"Find among {len(records)} documents",
            label_visibility="collapsed",
        ).casefold()
        records = [record for record in records if wanted in f"{record.name} {record.title}".casefold()]
    for record in records[:DOCUMENTS_SHOWN]:
        show_document(library, record)


def report_uploads(library: Library, state: IngestState) -> None:
    """What came of the uploaded files: only what a person has to know, the files that are in are listed below."""
    st.html(markup.upload_report(state))
    former = {one.document_id for one in library.desk.library.replaced_versions()} if state.outcomes else set()
    replaced = {outcome.former: outcome.name for outcome in state.outcomes}  # one may have been replaced twice
    for document_id, name in replaced.items():
        if document_id in former:
            st.button(
                markup.unmarked(f"Bring the earlier “{name}” back"),
                key=f"bring-back-{document_id[:16]}",
                type="tertiary",
                icon=":material/undo:",
                on_click=bring_back,
                args=(library, document_id),
            )
    if state.running:
        return
    if state.left:
        st.button("Try again", key="retry", type="tertiary", on_click=library.uploads.retry)
    st.button(
        "Leave them out" if state.left else "OK", key="dismiss", type="tertiary", on_click=library.uploads.dismiss
    )


def say(line: str) -> None:
    """A toast with the next drawing of the page: one from a part of the page takes the place of the page's first
    element, which is its style."""
    st.session_state.said = line


def bring_back(library: Library, document_id: str) -> None:
    """Put a version that an upload replaced back beside the newer one."""
    try:
        name = library.desk.library.bring_back(document_id)
    except LecternError as error:
        say(markup.unmarked(str(error)))
    else:
        say(markup.unmarked(f"The earlier version is back, as “{name}”."))


def show_document(library: Library, record: DocumentRecord) -> None:
    with st.container(key=f"doc-{record.id[:16]}", horizontal=True, wrap=False, vertical_alignment="center", gap=None):
        st.html(markup.document(record))
        st.menu_button(
            markup.unmarked(f"Remove “{record.name}”"),
            ["Remove from library"],
            key=f"remove-{record.id[:16]}",
            type="tertiary",
            icon=":material/more_horiz:",
            on_click=ask_to_remove,
            args=(library, record),
        )


def ask_to_remove(library: Library, record: DocumentRecord) -> None:
    """Remove a document; where chats hold words of it the person is told before, and chooses."""
    if count_quotes(library.desk.library, [record.id]):
        st.session_state.removal = record.id, record.name  # a dialog is drawn by the page, not by a part of it
    else:
        remove_document(library, record.id)


@st.dialog("Remove a document")
def removal(library: Library, document_id: str, name: str) -> None:
    """What goes on holding words of a document, and whether these go too."""
    st.html(markup.removal(name, count_quotes(library.desk.library, [document_id])))
    too = st.checkbox("Take these words out too", key="take-quotes")
    with st.container(horizontal=True):
        if st.button("Remove", key="remove-confirmed", type="primary"):
            remove_document(library, document_id, quotes=too)
            st.rerun()
        if st.button("Keep it", key="remove-not"):
            st.rerun()


def remove_document(library: Library, document_id: str, *, quotes: bool = False) -> None:
    try:
        library.desk.library.remove_ids([document_id], quotes=quotes)
        library.desk.models.forget()
    except LecternError as error:
        say(markup.unmarked(str(error)))


def footer(workshop: Workshop) -> None:
    """Which model answers, and whether it is ready; looks again until it is."""
    with st.sidebar.container(key="footer"):
        every = None if workshop.ready.is_set() else 2 * POLL_SECONDS
        st.fragment(shown_footer, run_every=every)(workshop, workshop.ready.is_set())


def shown_footer(workshop: Workshop, was_ready: bool) -> None:
    ready = workshop.ready.is_set()
    if ready and not was_ready:
        st.rerun()
    model = workshop.model_name
    st.html(markup.footer(model, remote=model.startswith(REMOTE), ready=ready, failure=workshop.failure))
