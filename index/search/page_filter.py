"""Hits and texts cut to the pages that a filter keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.types import Page
from index.page_spans import clip
from index.search.hits import Hit


def cut_to_pages(hit: Hit, pages: tuple[int, int]) -> Hit | None:
    """The part of a hit that is on these pages; None where that is only white space."""
    span = span_on_pages(hit.text, hit.pages, pages)
    if span is None:
        return None
    start, end = span
    text = hit.text[start:end]
    return replace(
        hit, start=hit.start + start, end=hit.start + end, text=text, pages=clip(hit.pages, hit.text, start, end)
    )


def span_on_pages(text: str, text_pages: Sequence[Page], pages: tuple[int, int]) -> tuple[int, int] | None:
    """The span of ``text`` on the pages ``pages`` (first, last), without white space around it; None if it is empty.

    ``text_pages`` are all pages that ``text`` is on.
    """
    there = [p for p in text_pages if p.kind in ("page", "slide") and pages[0] <= p.number <= pages[1]]
    part = text[there[0].start : there[-1].end] if there else ""
    if not part.strip():
        return None
    start = there[0].start + len(part) - len(part.lstrip())
    return start, start + len(part.strip())
