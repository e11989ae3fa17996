"""The source drawer at the right: the page that a quote is from, with the quote marked at its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from app.source.page_text import before_quote, page_of, page_text
from app.source.pictures import PageRequest
from app.ui import dialogs
from app.ui.markup.source_page import picture_html, place_line, text_html
from app.ui.markup.text import escape_markdown, failure_html, notes_html
from core.errors import LecternError, ReadError
from core.messages import _
from index.original import original_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from app.source.page_text import PageText
    from app.ui.workspace import Workspace
    from core.types import Citation, Document

PDF = "application/pdf"

WIDTH = 720
"""Pixels of the drawer; a narrower window has it whole."""

PIXELS = 1000
"""Of a page's width in its picture, at a zoom of 100: what the drawer has on a fine screen."""

ZOOMS = (100, 150, 200, 300)
"""Percent of the drawer's width."""


@dataclass(frozen=True, slots=True)
class DrawerState:
    """What the drawer shows: the page ``at``, from 0, of a document, of which ``start``..``end`` is quoted."""

    document_id: str
    start: int
    end: int
    at: int


def open_at(workspace: Workspace, document_id: str, start: int, end: int) -> None:
    """Open the drawer on the quote ``start``..``end`` of a document; on its first page where both are 0."""
    try:
        document = workspace.document(document_id)
    except LecternError:
        dialogs.dialog(_("Source"), width=WIDTH, position="right")(say_gone)()
        return
    st.session_state.drawer = DrawerState(document_id, start, end, page_of(document, start))
    name = workspace.library.names_of([document_id]).get(document_id, document.name)
    title = escape_markdown(name)
    shown = dialogs.dialog(title, width=WIDTH, position="right", icon=":material/description:")(drawer)
    shown(workspace, document, name)


def say_gone() -> None:
    st.html(failure_html(_("This document is no longer in the library, so its page cannot be shown.")))


def drawer(workspace: Workspace, document: Document, name: str) -> None:
    """The page, and above it where one is and the ways from it."""
    state: DrawerState = st.session_state.drawer
    page = page_text(document, state.at, state.start, state.end)
    file = original_of(workspace.library, state.document_id)
    is_drawn = file is not None and has_picture(document, state.at)
    zoom = bar(page, state, file, document, is_drawn=is_drawn)
    if page.note:
        st.html(notes_html([_("This page was not read: {why}.", why=page.note)]))
    if not is_drawn or file is None:
        if file is None and document.media_type == PDF:
            st.html(notes_html([_("The file is gone or has changed since: this is what was read of it.")]))
        st.html(text_html(page))
        return
    try:
        show_picture(
            workspace, document, page, request(document, state, page, file, zoom), place_line(name, page), zoom
        )
    except ReadError as error:
        st.html(notes_html([str(error)]))
        st.html(text_html(page))
        return
    with st.expander(_("What was read here")):
        st.html(text_html(page))


def bar(page: PageText, state: DrawerState, file: Path | None, document: Document, *, is_drawn: bool) -> int:
    """The buttons of the drawer; returns the zoom in percent."""
    zoom = ZOOMS[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="drawer-bar"):
        turn_button(_("Previous page"), ":material/chevron_left:", state, page.at - 1, disabled=page.at == 0)
        st.html(f'<p class="lc-at" aria-live="polite">{text_of_place(page)}</p>', width="content")
        turn_button(_("Next page"), ":material/chevron_right:", state, page.at + 1, disabled=page.at + 1 >= page.count)
        if is_drawn:
            chosen = st.selectbox(
                _("Zoom"),
                ZOOMS,
                format_func=lambda percent: f"{percent} %",
                key="zoom",
                label_visibility="collapsed",
                width=100,
            )
            zoom = chosen or zoom
        if file is not None:
            st.download_button(
                _("Download"),
                file.read_bytes,
                file_name=document.name.rsplit("/", 1)[-1],
                mime="application/octet-stream",  # it is saved, never shown by the page
                key="download-source",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )
    return zoom


def turn_button(label: str, icon: str, state: DrawerState, at: int, *, disabled: bool) -> None:
    """A button that shows the page ``at``."""
    st.button(
        label,
        icon=icon,
        key=f"drawer-{icon.strip(':').rpartition('_')[2]}",
        type="tertiary",
        disabled=disabled,
        on_click=go_to,
        args=(replace(state, at=at),),
    )


def has_picture(document: Document, at: int) -> bool:
    """Whether page ``at``, from 0, is one of a PDF's own, and not of a file inside it."""
    return document.media_type == PDF and at < len(document.pages) and document.pages[at].kind == "page"


def go_to(state: DrawerState) -> None:
    st.session_state.drawer = state


def text_of_place(page: PageText) -> str:
    from html import escape

    return escape(place_line("", page))


def request(document: Document, state: DrawerState, page: PageText, file: Path, zoom: int) -> PageRequest:
    before = before_quote(document, page.at, max(state.start, document.pages[page.at].start)) if page.quote else ""
    pixels = PIXELS if zoom == ZOOMS[0] else 2 * PIXELS
    return PageRequest(file, state.document_id, document.pages[page.at].number, pixels, page.quote, before)


def show_picture(
    workspace: Workspace, document: Document, page: PageText, wanted: PageRequest, label: str, zoom: int
) -> None:
    """The picture of the page, and the pages beside it drawn ahead. Raises ReadError."""
    image, boxes = workspace.pages.page(wanted)
    if page.quote and not boxes:
        st.html(
            notes_html([_("The place of the quote on this page could not be found; it is marked in the text below.")])
        )
    st.html(picture_html(image, boxes, label, zoom))
    beside = [at for at in (page.at + 1, page.at - 1) if 0 <= at < page.count]
    workspace.pages.draw_ahead(
        replace(wanted, page=document.pages[at].number, quote="", before="")
        for at in beside
        if has_picture(document, at)
    )


def draw_ahead(workspace: Workspace, citations: tuple[Citation, ...]) -> None:
    """Draw the pages of these quotes in the background, before anybody opens them."""
    workspace.pages.draw_ahead(requests(workspace, citations))


def requests(workspace: Workspace, citations: Iterable[Citation]) -> Iterator[PageRequest]:
    """The pages of the quotes that can be drawn; who opens another one is told why not."""
    for citation in citations:
        try:
            document = workspace.document(citation.document_id)
            file = original_of(workspace.library, citation.document_id)
        except LecternError:
            continue
        at = page_of(document, citation.start)
        if file is not None and has_picture(document, at):
            state = DrawerState(citation.document_id, citation.start, citation.end, at)
            page = page_text(document, at, citation.start, citation.end)
            yield request(document, state, page, file, ZOOMS[0])
