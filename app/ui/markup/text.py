"""Pieces of text as HTML: labels, paragraphs, places, notes, failures."""

import re
from collections.abc import Sequence
from html import escape

from app.commands.common import one_line, plain
from core.types import Citation, Passage

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^&@])")


def escape_markdown(text: str) -> str:
    """``text`` on one line for a widget's label, which Streamlit reads as Markdown: Markdown's signs are escaped."""
    return MARKDOWN_SIGNS.sub(r"\\\1", one_line(text))


def paragraphs_html(text: str) -> str:
    """Running text as escaped paragraphs; the style sheet keeps line feeds inside a paragraph."""
    paragraphs = [paragraph for paragraph in re.split(r"\n\s*\n", plain(text).strip()) if paragraph.strip()]
    return "".join(f'<p dir="auto">{escape(paragraph)}</p>' for paragraph in paragraphs)


def place_html(source: Citation | Passage) -> str:
    """File and place: "lease.docx · p. 3"."""
    label = source.locator.label
    file = f"<b>{escape(one_line(source.file))}</b>"
    return f"{file} · {escape(one_line(label))}" if label else file


def notes_html(lines: Sequence[str]) -> str:
    return "".join(f'<p class="lc-note" dir="auto">{escape(plain(line))}</p>' for line in lines)


def failure_html(message: str) -> str:
    return f'<p class="lc-failure" role="alert" dir="auto">{escape(plain(message))}</p>'


def duration_text(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
