"""The conversations at the side: begun, found, opened, renamed, pinned and deleted."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.export.saved import export_chat
from app.ui import dialogs
from app.ui.export_dialog import export_dialog
from app.ui.markup.chats import day_of, deleted_chat_html, label_of
from app.ui.markup.text import escape_markdown, failure_html
from app.ui.sidebar import open_chat, say_failure, toast_later
from core.errors import LecternError
from core.messages import _
from index.store.chats import Chats
from index.store.deleted_chats import put_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.chat.open_chat import OpenChat
    from app.ui.workspace import Workspace
    from index.store.chats import ChatRecord
    from index.store.deleted_chats import DeletedChat

CHATS_SHOWN = 15
"""Conversations listed at first, the latest first, and how many more "Older" adds."""

SEARCHED_FROM = 4
"""Conversations from which on there is a line to search in them."""


def conversations(workspace: Workspace) -> OpenChat:
    """The list at the side; returns the conversation that the page shows."""
    with st.sidebar.container(key="begin", gap=None):
        st.button(
            _("New chat"), icon=":material/add:", width="stretch", on_click=open_chat, args=(workspace,), key="new"
        )
        st.button(
            _("Temporary chat"),
            icon=":material/visibility_off:",
            type="tertiary",
            width="stretch",
            help=_("A chat that leaves nothing: it is not saved, not listed, and gone once you leave it."),
            on_click=open_chat,
            args=(workspace,),
            kwargs={"temporary": True},
            key="new-temporary",
        )
    chat = current_chat(workspace)
    if renaming := st.session_state.pop("renaming", None):
        rename_dialog(workspace, *renaming)
    if exporting := st.session_state.pop("exporting", None):
        offer_export(workspace, *exporting)
    chats = Chats(workspace.library)
    with st.sidebar.container(key="chats", gap=None):
        records: Sequence[ChatRecord] = chats.list()
        words = search_line(len(records))
        if words:
            records = chats.find(words)
            if not records:
                st.caption(_("No chat has these words."))
        offer_undo(workspace)
        list_chats(workspace, chat, records)
    return chat


def search_line(count: int) -> str:
    """The words to look for in all chats; "" for none."""
    if count < SEARCHED_FROM:
        return ""
    found = st.text_input(
        _("Search chats"),
        key="find-chat",
        placeholder=_("Search chats"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    return (found or "").strip()


def list_chats(workspace: Workspace, chat: OpenChat, records: Sequence[ChatRecord]) -> None:
    """The conversations below the days of their last answers."""
    shown: int = st.session_state.get("chats_shown", CHATS_SHOWN)
    titles = Counter(record.title for record in records)
    day = ""
    for record in records[:shown]:
        if (its_day := day_of(record)) != day:
            day = its_day
            st.caption(escape_markdown(day))
        row(workspace, record, label_of(record, alone=titles[record.title] == 1), is_open=record.id == chat.key)
    if len(records) > shown:
        older = _("Older ({number})", number=len(records) - shown)
        st.button(older, key="older", type="tertiary", on_click=show_older)


def row(workspace: Workspace, record: ChatRecord, label: str, *, is_open: bool) -> None:
    with st.container(key=f"chat-row-{record.id}", horizontal=True, wrap=False, gap=None):
        st.button(
            escape_markdown(label),
            key=f"open-{record.id}",
            type="tertiary",
            icon=":material/chevron_right:" if is_open else ":material/keep:" if record.pinned else None,
            width="stretch",
            on_click=open_chat,
            args=(workspace, record.id),
        )
        choices = {
            _("Rename"): partial(ask_name, record),
            _("Unpin") if record.pinned else _("Pin"): partial(pin, workspace, record),
            _("Save as a file"): partial(ask_export, record),
            _("Delete"): partial(delete_chat, workspace, record.id),
        }
        key = f"chat-menu-{record.id}"
        st.menu_button(
            escape_markdown(_("What to do with “{name}”", name=label)),
            list(choices),
            key=key,
            type="tertiary",
            icon=":material/more_horiz:",
            on_click=lambda: choices[st.session_state[key]](),
        )


def show_older() -> None:
    st.session_state.chats_shown = st.session_state.get("chats_shown", CHATS_SHOWN) + CHATS_SHOWN


def ask_name(record: ChatRecord) -> None:
    st.session_state.renaming = record.id, record.title


def ask_export(record: ChatRecord) -> None:
    st.session_state.exporting = record.id, record.title


def offer_export(workspace: Workspace, chat_id: str, title: str) -> None:
    try:
        export_dialog(export_chat(workspace.library, chat_id), title)
    except LecternError as error:
        say_failure(error)


@dialogs.dialog(_("Rename the chat"))
def rename_dialog(workspace: Workspace, chat_id: str, title: str) -> None:
    key = f"chat-name-{chat_id}"
    st.text_input(_("Name"), title, key=key, max_chars=200)
    if st.button(_("Rename"), key="rename-chat", type="primary", on_click=rename, args=(workspace, chat_id, key)):
        st.rerun()


def rename(workspace: Workspace, chat_id: str, key: str) -> None:
    if name := (st.session_state[key] or "").strip():
        try:
            Chats(workspace.library).rename(chat_id, name)
        except LecternError as error:
            say_failure(error)


def pin(workspace: Workspace, record: ChatRecord) -> None:
    try:
        Chats(workspace.library).pin(record.id, pinned=not record.pinned)
    except LecternError as error:
        say_failure(error)


def delete_chat(workspace: Workspace, chat_id: str) -> None:
    """Delete a conversation from the disk, and keep it in this tab until something else is deleted or undone."""
    try:
        st.session_state.deleted_chat = workspace.name, workspace.chats.take_out(chat_id)
    except LecternError as error:
        say_failure(error)
        return
    if st.query_params.get("chat") == chat_id:
        open_chat(workspace)


def offer_undo(workspace: Workspace) -> None:
    """What was deleted last, with the ways to bring it back and to forget it."""
    library, deleted = st.session_state.get("deleted_chat", ("", None))
    if deleted is None or library != workspace.name:
        return
    st.html(deleted_chat_html(deleted.title))
    with st.container(horizontal=True, key="undo-chat-row"):
        st.button(_("Undo"), key="undo-chat", type="tertiary", on_click=undo, args=(workspace, deleted))
        st.button(_("OK"), key="forget-chat", type="tertiary", on_click=forget_deleted)


def undo(workspace: Workspace, deleted: DeletedChat) -> None:
    forget_deleted()
    try:
        put_back(workspace.library, deleted)
    except LecternError as error:
        say_failure(error)
        return
    open_chat(workspace, deleted.id)
    toast_later(_("The chat is back."))


def forget_deleted() -> None:
    st.session_state.pop("deleted_chat", None)


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
    return workspace.chats.new(temporary="temporary" in address)
