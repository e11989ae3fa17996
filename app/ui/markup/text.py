"""Pieces of text as HTML: labels, paragraphs, places, notes, failures."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import PurePath

from app.commands.common import one_line, plain
from core.messages import _
from core.types import Citation, Passage

NAME_CHARACTERS = 24
"""Of a file's name in a chip."""

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^&@])")


def escape_markdown(text: str) -> str:
    """``text`` on one line for a widget's label, which Streamlit reads as Markdown: Markdown's signs are escaped."""
    return MARKDOWN_SIGNS.sub(r"\\\1", one_line(text))


def paragraphs_html(text: str) -> str:
    """Running text as escaped paragraphs; the style sheet keeps line feeds inside a paragraph."""
    paragraphs = [paragraph for paragraph in re.split(r"\n\s*\n", plain(text).strip()) if paragraph.strip()]
    return "".join(f'<p dir="auto">{escape(paragraph)}</p>' for paragraph in paragraphs)


def place_html(source: Citation | Passage) -> str:
    """File and place, to be clicked: "lease.docx · p. 3"."""
    label = source.locator.label
    file = f"<b>{escape(one_line(source.file))}</b>"
    return chip_html(source, f"{file} · {escape(one_line(label))}" if label else file, "lc-place")


def mark_html(citation: Citation, number: int, *, named: bool) -> str:
    """The chip of source ``number`` behind a sentence: "[1 lease p. 3]", and "[1]" where it was ``named`` before."""
    if named:
        return chip_html(citation, f"[{number}]", "lc-mark")
    stem = PurePath(one_line(citation.file)).stem
    short = stem if len(stem) <= NAME_CHARACTERS else stem[: NAME_CHARACTERS - 1].rstrip() + "…"
    text = " ".join(filter(None, (str(number), short, one_line(citation.locator.label))))
    return chip_html(citation, escape(f"[{text}]"), "lc-mark", number)


def chip_html(source: Citation | Passage, inner: str, kind: str, number: int = 0) -> str:
    """A button that opens the source drawer; ``inner`` is HTML. What it does is in ``app/ui/companion.js``."""
    where = ", ".join(filter(None, (one_line(source.file), one_line(source.locator.label))))
    said = _("Source {number}: {place}", number=number, place=where) if number else _("Open {place}", place=where)
    return (
        f'<button type="button" class="lc-chip {kind}" data-lc="source" data-document="{escape(source.document_id)}"'
        f' data-start="{source.start}" data-end="{source.end}" aria-label="{escape(said)}" title="{escape(where)}">'
        f"{inner}</button>"
    )


def notes_html(lines: Sequence[str]) -> str:
    return "".join(f'<p class="lc-note" dir="auto">{escape(plain(line))}</p>' for line in lines)


def failure_html(message: str) -> str:
    return f'<p class="lc-failure" role="alert" dir="auto">{escape(plain(message))}</p>'


def duration_text(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
