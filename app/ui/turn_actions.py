"""What a person can do with a finished turn: see how its passages were found, and keep its question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.commands.common import one_line
from app.ui.markup.explanation import explanation_html
from app.ui.markup.text import escape_markdown, failure_html
from core.errors import LecternError
from core.messages import _
from core.types import Answer, Citation, Passage
from index.search.explain import explain
from index.store.kept_questions import keep

if TYPE_CHECKING:
    from app.chat.chat_turns import Turn
    from app.ui.shared import Workspace


def actions(workspace: Workspace, turn: Turn, key: str) -> None:
    """Two quiet buttons below an answer."""
    with st.container(key=f"actions-{key}", horizontal=True, gap="small"):
        if st.button(_("How was this found?"), key=f"explain-{key}", type="tertiary"):
            explain_dialog(workspace, turn)
        if st.button(_("Keep this question"), key=f"keep-{key}", type="tertiary"):
            keep_dialog(workspace, turn)


@st.dialog(_("How the passages were found"), width="large")
def explain_dialog(workspace: Workspace, turn: Turn) -> None:
    """The ranks of passages at each stage of the search: the first ten, or those of a chosen document."""
    answer = turn.answer
    if answer is None:
        return
    names = workspace.library.names()
    document_box, page_box = st.columns([3, 1])
    document = document_box.selectbox(_("Document"), names, index=None, placeholder=_("The first ten passages of all"))
    page = page_box.number_input(_("Page"), min_value=1, value=None, step=1, disabled=document is None)
    try:
        opened = workspace.opened
        found = explain(
            answer.searched or answer.question,
            opened.retriever,
            opened.library,
            document=document or "",
            page=int(page) if document and page else None,
            within=turn.choices.within(),
            expanded=bool(answer.model),
        )
    except LecternError as error:
        st.html(failure_html(str(error)))
        return
    st.html(explanation_html(found))


@st.dialog(_("Keep this question"))
def keep_dialog(workspace: Workspace, turn: Turn) -> None:
    """Add the question, with the page that answers it, to those that ``lectern eval mine`` asks again."""
    answer = turn.answer
    if answer is None:
        return
    st.html(
        '<p class="lc-foot">'
        + _(
            "Kept questions are asked again by {command}, which says what got better and what worse after a change of "
            "models, settings or documents.",
            command="<code>lectern eval mine</code>",
        )
        + "</p>"
    )
    st.text_input(_("Question"), answer.searched or answer.question, key="kept-question")
    st.selectbox(_("The page that answers it"), places(answer), format_func=place_label, key="kept-place")
    st.text_input(_("The answer, for yourself"), answer.words.text if answer.words else "", key="kept-answer")
    if st.button(_("Keep"), type="primary", on_click=keep_question, args=(workspace,)):
        st.rerun()


def keep_question(workspace: Workspace) -> None:
    """Keep the question as the person edited it in the dialog."""
    state = st.session_state
    file, page = state["kept-place"]
    try:
        keep(workspace.library.folder, state["kept-question"], file, page, state["kept-answer"])
    except (LecternError, OSError) as error:
        st.toast(escape_markdown(str(error)))
    else:
        st.toast(_("The question is kept."))


def places(answer: Answer) -> list[tuple[str, int | None]]:
    """(file, page) of what the answer cites, its evidence and its passages, in this order; then each file with None."""
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    near: list[Citation | Passage] = [*cited, *answer.evidence, *answer.passages]
    pages = [(one.file, one.locator.page) for one in near if one.locator.page is not None]
    return list(dict.fromkeys([*pages, *((one.file, None) for one in near)]))


def place_label(place: tuple[str, int | None]) -> str:
    file, page = place
    return one_line(_("{file}, page {page}", file=file, page=page) if page else _("{file}, any page", file=file))
