"""The running headers and footers of pages, without their page numbers."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.compare.words import Word, words_of
from core.types import Document, Page
from ingest.furniture import furniture, shape
from ingest.sentences import Span

DEEPEST = 3
"""Lines at a page's edge that can be furniture."""

MOST_BESIDE = 2
"""Words beside a page's number that only tell what it is: "Page 3 of 12"."""

SHARE = 0.6
"""Share of the pages on which a line of one shape stands at the same edge."""


@dataclass(frozen=True, slots=True)
class Margin:
    """A line at a page's edge: ``text[start:end]``, and its words but for the page's number."""

    words: tuple[Word, ...]
    start: int
    end: int


def find_margins(document: Document) -> list[Margin]:
    """The running lines of all pages of a document with pages, in order."""
    pages = [page for page in document.pages if page.kind == "page" and document.text[page.start : page.end].strip()]
    spans = set(furniture(document.text, document.pages))
    groups: dict[str, list[tuple[int, int, Page]]] = defaultdict(list)
    if len(pages) > 1:
        spans |= _running(document, pages, spans)
    for start, end in sorted(spans):
        page = next((page for page in pages if page.start <= start < page.end), None)
        if page is not None:
            groups[shape(document.text[start:end])].append((start, end, page))
    return sorted((one for group in groups.values() for one in _stripped(document, group)), key=lambda one: one.start)


def once(margins: Sequence[Margin]) -> list[Margin]:
    """Each different line once, those of page numbers alone left out."""
    seen: dict[tuple[str, ...], Margin] = {}
    for margin in margins:
        if any(not word.is_sign for word in margin.words):
            seen.setdefault(tuple(word.key for word in margin.words), margin)
    return list(seen.values())


def _running(document: Document, pages: Sequence[Page], known: set[Span]) -> set[Span]:
    """The lines at the edges of pages that return on others, at the same edge or the other, from the edge inwards.

    They are the same but for figures that count the pages.
    """
    found: set[Span] = set()
    lines = {page.number: _lines(document.text, page) for page in pages}
    for _ in range(DEEPEST):
        returning: dict[str, dict[int, Span]] = defaultdict(dict)
        for page in pages:
            edges = lines[page.number][:DEEPEST] + lines[page.number][-DEEPEST:]
            inner = [line for line in edges if line not in known | found]
            for span in dict.fromkeys((*inner[:1], *inner[-1:])):
                for key in _keys(document.text[slice(*span)], page.number):
                    returning[key][page.number] = span
        least = max(2, SHARE * len(pages))
        more = {span for on in returning.values() if len(on) >= least for span in on.values()}
        if not more:
            break
        found |= more
    return found


def _keys(line: str, number: int) -> set[str]:
    """A line as it is, and with one of its figures told by how far it is from the page's number."""
    plain = " ".join(line.split())
    counted = {
        f"{plain[: figure.start()]}#{int(figure.group()) - number}{plain[figure.end() :]}"
        for figure in re.finditer(r"\d{1,4}", plain)
    }
    return {plain, *counted}


def _stripped(document: Document, group: Sequence[tuple[int, int, Page]]) -> Iterator[Margin]:
    """The lines of one shape without the figures that count the pages, or say how many there are."""
    rows = [words_of(document.text, start, end) for start, end, _ in group]
    most = len(document.pages)
    for (start, end, page), words in zip(group, rows, strict=True):
        kept = []
        for at, word in enumerate(words):
            if word.key.isdecimal() and len(word.key) < 5:
                counts = {
                    int(row[at].key) - other.number
                    for row, (_, _, other) in zip(rows, group, strict=True)
                    if len(row) == len(words) and row[at].key.isdecimal()
                }
                if (len(counts) == 1 and len(group) > 1) or int(word.key) in (page.number, most):
                    continue
            kept.append(word)
        counts_only = len(kept) < len(words) and sum(not word.is_sign for word in kept) <= MOST_BESIDE
        yield Margin(() if counts_only else tuple(kept), start, end)


def _lines(text: str, page: Page) -> list[Span]:
    spans, at = [], page.start
    for line in text[page.start : page.end].split("\n"):
        if line.strip():
            spans.append((at, at + len(line.rstrip())))
        at += len(line) + 1
    return spans
