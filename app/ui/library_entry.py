"""Below the documents: what is said once for the library, and its name, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import dialogs
from app.ui.markup.text import escape_markdown
from app.ui.sidebar import say_failure, toast_later
from core.errors import LecternError
from core.messages import _
from index.store.standing_notes import MOST_CHARACTERS, StandingNotes, read_notes, write_notes

if TYPE_CHECKING:
    from app.ui.shared import SharedState
    from app.ui.workspace import Workspace

LANGUAGES = ("", "English", "German", "French", "Spanish", "Italian", "Dutch", "Portuguese", "Polish")
"""Languages of answers, by their names in English as a prompt names them; "" is the question's own."""


def entry(shared: SharedState, workspace: Workspace) -> None:
    """The library's notes, and the ways to rename and to delete it."""
    with st.expander(escape_markdown(_("This library: {name}", name=workspace.name)), icon=":material/menu_book:"):
        notes(workspace)
        rename(shared, workspace)
        delete(shared, workspace)


def notes(workspace: Workspace) -> None:
    """What the model reads with every question, and the language of answers."""
    now = read_notes(workspace.library)
    text = st.text_area(
        _("Standing notes"),
        now.text,
        key="standing-notes",
        max_chars=MOST_CHARACTERS,
        placeholder=_("For example: I am the tenant. “The company” is Halden AG."),
        help=_("The model reads them with every question over this library."),
    )
    language = st.selectbox(
        _("Answer in"),
        LANGUAGES,
        index=LANGUAGES.index(now.language) if now.language in LANGUAGES else 0,
        format_func=lambda one: one or _("the language of the question"),
        key="notes-language",
    )
    wanted = StandingNotes((text or "").strip(), language or "")
    if wanted != now and st.button(_("Save"), key="save-notes", type="primary"):
        try:
            write_notes(workspace.library, wanted)
            toast_later(_("Kept. It holds from the next question on."))
        except LecternError as error:
            say_failure(error)
        st.rerun()


def rename(shared: SharedState, workspace: Workspace) -> None:
    name = st.text_input(_("Name of the library"), workspace.name, key="library-name", max_chars=64)
    if name and name.strip() != workspace.name and st.button(_("Rename the library"), key="rename-library"):
        try:
            shared.rename_library(workspace.name, name.strip())
            st.query_params.from_dict({"library": name.strip()})
            toast_later(escape_markdown(_("The library is now called “{name}”.", name=name.strip())))
        except LecternError as error:
            say_failure(error)
        st.rerun()


def delete(shared: SharedState, workspace: Workspace) -> None:
    if st.button(_("Delete the library"), key="delete-library", type="tertiary", icon=":material/delete:"):
        deletion(shared, workspace)


@dialogs.dialog(_("Delete the library"))
def deletion(shared: SharedState, workspace: Workspace) -> None:
    """Delete it for good, once its name is typed."""
    st.write(
        escape_markdown(
            _(
                "All that “{name}” holds is deleted: what was read of its documents, chats, uploads.",
                name=workspace.name,
            )
        )
    )
    st.caption(_("Your own files stay where they are. This cannot be undone."))
    typed = st.text_input(_("Type the library's name to delete it"), key="delete-library-name")
    if st.button(_("Delete for good"), type="primary", key="delete-library-yes", disabled=typed != workspace.name):
        try:
            shared.delete_library(workspace.name)
            st.query_params.clear()
        except LecternError as error:
            say_failure(error)
        st.rerun()
