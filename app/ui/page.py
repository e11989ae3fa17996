"""The page in the browser: what all of it shares, then one of its three parts."""

from pathlib import Path

import streamlit as st

from app.ui import dialogs, parts

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f6f6a"/>'
    '<path d="M7 9h18l-3 11H10z M14.5 20h3v6h-3z" fill="#fdfcf9"/></svg>'
)

dialogs.forget()
st.set_page_config(page_title="Lectern", page_icon=ICON, layout="centered", menu_items={})
st.html(Path(__file__).with_name("style.css"))
st.navigation([*parts.parts().values()], position="hidden").run()
