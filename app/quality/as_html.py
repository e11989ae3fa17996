"""The quality of documents as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.quality.quality import Quality, in_a_line, runs

TEMPLATE = Path(__file__).with_name("page.html")


def as_html(title: str, documents: Sequence[Quality], missing: Sequence[str] = ()) -> str:
    """The report; those with something to look at come first. ``missing`` are files that are not in the library."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE.read_text("utf-8"))
    ordered = sorted(documents, key=lambda one: (not one.problems, one.name))
    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    return template.render(title=title, documents=ordered, missing=missing, made=made, in_a_line=in_a_line, runs=runs)
