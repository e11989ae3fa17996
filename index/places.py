"""The pages that a stretch of a document lies on, counted from the stretch's own start."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from core.types import Page
from ingest.locate import locate


def clip(pages: Sequence[Page], text: str, start: int, end: int) -> tuple[Page, ...]:
    """The pages that ``text[start:end]`` lies on, such that ``locate(clip(...), text[start:end], i)`` says where
    ``text[start + i]`` stands. Sections without a heading keep the paragraph that the stretch begins in."""
    first = max(0, bisect_right(pages, start, key=lambda page: page.start) - 1)
    found = []
    for page in pages[first:]:
        if page.start >= end:
            break
        begin = max(page.start, start)
        if page.end <= begin and page.start < start:
            continue
        label = page.label or (locate(pages, text, begin).label if page.kind == "section" else "")
        lines = text.count("\n", page.start, begin) if page.kind in ("sheet", "lines") else 0
        found.append(
            replace(page, label=label, start=begin - start, end=min(page.end, end) - start, first=page.first + lines)
        )
    return tuple(found)


def shift(pages: Sequence[Page], by: int) -> tuple[Page, ...]:
    """The same pages, counted from a character ``by`` before."""
    return tuple(replace(page, start=page.start + by, end=page.end + by) for page in pages)
