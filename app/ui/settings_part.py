"""The part Settings: the model, how long an answer may take, the embedder, the look, and what leaves the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import embedder_entry, model_settings
from app.ui.markup.settings import facts_html, privacy_html
from app.ui.sidebar import say_failure
from app.what_leaves import what_leaves
from core.errors import LecternError
from core.messages import _
from generate import catalogue

if TYPE_CHECKING:
    from app.ui.shared import SharedState, Workspace


def show(shared: SharedState, workspace: Workspace) -> None:
    """The whole part."""
    st.title(_("Settings"), anchor=False)
    models(shared)
    patience(shared, workspace)
    st.subheader(_("Search by meaning"), anchor=False)
    st.html(facts_html([(_("Embedder"), workspace.library.embedder_name or _("chosen with the first document"))]))
    embedder_entry.entry(workspace)
    look()
    st.subheader(_("Privacy"), anchor=False)
    st.html(privacy_html(what_leaves(shared.settings), str(shared.settings.home), str(shared.settings.models)))
    st.subheader(_("Keys"), anchor=False)
    keys = [
        ("/", _("to the line to type in")),
        ("← →", _("from one source of an answer to the next")),
        ("Esc", _("closes a source; stops an answer that is being written")),
    ]
    st.html(facts_html(keys))


def models(shared: SharedState) -> None:
    """Which model answers, and those of this machine."""
    st.subheader(_("Model"), anchor=False)
    try:
        cards = catalogue.list_models(shared.settings)
        rows = [(card.name, _("answers now") if card.name == shared.model_name else "") for card in cards]
        st.html(facts_html(rows))
    except LecternError as error:
        say_failure(error)
    model_settings.button(shared)


def patience(shared: SharedState, workspace: Workspace) -> None:
    """How many seconds the model may read for an answer."""
    st.subheader(_("Patience"), anchor=False)
    now = workspace.opened.settings.patience
    chosen = st.slider(
        _("Seconds that an answer may take to read"),
        min_value=1.0,
        max_value=120.0,
        value=float(min(max(now, 1.0), 120.0)),
        step=1.0,
        key="patience",
        help=_("The model reads as much around the evidence as it can in this time. It holds until Lectern ends."),
    )
    if chosen != now:
        shared.set_patience(chosen)


def look() -> None:
    """Where light and dark are chosen."""
    st.subheader(_("Look"), anchor=False)
    st.caption(_("Light or dark follow the system; the menu at the upper right (⋮) sets one of them."))
