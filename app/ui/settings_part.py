"""The part Settings: the model, how long an answer may take, the embedder, the look, and what leaves the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.connections import connections
from app.ui import embedder_entry, model_settings
from app.ui.markup.settings import facts_html, privacy_html
from app.ui.sidebar import say_failure
from app.what_leaves import what_leaves
from core.errors import LecternError
from core.messages import N_, _
from generate import catalogue

if TYPE_CHECKING:
    from app.ui.shared import SharedState
    from app.ui.workspace import Workspace

PRESETS = {0.0: N_("Exact"), 0.3: N_("A little free"), 0.7: N_("Free")}
"""Temperatures of the model by what they are called."""


def show(shared: SharedState, workspace: Workspace) -> None:
    """The whole part."""
    st.title(_("Settings"), anchor=False)
    models(shared)
    patience(shared, workspace)
    writing(shared)
    st.subheader(_("Search by meaning"), anchor=False)
    st.html(facts_html([(_("Embedder"), workspace.library.embedder_name or _("chosen with the first document"))]))
    embedder_entry.entry(workspace)
    look()
    st.subheader(_("Privacy"), anchor=False)
    st.html(privacy_html(what_leaves(shared.settings), str(shared.settings.home), str(shared.settings.models)))
    proof()
    st.subheader(_("Keys"), anchor=False)
    keys = [
        ("/", _("to the line to type in")),
        ("Tab", _("from one thing to the next; the first leads to the question")),
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


def writing(shared: SharedState) -> None:
    """How freely the model words its answers, and whether it may answer without documents."""
    st.subheader(_("Writing"), anchor=False)
    now = shared.settings.temperature
    presets = {**PRESETS, now: PRESETS.get(now, N_("As set: {temperature}"))}
    chosen = st.segmented_control(
        _("How freely the model words its answers"),
        sorted(presets),
        default=now,
        required=True,
        format_func=lambda one: _(presets[one], temperature=one),
        key="temperature",
        help=_("Exact: the same words each time. The freer, the more an answer may say that your documents do not."),
    )
    if chosen != now:
        keep(shared, temperature=float(chosen))
    allowed = st.toggle(
        _("Allow chats without documents"),
        shared.settings.own_words,
        key="allow-own-words",
        help=_("Options then has “Without documents”: the model answers by itself, and each answer says so."),
    )
    if allowed != shared.settings.own_words:
        keep(shared, own_words=allowed)


def keep(shared: SharedState, **values: float | bool) -> None:
    """Let these settings hold from the next answer on, and after Lectern has ended."""
    try:
        shared.change(**values)
    except LecternError as error:
        say_failure(error)
    st.rerun()


def proof() -> None:
    """Which connections this program has now, as the system says."""
    found = connections()
    if found is None:
        return
    far = ", ".join(found.elsewhere) or _("none")
    rows = [(_("Can be reached at"), ", ".join(found.listening)), (_("Connected to other machines"), far)]
    st.html(facts_html(rows))
    st.button(_("Look again"), key="look-again", type="tertiary", icon=":material/refresh:")


def look() -> None:
    """Where light and dark are chosen."""
    st.subheader(_("Look"), anchor=False)
    st.caption(_("Light or dark follow the system; the menu at the upper right (⋮) sets one of them."))
