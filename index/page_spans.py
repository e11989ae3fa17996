"""Stretches of a document, each with the pages that it lies on, counted from the stretch's own start."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from core.types import Page, Passage
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


def without(passage: Passage, spans: Sequence[tuple[int, int]]) -> tuple[Passage, ...]:
    """The stretches of ``passage`` beside ``spans`` of its text, which are in order, each exact in its place.

    Without spans it is the passage itself; nothing is left of one that they cover.
    """
    if not spans:
        return (passage,)
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(passage.text)]
    return tuple(
        _stretch(passage, start, end)
        for start, end in zip(starts, ends, strict=True)
        if passage.text[start:end].strip()
    )


def _stretch(passage: Passage, start: int, end: int) -> Passage:
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
