"""The quality of what was read of a document, page by page: how it was read, what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import Document, Page
from index.language import NAMES, clear_language_of, language_of
from ingest.garbled import garbled_share
from ingest.recognition.reading import FORM, RECOGNIZED

if TYPE_CHECKING:
    from index.store.records import DocumentRecord

FEWEST_LETTERS = 40
"""Of a page, for its language to be told."""


@dataclass(frozen=True, slots=True)
class PageQuality:
    """What was read of one page.

    ``ways`` are some of "text", "recognized ...", "form", "3 tables", in this order; () where nothing was read.
    ``left_out`` says why it has no text, or what of it a reader of the file does not see; "" for neither.
    ``garbled`` is the share, 0..1, of its characters that are none; ``language`` an English name, "" where too little
    tells it.
    """

    number: int
    place: str
    characters: int
    ways: tuple[str, ...]
    left_out: str
    garbled: float
    language: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What was read of a document; ``left_out`` are the lines that hold for all of it."""

    name: str
    media_type: str
    characters: int
    language: str
    garbled: float
    pages: tuple[PageQuality, ...]
    left_out: tuple[str, ...]

    @property
    def ways(self) -> dict[str, int]:
        """How many pages were read in each way; recognized ones are counted together."""
        counted = Counter(_kind(way) for page in self.pages for way in page.ways)
        return {way: counted[way] for way in ("text", RECOGNIZED, FORM, "tables") if counted[way]}

    @property
    def unread(self) -> tuple[PageQuality, ...]:
        """The pages of which nothing was read."""
        return tuple(page for page in self.pages if not page.ways)

    @property
    def problems(self) -> int:
        """Pages and lines that a person should look at."""
        return len(self.left_out) + sum(bool(page.left_out) or page.garbled > 0.01 for page in self.pages)


def quality_of(document: Document, record: DocumentRecord | None = None) -> Quality:
    """The quality of a stored document; ``record`` gives the name that the library has for it."""
    tables = Counter(page for table in document.tables for page in {cell.page for cell in table.cells})
    pages = tuple(_page(page, document.text[page.start : page.end], tables[page.number]) for page in document.pages)
    return Quality(
        record.name if record else document.name,
        document.media_type,
        len(document.text),
        NAMES.get(language_of(document.text), ""),
        garbled_share(document.text),
        pages,
        document.warnings,
    )


def _page(page: Page, text: str, tables: int) -> PageQuality:
    shown = text.strip()
    recognized = page.how.startswith(RECOGNIZED)
    ways = [page.how] if page.how else []
    if shown and not recognized:
        ways.insert(0, "text")
    if tables:
        ways.append(f"{tables} table{'s' if tables > 1 else ''}")
    letters = sum(map(str.isalpha, shown))
    return PageQuality(
        page.number,
        f"{page.kind} {page.number}" + (f" ({page.label})" if page.label else ""),
        len(shown),
        tuple(ways),
        "; ".join(filter(None, (page.note, page.flag))),
        garbled_share(shown),
        NAMES.get(clear_language_of(shown), "") if letters >= FEWEST_LETTERS else "",
    )


def _kind(way: str) -> str:
    if way.startswith(RECOGNIZED):
        return RECOGNIZED
    return way if way in ("text", FORM) else "tables"


def in_a_line(quality: Quality) -> str:
    """ "12 pages: text 10, recognized 2, tables 3; English; 1 of them not read"."""
    said = ", ".join(f"{way} {number}" for way, number in quality.ways.items()) or "nothing"
    parts = [f"{said} of {len(quality.pages)}", quality.language]
    parts += [f"{len(quality.unread)} not read"] if quality.unread else []
    parts += [f"garbled {quality.garbled:.1%}"] if quality.garbled >= 0.001 else []
    return "; ".join(filter(None, parts))


def runs(pages: Sequence[PageQuality]) -> list[tuple[PageQuality, PageQuality]]:
    """The first and last page of each run that was read alike: 900 pages of text are one line."""
    found: list[list[PageQuality]] = []
    for page in pages:
        if found and not page.place.endswith(")") and _alike(found[-1][-1], page):
            found[-1].append(page)
        else:
            found.append([page])
    return [(run[0], run[-1]) for run in found]


def _alike(one: PageQuality, other: PageQuality) -> bool:
    def said(page: PageQuality) -> tuple[object, ...]:
        return (*(_kind(way) for way in page.ways), page.left_out, page.language, page.garbled > 0.01)

    return not one.place.endswith(")") and said(one) == said(other)
