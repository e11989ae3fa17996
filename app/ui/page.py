"""The page, read top to bottom: the sidebar, the conversation, the line to type in."""

from pathlib import Path

import streamlit as st

from app.ui import companion, embedder_entry, model_state, shared, sidebar, transcript
from app.ui.markup.text import failure_html
from core.errors import LecternError

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f6f6a"/>'
    '<path d="M7 9h18l-3 11H10z M14.5 20h3v6h-3z" fill="#fdfcf9"/></svg>'
)

st.set_page_config(page_title="Lectern", page_icon=ICON, layout="centered", menu_items={})
st.html(Path(__file__).with_name("style.css"))

try:
    state = shared.shared_state()
    workspace = state.workspace(sidebar.choose_library(state))
    model_state.progress(state)
    chat = sidebar.conversations(workspace)
    sidebar.documents(workspace)
    embedder_entry.entry(workspace)
    sidebar.footer(state)
    companion.show(workspace, chat)
    transcript.show(workspace, chat)
except LecternError as error:
    st.html(failure_html(str(error)))
