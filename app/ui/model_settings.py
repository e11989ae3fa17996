"""The dialog "Model": which model answers, one of this machine or a server's that is tried at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import dialogs
from app.ui.markup.text import escape_markdown, failure_html
from app.what_leaves import OF_QUESTIONS, unencrypted
from core.errors import LecternError
from core.messages import N_, _
from core.server_address import KEY_VARIABLE, checked_url, read_key, save_key
from generate import catalogue
from generate.server import known_model, model_names, try_model, use_server

if TYPE_CHECKING:
    from app.ui.shared import SharedState

HERE, SERVER = N_("On this machine"), N_("On a server")


def button(shared: SharedState) -> None:
    """The button that opens the dialog."""
    if st.button(_("Change the model"), key="change-model", type="tertiary", icon=":material/swap_horiz:"):
        dialog(shared)


@dialogs.dialog(_("Model"))
def dialog(shared: SharedState) -> None:
    """Choose where the model runs, and which one it is."""
    remote = shared.settings.model.startswith(catalogue.REMOTE)
    place = st.radio(
        _("Where it runs"), [HERE, SERVER], index=int(remote), key="model-place", horizontal=True, format_func=_
    )
    try:
        if place == HERE:
            choose_local(shared)
        else:
            choose_server(shared)
    except LecternError as error:
        st.html(failure_html(str(error)))


def choose_local(shared: SharedState) -> None:
    """The models of this machine. Raises ModelError where the chosen one cannot be used."""
    names = [card.name for card in catalogue.list_models(shared.settings)]
    name = st.selectbox(_("Model"), names, key="model-local")
    st.caption(_("Nothing leaves this machine."))
    if st.button(_("Use it"), key="use-local", type="primary", disabled=not name):
        catalogue.use(shared.settings, name)
        switched(shared, name)


def choose_server(shared: SharedState) -> None:
    """The address of a server, the key to it, and its models. Raises LecternError saying what is wrong with them."""
    st.caption(_(OF_QUESTIONS))
    text = st.text_input(
        _("Address"), value=shared.settings.server_url, key="server-url", placeholder="http://127.0.0.1:8000/v1"
    )
    key = st.text_input(
        _("Key, where it wants one"),
        key="server-key",
        type="password",
        help=_(
            "It is saved in the system's keyring. Left empty, it is read from there, or from {variable}.",
            variable=KEY_VARIABLE,
        ),
    )
    if not text.strip():
        return
    url = checked_url(text)
    if warning := unencrypted(url):
        st.caption(warning.strip())
    if st.button(_("Show its models"), key="list-models"):
        st.session_state.server_models = url, model_names(url, key or read_key(url))
    listed, names = st.session_state.get("server_models", ("", []))
    if listed != url:
        return
    name = st.selectbox(_("Model"), names, key="model-served")
    if st.button(_("Try and use it"), key="use-server", type="primary", disabled=not name):
        with st.spinner(_("Asking it something short")):
            try_model(url, key or read_key(url), known_model(name, names, url))
        if key:
            save_key(url, key)
        use_server(shared.settings, url, name)
        switched(shared, f"server:{name}")


def switched(shared: SharedState, model: str) -> None:
    """Take the model that was chosen, also where the page was started with another, and draw the page again."""
    shared.switch_model(model)
    st.session_state.toast = escape_markdown(_("{model} answers from here on.", model=shared.model_name))
    st.rerun()
