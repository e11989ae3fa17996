"""Pages -> their running headers, footers and page numbers, which belong to the file's pages and not to its text."""

import re
from collections import Counter
from collections.abc import Sequence

from core.types import Page
from ingest.sentences import Span

LEAST_PAGES = 3
"""Pages on which a margin's line must stand before it is furniture: a title stands on one, a table's head on two."""

LEAST_SHARE = 0.4
"""Share of the pages with text on which it must stand: headers of left and right pages alternate; a company's name
above each of five statements in a report of thirty pages is a heading."""

DEEPEST = 4
"""Lines that a margin holds at most: a name, a chapter, a page number, a note on secrecy."""

_FIGURES = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+")


def furniture(text: str, pages: Sequence[Page]) -> list[Span]:
    """The spans of the lines of ``text`` that many of its ``pages`` begin or end with, in order.

    Lines are compared without their figures and from the page's edge inwards, so that what stands below a page's own
    heading is never furniture. Only files with pages ("page") have any.
    """
    lines = [_lines(text, page) for page in pages if page.kind == "page"]
    heads = _repeated([_peel(text, page) for page in lines])
    feet = _repeated([_peel(text, page[::-1]) for page in lines])
    found = []
    for page in lines:
        found += _edge(text, page, heads) + _edge(text, page[::-1], feet)
    return sorted(set(found))


def _lines(text: str, page: Page) -> list[Span]:
    """The lines of a page that hold text."""
    spans, at = [], page.start
    for line in text[page.start : page.end].splitlines(keepends=True):
        if line.strip():
            spans.append((at, at + len(line.rstrip())))
        at += len(line)
    return spans


def _peel(text: str, page: Sequence[Span]) -> list[str]:
    """The outermost lines, without what changes from page to page."""
    return [_key(text[slice(*line)]) for line in page[:DEEPEST]]


def _key(line: str) -> str:
    plain = " ".join(line.split()).casefold()
    return "#" if _ROMAN.fullmatch(plain) else _FIGURES.sub("#", plain)


def _repeated(margins: Sequence[Sequence[str]]) -> set[str]:
    """The lines that stand in the margins of enough pages, each counted where all further out are such lines too."""
    least = max(LEAST_PAGES, LEAST_SHARE * sum(map(bool, margins)))
    found: set[str] = set()
    while True:
        edges = Counter(next((key for key in margin if key not in found), "") for margin in margins)
        more = {key for key, count in edges.items() if key and count >= least}
        if not more:
            return found
        found |= more


def _edge(text: str, page: Sequence[Span], known: set[str]) -> list[Span]:
    """The lines from the edge inwards that are furniture."""
    count = next((at for at, key in enumerate(_peel(text, page)) if key not in known), min(len(page), DEEPEST))
    return list(page[:count])
