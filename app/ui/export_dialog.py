"""The dialog in which a chat or an answer is taken away as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.export.formats import FORMATS, NAMES, Format, as_bytes, file_name
from app.ui import dialogs
from app.ui.markup.text import failure_html
from core.errors import LecternError
from core.messages import _

if TYPE_CHECKING:
    from app.export.content import Export

MEDIA: dict[Format, str] = {
    "md": "text/markdown",
    "html": "application/octet-stream",  # it is saved, never shown by the page
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dialogs.dialog(_("Save as a file"))
def export_dialog(export: Export, title: str) -> None:
    """Choose a format and save; the sources stand in the file as footnotes, with the words that they say."""
    form: Format = (
        st.segmented_control(
            _("Format"), FORMATS, default="docx", required=True, format_func=lambda one: NAMES[one], key="export-format"
        )
        or "docx"
    )
    st.caption(_("The sources stand in it as footnotes, each with the words that are cited."))
    try:
        content = as_bytes(export, form)
    except LecternError as error:
        st.html(failure_html(str(error)))
        return
    st.download_button(
        _("Save"),
        content,
        file_name=file_name(title, form),
        mime=MEDIA[form],
        type="primary",
        key="save-export",
        on_click="ignore",
        icon=":material/download:",
    )
