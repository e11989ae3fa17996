"""Spans of a document, each with the pages that it is on, counted from the span's own start."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from core.types import Page, Passage
from ingest.locate import locate


def clip(pages: Sequence[Page], text: str, start: int, end: int) -> tuple[Page, ...]:
    """The pages that ``text[start:end]`` is on, counted from ``start``.

    ``locate(clip(...), text[start:end], i)`` is the place of ``text[start + i]``. Sections without a heading keep the
    paragraph that the span begins in.
    """
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
    """The same pages with every start and end moved by ``by`` characters."""
    return tuple(replace(page, start=page.start + by, end=page.end + by) for page in pages)


def without(passage: Passage, spans: Sequence[tuple[int, int]]) -> tuple[Passage, ...]:
    """``passage`` without ``spans`` of its text (start, end; in order): the pieces that are left, as passages.

    Without spans that is the passage itself; if the spans cover all of it, nothing is left.
    """
    if not spans:
        return (passage,)
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(passage.text)]
    return tuple(
        _piece(passage, start, end) for start, end in zip(starts, ends, strict=True) if passage.text[start:end].strip()
    )


def _piece(passage: Passage, start: int, end: int) -> Passage:
    piece = passage.text[start:end]
    start, end = end - len(piece.lstrip()), start + len(piece.rstrip())
    pages = clip(passage.pages, passage.text, start, end) if passage.pages else ()
    text = passage.text[start:end]
    return replace(
        passage,
        start=passage.start + start,
        end=passage.start + end,
        text=text,
        pages=pages,
        locator=locate(pages, text, 0) if pages else passage.locator,
    )
