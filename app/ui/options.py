"""How to answer, and where to search: the one popover beside the line to type in, which says what is not as usual."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from app.chat.chat_turns import Choices
from app.phrases import count
from app.ui.markup.text import escape_markdown
from app.ui.shared import shared_state
from core.messages import N_, _
from core.types import AnswerChoice, Mode, Strictness
from index.search.filters import parse_filter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.ui.workspace import Workspace
    from core.settings import Settings

MODES: dict[Mode, str] = {"direct": N_("Straight answer"), "cot": N_("Think first"), "react": N_("Search in steps")}

SPEAKERS: dict[AnswerChoice, str] = {
    "auto": N_("The model if it can read, else the words that answer"),
    "model": N_("The model"),
    "words": N_("The words that answer, with their sentence"),
    "evidence": N_("Only the sentence"),
}

SURE: dict[Strictness, str] = {"lenient": N_("Lenient"), "balanced": N_("Balanced"), "strict": N_("Strict")}

LABELS: dict[str, Mapping[Any, str]] = {"mode": MODES, "answer_by": SPEAKERS, "strictness": SURE}
"""What the values of a box are called, by the box's key."""


def usual(settings: Settings) -> dict[str, Any]:
    """What each box holds, by its key, where a person has chosen nothing."""
    how = {"mode": settings.mode, "answer_by": settings.answer, "strictness": settings.strictness, "own_words": False}
    return {**how, "in": [], "tags": [], "after": "", "before": "", "pages": ""}


def show(workspace: Workspace) -> None:
    """Draw the choices that ``chosen`` reads when a question is asked; in every run, or Streamlit would forget them."""
    said = label(changed(workspace))
    with st.popover(escape_markdown(said), key="options", icon=":material/tune:", type="tertiary"):
        how_to_answer(workspace)
        search_in(workspace)
        keep_open(workspace)
        if told := changed(workspace):
            st.button(_("As usual"), key="options-reset", icon=":material/undo:", on_click=reset, args=(workspace,))
    if label(told) != said:  # the boxes hold what the address says once they are drawn
        st.rerun()


def how_to_answer(workspace: Workspace) -> None:
    """Mode, voice and strictness; and the model by itself, where Settings allow it."""
    default = usual(workspace.settings)
    st.segmented_control(
        _("How to answer"),
        get_args(Mode),
        default=default["mode"],
        required=True,
        format_func=lambda mode: _(MODES[mode]),
        key="mode",
        bind="query-params",
    )
    speakers, sure = get_args(AnswerChoice), get_args(Strictness)
    st.radio(
        _("Who phrases the answer"),
        speakers,
        index=speakers.index(default["answer_by"]),
        format_func=lambda speaker: _(SPEAKERS[speaker]),
        key="answer_by",
        bind="query-params",
    )
    st.segmented_control(
        _("How sure it must be"),
        sure,
        default=default["strictness"],
        required=True,
        format_func=lambda how: _(SURE[how]),
        key="strictness",
        bind="query-params",
        help=_("Strict: rather “not in your documents” than a doubtful answer. Lenient: rather a doubtful answer."),
    )
    if shared_state().settings.own_words:
        st.toggle(
            _("Without documents"),
            key="own_words",
            bind="query-params",
            help=_("The model answers by itself. Nothing of it is checked, and each answer says so."),
        )


def keep_open(workspace: Workspace) -> None:
    """Which documents the model reads whole, for every question."""
    documents = workspace.opened.open_documents
    records = {record.name: record.id for record in workspace.records()}
    now = [name for name, key in records.items() if key in documents.documents]
    if st.session_state.get("keep_open_now") != now:  # it was changed elsewhere
        st.session_state.keep_open_now = st.session_state.keep_open = now

    def change() -> None:
        wanted = {records[name] for name in st.session_state.keep_open if name in records}
        for key in {records[name] for name in now} - wanted:
            documents.close(key)
        for key in wanted - {records[name] for name in now}:
            documents.begin_to_open(key)

    st.multiselect(
        _("Keep open: read whole"),
        list(records),
        key="keep_open",
        on_change=change,
        placeholder=_("None"),
        help=_("The model reads them once, and answers every question over all of them."),
    )


def reset(workspace: Workspace) -> None:
    """Back to the defaults, with no document kept open.

    The boxes take what differed out of the address, which nothing else may.
    """
    if workspace.opened.open_documents.documents:
        workspace.opened.open_documents.close()
    default = usual(workspace.settings)
    st.session_state.update({name: value for name, value in default.items() if name in st.session_state})


def search_in(workspace: Workspace) -> None:
    """Draw the choice of documents and pages to search in; with nothing chosen all are searched."""
    library = workspace.library
    st.multiselect(_("Search only in"), library.names(), key="in", placeholder=_("All documents"), bind="query-params")
    if tags := library.tags():
        st.multiselect(_("With a tag"), tags, key="tags", placeholder=_("Any"), bind="query-params")
    after, before, pages = st.columns(3)
    after.text_input(_("From"), key="after", placeholder="2023-05", bind="query-params")
    before.text_input(_("Before"), key="before", placeholder="2024", bind="query-params")
    pages.text_input(_("Pages"), key="pages", placeholder="3-7", bind="query-params")


def label(told: Sequence[str]) -> str:
    """What differs from the defaults, on the popover's button: "Think first · In 2 documents"; else "Options"."""
    return " · ".join(told) or _("Options")


def changed(workspace: Workspace) -> list[str]:
    """The choices that are not the defaults, in a few words each."""
    default, values = usual(workspace.settings), _values()
    told = [_("Without documents")] if is_own_words() else []
    for name, labels in LABELS.items():
        value = _one(name)
        told += [_(labels[value])] if value in labels and value != default[name] else []
    named = [count(len(values["documents"]), "document")] if values["documents"] else []
    named += [*values["tags"], *([_("p. {pages}", pages=values["pages"])] if values["pages"] else [])]
    named += [_("from {date}", date=values["after"])] if values["after"] else []
    named += [_("before {date}", date=values["before"])] if values["before"] else []
    told += [_("In {places}", places=", ".join(named))] if named else []
    still_open = workspace.opened.open_documents.documents
    return [*told, *([_("{count} open", count=len(still_open))] if still_open else [])]


def is_own_words() -> bool:
    """Whether the model is to answer by itself, and may."""
    return shared_state().settings.own_words and _one("own_words").lower() == "true"


def _one(name: str) -> str:
    held = st.session_state.get(name)
    return str(st.query_params.get(name, "") if held is None else held)


def chosen() -> Choices:
    """The present choices. The filter is parsed, and refused where it is not valid, when the answer begins."""
    state = st.session_state
    return Choices(
        state.get("mode"),
        state.get("answer_by"),
        state.get("strictness"),
        partial(parse_filter, **_values()),
        own_words=is_own_words(),
    )


def _values() -> dict[str, Any]:
    return {
        "documents": tuple(_present("in")),
        "tags": tuple(_present("tags")),
        "after": "".join(_present("after")),
        "before": "".join(_present("before")),
        "pages": "".join(_present("pages")),
    }


def _present(name: str) -> Sequence[str]:
    """What a box holds; before it is drawn for the first time, what the address says that it will."""
    held: Sequence[str] | None = st.session_state.get(name)
    return st.query_params.get_all(name) if held is None else held
