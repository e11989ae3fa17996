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

FEWEST_WORDS = 3
"""Before a number that is taken for the page's without a sign: "Chapter 3" is a heading."""

DEEPEST = 4
"""Lines that a margin holds at most: a name, a chapter, a page number, a note on secrecy."""

EDGE = 2
"""Lines at either end of a page that ``returning_shapes`` looks at."""

_ROMAN = r"(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_PAGE_NUMBER = re.compile(rf"(?:page |p\. ?)?(?:\d+|(?=[ivxl]){_ROMAN})(?: ?(?:/|of) ?\d+)?")
_OF_ALL = re.compile(r" ?(?:/|of) ?\d+$")
_SIGNS = ("|", "-", "–", "—", "page", "p.")

_FIGURE = re.compile(r"(?<![\w-])(?!(?:19|20)\d\d\b)\d[\d.,]*(?![\w-])")


def furniture(text: str, pages: Sequence[Page]) -> list[Span]:
    """The spans of the lines of ``text`` that many of its ``pages`` begin or end with, in order.

    Lines are compared without the page's number and from the page's edge inwards, so that what stands below a page's
    own heading is never furniture, nor is a line with a figure: forms of one kind hold the same lines of data. Only
    files with pages ("page") have any.
    """
    lines = [(_lines(text, page), page.number) for page in pages if page.kind == "page"]
    heads = [_peel(text, spans, number) for spans, number in lines]
    feet = [_peel(text, spans[::-1], number) for spans, number in lines]
    known_heads, known_feet = _repeated(heads), _repeated(feet)
    found = []
    for (spans, _), head, foot in zip(lines, heads, feet, strict=True):
        found += spans[: _depth(head, known_heads)] + spans[::-1][: _depth(foot, known_feet)]
    return sorted(set(found))


def returning_shapes(text: str, pages: Sequence[Page]) -> frozenset[str]:
    """The shapes (``shape``) of lines that stand at an edge of LEAST_PAGES pages or slides, however many there are.

    More than ``furniture`` finds, for a summary, which would rather do without a sentence than quote such a line: also
    lines with figures, of slides, and of a few pages among many, as "See accompanying notes." below each statement of
    a quarterly report. An answer must be able to quote those, so that ``furniture`` leaves them.
    """
    counts: Counter[str] = Counter()
    for page in pages:
        if page.kind in ("page", "slide"):
            lines = [text[slice(*line)] for line in _lines(text, page)]
            counts.update({shape(line) for line in (*lines[:EDGE], *lines[-EDGE:])})
    return frozenset(one for one, count in counts.items() if count >= LEAST_PAGES)


def goes_on(text: str, after: str) -> bool:
    """Whether a sentence goes on from ``text`` to ``after``: no full stop, and small letters behind the page's end."""
    last, first = text.rstrip()[-1:], after.lstrip()[:1]
    return (last.isalnum() or last in {",", ";", "-", "–", "—", "(", "&"}) and first.islower()


def shape(line: str) -> str:
    """A line without regard to its figures, its case and its white space."""
    return re.sub(r"\d+", "#", " ".join(line.split()).casefold())


def _lines(text: str, page: Page) -> list[Span]:
    """The lines of a page that hold text."""
    spans, at = [], page.start
    for line in text[page.start : page.end].splitlines(keepends=True):
        if line.strip():
            spans.append((at, at + len(line.rstrip())))
        at += len(line)
    return spans


def _peel(text: str, lines: Sequence[Span], number: int) -> list[str]:
    """The outermost lines of page ``number``, without what changes from page to page; "" for a line of data."""
    return [_key(text[slice(*line)], number) for line in lines[:DEEPEST]]


def _key(line: str, number: int) -> str:
    """A line without the page's number, which stands alone, at the line's beginning before a sign, or at its end. There
    its distance from the page's place in the file stays, which is the same on all pages."""
    plain = " ".join(line.split()).casefold()
    if _PAGE_NUMBER.fullmatch(plain.strip("-–— |")):
        return "#"
    title, _, last = _OF_ALL.sub("", plain).rpartition(" ")
    first, _, rest = plain.partition(" ")
    distance = ""
    if last.isdecimal() and (title.endswith(_SIGNS) or len(title.split()) >= FEWEST_WORDS):
        plain, distance = title, f" #{int(last) - number}"
    elif first.isdecimal() and rest.startswith(_SIGNS):
        plain, distance = rest, f" #{int(first) - number}"
    return "" if _FIGURE.search(plain) else plain + distance


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


def _depth(margin: Sequence[str], known: set[str]) -> int:
    """How many lines from the edge inwards are furniture."""
    return next((at for at, key in enumerate(margin) if key not in known), len(margin))
