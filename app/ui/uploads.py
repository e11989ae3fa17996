"""Files on their way into the library: taken, how far they are, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import dialogs
from app.ui.document_entry import reading_progress
from app.ui.markup.library import paused_html, upload_line, upload_report_html
from app.ui.markup.text import escape_markdown
from app.ui.sidebar import say_failure, toast_later
from core.errors import LecternError
from core.messages import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from app.chat.upload_state import IngestState
    from app.ui.workspace import Workspace

POLL_SECONDS = 0.5
"""Between two drawings of an ingest's progress."""


def box(workspace: Workspace) -> None:
    """The box that files are dropped into; it is emptied for the next ones."""
    batch = st.session_state.setdefault("batch", 0)
    st.file_uploader(
        _("Add documents"),
        accept_multiple_files=True,
        key=f"upload-{batch}",
        on_change=take_box,
        args=(workspace, f"upload-{batch}"),
        help=_("PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, text, EPUB, mail."),
    )


def take_box(workspace: Workspace, key: str) -> None:
    files = st.session_state.get(key) or []
    if files and key == f"upload-{st.session_state.batch}":  # Streamlit may deliver one change twice
        take(workspace, files)
        st.session_state.batch += 1


def take(workspace: Workspace, files: Sequence[UploadedFile]) -> None:
    """Hand the files over to the ingest; nothing is begun where there are none."""
    if not files:
        return
    try:
        workspace.jobs.add([(file.name, file.getvalue()) for file in files])
    except LecternError as error:
        say_failure(error)
    except OSError as error:
        line = _("The files could not be kept: {reason}. Check the disk's free space.", reason=error.strerror)
        toast_later(escape_markdown(line))


def at_the_side(workspace: Workspace) -> None:
    with st.sidebar.container(key="uploads"):
        show(workspace)


def show(workspace: Workspace) -> None:
    """How far files and documents that are being read are, drawn again until they are done."""
    busy = workspace.is_taking_in()
    st.fragment(_shown, run_every=POLL_SECONDS if busy else None)(workspace, busy)


def _shown(workspace: Workspace, was_busy: bool) -> None:
    """Draws the whole page again when the last file is in, and when a document begins to open."""
    state, reading = workspace.jobs.state(), workspace.opened.open_documents.shown_state()
    if was_busy != (state.running or reading.is_changing) or "toast" in st.session_state:
        dialogs.draw_again()
    reading_progress(reading)
    if state.running:
        st.progress(state.share, escape_markdown(upload_line(state)))
        with st.container(horizontal=True, key="job-actions", gap="small"):
            st.button(
                _("Pause"), key="pause-jobs", type="tertiary", disabled=state.stopping, on_click=workspace.jobs.pause
            )
            st.button(
                _("Stopping…") if state.stopping else _("Stop adding"),
                key="stop-upload",
                type="tertiary",
                disabled=state.stopping,
                on_click=workspace.jobs.cancel,
            )
    elif state.paused:
        st.html(paused_html(state))
        with st.container(horizontal=True, key="job-actions", gap="small"):
            st.button(_("Continue"), key="resume-jobs", type="tertiary", on_click=workspace.jobs.resume)
            st.button(_("Leave them out"), key="cancel-jobs", type="tertiary", on_click=workspace.jobs.cancel)
    if state.outcomes or state.error or state.note:
        report(workspace, state)


def report(workspace: Workspace, state: IngestState) -> None:
    """What came of the files: what a person has to know, and how many were added."""
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
        st.button(_("Try again"), key="retry", type="tertiary", on_click=workspace.jobs.retry)
    label = _("Leave them out") if state.left else _("OK")
    st.button(label, key="dismiss", type="tertiary", on_click=workspace.jobs.dismiss)


def bring_back(workspace: Workspace, document_id: str) -> None:
    """Put a version that was replaced or removed back."""
    try:
        name = workspace.library.bring_back(document_id)
    except LecternError as error:
        say_failure(error)
    else:
        toast_later(escape_markdown(_("“{name}” is back.", name=name)))
