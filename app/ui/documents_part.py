"""The part Documents: a table of what the library holds, files added, and what can be done with the chosen ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.phrases import count, document_state, kind_of
from app.ui import source_drawer, uploads
from app.ui.document_entry import ask_to_remove, open_choice, open_or_close, remove_for_good
from app.ui.markup.library import removed_html
from app.ui.markup.text import escape_markdown
from app.ui.sidebar import say_failure, toast_later
from core.errors import LecternError
from core.messages import _, ngettext
from index.store.records import check_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from app.chat.open_documents import OpenState
    from app.ui.workspace import Workspace
    from index.store.records import DocumentRecord

ROW_PIXELS, MOST_ROWS = 35, 16
"""Of the table as it is shown; more rows scroll within it."""

DETAILED = 8
"""Chosen documents of which all that is to be known is written below the table."""


def show(workspace: Workspace, chat_part: st.Page) -> None:
    """The whole part."""
    st.title(_("Documents"), anchor=False)
    uploads.box(workspace)
    with st.container(key="uploads"):
        uploads.show(workspace)
    offer_back(workspace)
    records = workspace.records()
    if not records:
        st.caption(_("This library is empty. Add a file, or run lectern ingest PATH in a terminal."))
        return
    reading = workspace.opened.open_documents.shown_state()
    shown = filtered(records)
    line = ngettext("{count} document", "{count} documents", len(records))
    st.caption(line if len(shown) == len(records) else _("{shown} of {all}", shown=len(shown), all=line))
    chosen = table(shown, reading)
    actions(workspace, chosen, reading, chat_part)


def filtered(records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
    """The documents whose name, title, kind, tags or state hold all words of the filter."""
    words = (
        (
            st.text_input(
                _("Filter"),
                key="filter",
                placeholder=_("Filter by name, kind, tag, state"),
                label_visibility="collapsed",
                icon=":material/filter_list:",
            )
            or ""
        )
        .casefold()
        .split()
    )

    def text(record: DocumentRecord) -> str:
        facts = (record.name, record.title, kind_of(record), *record.tags, document_state(record), record.day)
        return " ".join(facts).casefold()

    return [record for record in records if all(word in text(record) for word in words)] if words else [*records]


def table(records: Sequence[DocumentRecord], reading: OpenState) -> list[DocumentRecord]:
    """The documents as a table to sort and choose from; returns the chosen ones."""
    chosen = st.dataframe(
        frame(records, reading),
        key=f"table-{st.session_state.get('table', 0)}",
        hide_index=True,
        height=ROW_PIXELS * (min(len(records), MOST_ROWS) + 1) + 3,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={_("Pages"): st.column_config.NumberColumn(width="small")},
        alt=_("The documents of this library"),
    )
    return [records[row] for row in chosen.selection.rows if row < len(records)]


def frame(records: Sequence[DocumentRecord], reading: OpenState) -> pd.DataFrame:
    """One row for each document."""
    import pandas as pd

    is_open = {*reading.documents}
    return pd.DataFrame(
        {
            _("Name"): [record.name for record in records],
            _("State"): [_("open") if record.id in is_open else document_state(record) for record in records],
            _("Kind"): [kind_of(record) for record in records],
            _("Pages"): [record.pages for record in records],
            _("Date"): [record.day for record in records],
            _("Tags"): [", ".join(record.tags) for record in records],
        }
    )


def actions(workspace: Workspace, chosen: Sequence[DocumentRecord], reading: OpenState, chat_part: st.Page) -> None:
    """What can be done with the chosen documents, and all that is to be known of them."""
    if not chosen:
        st.caption(_("Choose rows to open, ask, tag or remove documents."))
        return
    with st.container(horizontal=True, key="document-actions", gap="small"):
        if len(chosen) == 1:
            one_document(workspace, chosen[0], reading, chat_part)
        if st.button(_("Ask only these") if len(chosen) > 1 else _("Ask only this"), key="ask-only"):
            st.switch_page(chat_part, query_params={"library": workspace.name, "in": [one.name for one in chosen]})
        with st.popover(_("Tags"), key="tag-popover"):
            tagging(workspace, chosen)
        if st.button(_("Remove"), key="remove"):
            ask_to_remove(workspace, chosen)
    for record in chosen[:DETAILED]:
        details(record)


def one_document(workspace: Workspace, record: DocumentRecord, reading: OpenState, chat_part: st.Page) -> None:
    if st.button(_("Open"), key="open-document", type="primary"):
        source_drawer.open_at(workspace, record.id, 0, 0)
    if st.button(open_choice(record, reading), key="keep-open"):
        open_or_close(workspace, record)
        st.rerun()
    if st.button(_("Summarise"), key="summarise"):
        st.session_state.to_ask = _("Summarise {name}", name=record.name)
        st.switch_page(chat_part, query_params={"library": workspace.name})


def tagging(workspace: Workspace, chosen: Sequence[DocumentRecord]) -> None:
    """Give the chosen documents a tag, or take one away."""
    tag = st.text_input(_("New tag"), key="new-tag")
    if st.button(_("Add"), key="add-tag", disabled=not (tag or "").strip()):
        change_tags(workspace, chosen, add=[tag or ""])
    for number, known in enumerate(sorted({tag for record in chosen for tag in record.tags})):
        label = escape_markdown(_("Take “{tag}” away", tag=known))
        if st.button(label, key=f"untag-{number}", type="tertiary"):
            change_tags(workspace, chosen, remove=[known])


def change_tags(
    workspace: Workspace, chosen: Sequence[DocumentRecord], add: Sequence[str] = (), remove: Sequence[str] = ()
) -> None:
    try:
        workspace.library.tag([record.id for record in chosen], [check_tag(tag) for tag in add], remove)
    except LecternError as error:
        say_failure(error)
    st.rerun()


def details(record: DocumentRecord) -> None:
    """What could not be read of a document, for good."""
    facts = [count(record.chunks, "passage"), *record.warnings]
    state = document_state(record)
    st.caption(escape_markdown(f"{record.name}: {state} · {' · '.join(facts)}"))


def offer_back(workspace: Workspace) -> None:
    """Documents that were removed, with the ways to bring them back and to delete them for good."""
    removed = [version for version in workspace.library.replaced_versions() if not version.successor]
    if not removed:
        return
    st.html(removed_html([version.name for version in removed]))
    ids = [version.document_id for version in removed]
    with st.container(horizontal=True, key="removed-row"):
        if st.button(_("Undo"), key="undo-removal", type="tertiary", icon=":material/undo:"):
            for document_id in ids:
                uploads.bring_back(workspace, document_id)
            st.rerun()
        if st.button(_("Delete for good"), key="delete-for-good", type="tertiary"):
            remove_for_good(workspace, ids)
            toast_later(_("Deleted, also from the disk."))
            st.rerun()
