"""The formats in which something is taken away, and the names of the files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args

from app.export.content import Export
from core.errors import UsageError
from core.messages import _

Format = Literal["md", "html", "docx", "pdf"]
"""By the end of the file's name."""

FORMATS = get_args(Format)

NAMES: dict[Format, str] = {"md": "Markdown", "html": "HTML", "docx": "Word", "pdf": "PDF"}

LONGEST_NAME = 60
"""Characters of a file's name, without its end."""


def as_bytes(export: Export, form: Format) -> bytes:
    """The file's bytes. Raises UsageError where the format cannot hold the text."""
    if form == "md":
        from app.export.as_markdown import as_markdown

        return as_markdown(export).encode()
    if form == "html":
        from app.export.as_html import as_html

        return as_html(export).encode()
    if form == "docx":
        from app.export.as_docx import as_docx

        return as_docx(export)
    from app.export.as_pdf import as_pdf

    return as_pdf(export)


def format_of(path: Path) -> Format:
    """The format that a file's name asks for. Raises UsageError for another end."""
    end = path.suffix.lower().lstrip(".")
    for form in FORMATS:
        if end == form or (form == "md" and end == "markdown"):
            return form  # type: ignore[no-any-return]
    raise UsageError(
        _("“{name}” is no format that can be written.", name=path.name),
        _("End the file's name with .md, .html, .docx or .pdf."),
    )


def file_name(title: str, form: Format) -> str:
    """ "How long is the lease.docx": the title as a file's name on every system."""
    stem = re.sub(r"[^\w \-.,()]+", " ", title)
    stem = " ".join(stem.split())[:LONGEST_NAME].strip(" .")
    return f"{stem or 'Lectern'}.{form}"


def write(export: Export, path: Path) -> None:
    """Write the file, for the person alone to read. Raises UsageError where it cannot be written."""
    content = as_bytes(export, format_of(path))
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            _("{path} cannot be written: {reason}.", path=path, reason=error.strerror or error),
            _("Name a file in a folder that you may write in."),
        ) from error
