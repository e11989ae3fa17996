"""What a person can do with a finished turn: ask again, judge it, see how it was found, keep its question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import streamlit as st

from app.commands.common import one_line
from app.export.content import export_of
from app.ui import dialogs, options
from app.ui.export_dialog import export_dialog
from app.ui.markup.explanation import explanation_html
from app.ui.markup.text import escape_markdown, failure_html
from app.ui.markup.turn_row import compared_documents
from app.ui.shared import shared_state
from core.errors import LecternError
from core.messages import N_, _
from core.types import Answer, AnswerChoice, Citation, Mode, Passage
from generate.catalogue import list_models
from generate.catalogue import use as use_model
from index.search.explain import explain
from index.store import feedback
from index.store.feedback import Feedback, Verdict
from index.store.kept_questions import keep, kept_questions

if TYPE_CHECKING:
    from app.chat.chat_turns import Turn
    from app.chat.open_chat import OpenChat
    from app.ui.workspace import Workspace

COMPARED_HEIGHT = 620
"""Pixels of the two texts side by side."""

REASONS = (N_("It is wrong"), N_("It does not answer"), N_("Something is missing"), N_("The source does not say so"))


def act(workspace: Workspace, chat: OpenChat, does: str, number: int) -> None:
    """Do what the row below the answer of turn ``number``, from 0, offers: ``does`` is its button's name."""
    try:
        turns = workspace.chats.get(chat.key).snapshot().turns
    except LecternError as error:
        st.toast(escape_markdown(str(error)))
        return
    if number >= len(turns):
        return
    turn = turns[number]
    match does:
        case "again":
            again_dialog(workspace, chat, turn)
        case "useful":
            judge(workspace, chat, turn, "useful")
        case "useless":
            reason_dialog(workspace, chat, turn)
        case "edit":
            edit_dialog(workspace, chat, turn)
        case "earlier" | "later":
            show_version(workspace, chat, turn, -1 if does == "earlier" else 1)
        case "export":
            export_dialog(export_of(turn.question, [("", turn.answer)]), turn.question)
        case "explain":
            explain_dialog(workspace, turn)
        case "keep":
            keep_dialog(workspace, turn)
        case "compared":
            compared_dialog(workspace, turn)


def judge(workspace: Workspace, chat: OpenChat, turn: Turn, verdict: Verdict, reason: str = "") -> None:
    """Save what the person says of an answer; the same word again takes it back. Draws the page again."""
    known = feedback.of_chat(workspace.library, chat.key).get(turn.message)
    try:
        if known and known.verdict == verdict and verdict == "useful":
            feedback.take_back(workspace.library, turn.message)
        else:
            settings = asked_with(workspace, turn)
            feedback.give(workspace.library, Feedback(turn.message, verdict, reason, settings))
    except LecternError as error:
        st.session_state.toast = escape_markdown(str(error))
    st.rerun()


def asked_with(workspace: Workspace, turn: Turn) -> dict[str, object]:
    """The settings that the answer was made with, as far as this process knows them."""
    settings, choices = workspace.opened.models.settings, turn.choices
    return {
        "model": turn.answer.model if turn.answer else "",
        "mode": turn.answer.mode if turn.answer else "",
        "answer": choices.answer_by or settings.answer,
        "strictness": choices.strictness or settings.strictness,
        "patience": settings.patience,
    }


@dialogs.dialog(_("What was wrong?"))
def reason_dialog(workspace: Workspace, chat: OpenChat, turn: Turn) -> None:
    """Ask why an answer is of no use; the reason stays in the library, with the conversation."""
    chosen = st.pills(_("Reason"), REASONS, format_func=_, key="why-useless", label_visibility="collapsed")
    more = st.text_input(_("In your words"), key="why-useless-words", placeholder=_("If you like"))
    st.caption(_("It is kept in this library, with the question and what the model read. It is sent nowhere."))
    if st.button(_("Save"), type="primary", key="save-reason"):
        judge(workspace, chat, turn, "useless", " – ".join(filter(None, (_(chosen) if chosen else "", more.strip()))))
    known = feedback.of_chat(workspace.library, chat.key).get(turn.message)
    if known and st.button(_("Take it back"), type="tertiary", key="take-reason-back"):
        try:
            feedback.take_back(workspace.library, turn.message)
        except LecternError as error:
            st.html(failure_html(str(error)))
            return
        st.rerun()


@dialogs.dialog(_("Edit the question"))
def edit_dialog(workspace: Workspace, chat: OpenChat, turn: Turn) -> None:
    """Ask in other words; the question as it was stays, with its answer, behind the arrows beside it."""
    text = st.text_area(_("Question"), turn.question, key=f"edit-{turn.asked}", label_visibility="collapsed")
    if not chat.temporary:
        st.caption(_("The earlier version stays: the arrows below the question lead back to it."))
    if st.button(_("Ask"), type="primary", key="ask-edited") and text and text.strip():
        workspace.chats.ask(chat, text.strip(), replace(turn.choices, in_place_of=turn.asked))
        st.rerun()


def show_version(workspace: Workspace, chat: OpenChat, turn: Turn, step: int) -> None:
    """Show the version before or after this one. Draws the page again."""
    at = turn.versions.index(turn.asked) + step if turn.asked in turn.versions else -1
    if 0 <= at < len(turn.versions):
        workspace.chats.get(chat.key).show_version(turn.versions[at])
        st.rerun()


@dialogs.dialog(_("Try again"))
def again_dialog(workspace: Workspace, chat: OpenChat, turn: Turn) -> None:
    """Ask the same question once more, in another mode, by another voice or with another model."""
    asked = turn.choices
    mode = st.segmented_control(
        _("How to answer"),
        get_args(Mode),
        default=asked.mode or workspace.settings.mode,
        required=True,
        format_func=lambda one: _(options.MODES[one]),
        key="again-mode",
    )
    speakers = get_args(AnswerChoice)
    speaker = st.radio(
        _("Who phrases the answer"),
        speakers,
        index=speakers.index(asked.answer_by or workspace.settings.answer),
        format_func=lambda one: _(options.SPEAKERS[one]),
        key="again-by",
    )
    shared = shared_state()
    names = [card.name for card in list_models(shared.settings)]
    here = names.index(shared.model_name) if shared.model_name in names else None
    model = st.selectbox(
        _("Model"), names, index=here, key="again-model", help=_("Another model answers from here on, in all chats.")
    )
    if not st.button(_("Ask again"), type="primary", key="ask-again"):
        return
    try:
        if model and model != shared.model_name:
            use_model(shared.settings, model)
            shared.switch_model(model)
        workspace.chats.ask(chat, turn.question, replace(asked, mode=mode, answer_by=speaker, in_place_of=0))
    except LecternError as error:
        st.html(failure_html(str(error)))
        return
    st.rerun()


@dialogs.dialog(_("How the passages were found"), width="large")
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


@dialogs.dialog(_("Both texts side by side"), width="large")
def compared_dialog(workspace: Workspace, turn: Turn) -> None:
    """Both versions with their marks, scrolling together; drawn in a frame of its own that runs no script."""
    from app.compare.comparison import compare_documents
    from app.compare.report.as_html import texts_html

    ids = compared_documents(turn.answer) if turn.answer else None
    if ids is None:
        return
    try:
        old, new = (workspace.library.document(document_id) for document_id in ids)
    except LecternError as error:
        st.html(failure_html(str(error)))
        return
    st.iframe(texts_html(compare_documents(old, new), st.context.theme.type or "light"), height=COMPARED_HEIGHT)


@dialogs.dialog(_("Keep this question"))
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
    before = kept_questions(workspace.library.folder)
    try:
        kept = keep(workspace.library.folder, state["kept-question"], file, page, state["kept-answer"])
    except (LecternError, OSError) as error:
        state.toast = escape_markdown(str(error))
        return
    if kept in before:
        state.toast = _("This question was kept before.")
    elif kept.id in {one.id for one in before}:
        state.toast = _("This question was kept before; its answer is now yours.")
    else:
        state.toast = _("The question is kept.")


def places(answer: Answer) -> list[tuple[str, int | None]]:
    """(file, page) of what the answer cites, its evidence and its passages, in this order; then each file with None."""
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    near: list[Citation | Passage] = [*cited, *answer.evidence, *answer.passages]
    pages = [(one.file, one.locator.page) for one in near if one.locator.page is not None]
    return list(dict.fromkeys([*pages, *((one.file, None) for one in near)]))


def place_label(place: tuple[str, int | None]) -> str:
    file, page = place
    return one_line(_("{file}, page {page}", file=file, page=page) if page else _("{file}, any page", file=file))
