"""How to answer, and where to search: the row of choices above the line to type in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from app.chat.chat_turns import Choices
from app.phrases import count
from app.ui.markup.text import escape_markdown
from core.types import AnswerChoice, Mode, Strictness
from index.search.filters import parse_filter

if TYPE_CHECKING:
    from app.ui.shared import Workspace

MODES: dict[Mode, str] = {"direct": "Straight answer", "cot": "Think first", "react": "Search in steps"}

SPEAKERS: dict[AnswerChoice, str] = {
    "auto": "The model if it can read, else the words that answer",
    "model": "The model",
    "words": "The words that answer, with their sentence",
    "evidence": "Only the sentence",
}

SURE: dict[Strictness, str] = {"lenient": "Lenient", "balanced": "Balanced", "strict": "Strict"}


def show(workspace: Workspace) -> None:
    """Draw the choices that ``chosen`` reads when a question is asked; in every run, or Streamlit would forget them."""
    settings = workspace.settings
    st.segmented_control(
        "How to answer",
        get_args(Mode),
        default=settings.mode,
        required=True,
        format_func=MODES.__getitem__,
        key="mode",
        label_visibility="collapsed",
    )
    with st.popover(escape_markdown(label()), key="options", icon=":material/tune:", type="tertiary"):
        speakers, sure = get_args(AnswerChoice), get_args(Strictness)
        st.radio(
            "Who phrases the answer",
            speakers,
            index=speakers.index(settings.answer),
            format_func=SPEAKERS.__getitem__,
            key="answer_by",
        )
        st.segmented_control(
            "How sure it must be",
            sure,
            default=settings.strictness,
            required=True,
            format_func=SURE.__getitem__,
            key="strictness",
            help="Strict: rather “not in your documents” than a doubtful answer. Lenient: rather a doubtful answer.",
        )
        search_in(workspace)


def search_in(workspace: Workspace) -> None:
    """Draw the choice of documents and pages to search in; with nothing chosen all are searched."""
    library = workspace.library
    st.multiselect("Search only in", library.names(), key="in", placeholder="All documents")
    if tags := library.tags():
        st.multiselect("With a tag", tags, key="tags", placeholder="Any")
    after, before, pages = st.columns(3)
    after.text_input("From", key="after", placeholder="2023-05")
    before.text_input("Before", key="before", placeholder="2024")
    pages.text_input("Pages", key="pages", placeholder="3-7")


def label() -> str:
    """The label of the popover's button: the documents, tags, pages and dates to which the search is limited."""
    values = _values()
    named = [count(len(values["documents"]), "document")] if values["documents"] else []
    named += [*values["tags"], *(f"p. {values['pages']}" for _ in values["pages"][:1])]
    named += [text for text in (values["after"] and f"from {values['after']}",) if text]
    named += [text for text in (values["before"] and f"before {values['before']}",) if text]
    return "In " + ", ".join(named) if named else "Options"


def chosen() -> Choices:
    """The present choices. The filter is parsed, and refused where it is not valid, when the answer begins."""
    state = st.session_state
    return Choices(
        state.get("mode"), state.get("answer_by"), state.get("strictness"), partial(parse_filter, **_values())
    )


def _values() -> dict[str, Any]:
    state = st.session_state
    return {
        "documents": tuple(state.get("in", ())),
        "tags": tuple(state.get("tags", ())),
        "after": state.get("after", ""),
        "before": state.get("before", ""),
        "pages": state.get("pages", ""),
    }
