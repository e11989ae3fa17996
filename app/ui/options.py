"""How to answer, and where to search: the row of choices above the line to type in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from app.chat.chat_turns import Choices
from app.phrases import count
from app.ui.markup.text import escape_markdown
from core.messages import N_, _
from core.types import AnswerChoice, Mode, Strictness
from index.search.filters import parse_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.shared import Workspace

MODES: dict[Mode, str] = {"direct": N_("Straight answer"), "cot": N_("Think first"), "react": N_("Search in steps")}

SPEAKERS: dict[AnswerChoice, str] = {
    "auto": N_("The model if it can read, else the words that answer"),
    "model": N_("The model"),
    "words": N_("The words that answer, with their sentence"),
    "evidence": N_("Only the sentence"),
}

SURE: dict[Strictness, str] = {"lenient": N_("Lenient"), "balanced": N_("Balanced"), "strict": N_("Strict")}


def show(workspace: Workspace) -> None:
    """Draw the choices that ``chosen`` reads when a question is asked; in every run, or Streamlit would forget them."""
    settings = workspace.settings
    st.segmented_control(
        _("How to answer"),
        get_args(Mode),
        default=settings.mode,
        required=True,
        format_func=lambda mode: _(MODES[mode]),
        key="mode",
        bind="query-params",
        label_visibility="collapsed",
    )
    said = label()
    with st.popover(escape_markdown(said), key="options", icon=":material/tune:", type="tertiary"):
        speakers, sure = get_args(AnswerChoice), get_args(Strictness)
        st.radio(
            _("Who phrases the answer"),
            speakers,
            index=speakers.index(settings.answer),
            format_func=lambda speaker: _(SPEAKERS[speaker]),
            key="answer_by",
            bind="query-params",
        )
        st.segmented_control(
            _("How sure it must be"),
            sure,
            default=settings.strictness,
            required=True,
            format_func=lambda how: _(SURE[how]),
            key="strictness",
            bind="query-params",
            help=_("Strict: rather “not in your documents” than a doubtful answer. Lenient: rather a doubtful answer."),
        )
        search_in(workspace)
    if label() != said:  # the boxes hold what the address says once they are drawn
        st.rerun()


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


def label() -> str:
    """The label of the popover's button: the documents, tags, pages and dates to which the search is limited."""
    values = _values()
    named = [count(len(values["documents"]), "document")] if values["documents"] else []
    named += [*values["tags"], *([_("p. {pages}", pages=values["pages"])] if values["pages"] else [])]
    named += [_("from {date}", date=values["after"])] if values["after"] else []
    named += [_("before {date}", date=values["before"])] if values["before"] else []
    return _("In {places}", places=", ".join(named)) if named else _("Options")


def chosen() -> Choices:
    """The present choices. The filter is parsed, and refused where it is not valid, when the answer begins."""
    state = st.session_state
    return Choices(
        state.get("mode"), state.get("answer_by"), state.get("strictness"), partial(parse_filter, **_values())
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
