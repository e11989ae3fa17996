"""What a person can do with a finished turn: see how its passages were found, and keep its question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.commands.common import one_line
from app.ui import markup
from core.errors import LecternError
from core.types import Answer, Citation, Passage
from index.search.explain import explain
from index.store.kept_questions import keep

if TYPE_CHECKING:
    from app.chat.open_chats import Turn
    from app.ui.shared import Library


def actions(library: Library, turn: Turn, key: str) -> None:
    """Two quiet buttons below an answer."""
    with st.container(key=f"actions-{key}", horizontal=True, gap="small"):
        if st.button("How was this found?", key=f"explain-{key}", type="tertiary"):
            explained(library, turn)
        if st.button("Keep this question", key=f"keep-{key}", type="tertiary"):
            kept(library, turn)


@st.dialog("How the passages were found", width="large")
def explained(library: Library, turn: Turn) -> None:
    """Where passages stood at each stage of the search: the first of all, or those of a document."""
    given = turn.answer
    if given is None:
        return
    names = library.desk.library.names()
    document_box, page_box = st.columns([3, 1])
    document = document_box.selectbox("Document", names, index=None, placeholder="The first ten passages of all")
    page = page_box.number_input("Page", min_value=1, value=None, step=1, disabled=document is None)
    try:
        desk = library.desk
        told = explain(
            given.searched or given.question,
            desk.retriever,
            desk.library,
            document=document or "",
            page=int(page) if document and page else None,
            within=turn.choices.within(),
            expanded=bool(given.model),
        )
    except LecternError as error:
        st.html(markup.failure(str(error)))
        return
    st.html(markup.explanation(told))


@st.dialog("Keep this question")
def kept(library: Library, turn: Turn) -> None:
    """Add the question, with the page that answers it, to those that ``lectern eval mine`` asks again."""
    given = turn.answer
    if given is None:
        return
    st.html(
        '<p class="lc-foot">Kept questions are asked again by <code>lectern eval mine</code>, which says what got '
        "better and what worse after a change of models, settings or documents.</p>"
    )
    st.text_input("Question", given.searched or given.question, key="kept-question")
    st.selectbox("The page that answers it", places(given), format_func=called, key="kept-place")
    st.text_input("The answer, for yourself", given.words.text if given.words else "", key="kept-answer")
    if st.button("Keep", type="primary", on_click=keep_question, args=(library,)):
        st.rerun()


def keep_question(library: Library) -> None:
    """Keep what stands in the dialog's boxes."""
    state = st.session_state
    file, page = state["kept-place"]
    try:
        keep(library.desk.library.folder, state["kept-question"], file, page, state["kept-answer"])
    except (LecternError, OSError) as error:
        st.toast(markup.unmarked(str(error)))
    else:
        st.toast("The question is kept.")


def places(given: Answer) -> list[tuple[str, int | None]]:
    """The pages that an answer rests on or that come near, the likeliest first, then their files as a whole."""
    cited = [citation for sentence in given.sentences for citation in sentence.citations]
    near: list[Citation | Passage] = [*cited, *given.evidence, *given.passages]
    pages = [(one.file, one.locator.page) for one in near if one.locator.page is not None]
    return list(dict.fromkeys([*pages, *((one.file, None) for one in near)]))


def called(place: tuple[str, int | None]) -> str:
    file, page = place
    return one_line(f"{file}, page {page}" if page else f"{file}, any page")
