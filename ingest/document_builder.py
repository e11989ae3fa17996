"""Builds a Document: file readers add pages, paragraphs and headings in reading order."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePath

from core.tables import Table
from core.types import Document, Heading, Page, PageKind
from ingest.clean import one_line
from ingest.embedded import Embedded
from ingest.hidden import Hidden, HiddenText, warnings
from ingest.locate import page_at
from ingest.recognition.reading import Recognition
from ingest.tables.interpret import interpret
from ingest.tables.raw import RawTable

PATH_SIGN = " › "
"""Separates the headings of a path: "Costs › Travel"."""

HEADING_CHARACTERS = 120
"""Longest heading kept: a longer one is a paragraph in a heading's style, and would crowd out the text below it."""

# Titles that programs write by themselves and that say nothing about the document.
_NO_TITLE = re.compile(
    r"(?i)^(microsoft (word|powerpoint|excel)\b.*|untitled.*|unnamed.*|(powerpoint )?presentation\d*|slide \d+"
    r"|(word )?document\d*|(work)?book\d*|sheet ?\d+|title|no title|none|null|about:blank"
    r"|.*\.(docx?|pdf|pptx?|xlsx?|indd|tex|dvi|rtf|qxd|pmd))$"
)


class DocumentBuilder:
    """Collects what a file reader finds. The texts it is given must be clean (see ``ingest.clean``)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.media_type = "text/plain"
        self.title = ""
        self.metadata: dict[str, str] = {}
        self.warnings: list[str] = []
        self._texts: list[str] = []
        self._length = 0
        self._pages: list[Page] = []
        self._headings: list[Heading] = []
        self._path: tuple[Heading, ...] = ()
        self._hidden: list[HiddenText] = []
        self._tables: list[RawTable] = []
        self._finished_tables: list[Table] = []
        self.embedded: list[Embedded] = []
        """Files inside the file, to be read once the rest of it is."""
        self.recognition: Recognition | None = None
        self.reads: Callable[[int, int], None] = lambda _page, _pages: None  # before each page of many
        """Recognizes what stands in pictures; None where nothing on this machine can."""

    @property
    def length(self) -> int:
        """Characters written so far: the offset of the next text, if no gap comes first."""
        return self._length

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._texts)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages so far, each with its end; no flags yet."""
        ends = [*(page.start for page in self._pages[1:]), self._length]
        return tuple(replace(page, end=end) for page, end in zip(self._pages, ends, strict=False))  # no pages, one end

    @property
    def path_label(self) -> str:
        """The headings of the section being written, joined; "" before the first."""
        return PATH_SIGN.join(heading.text for heading in self._path)

    def page(
        self, kind: PageKind, text: str = "", *, label: str = "", first: int = 1, note: str = "", how: str = ""
    ) -> int:
        """Begin a page with ``text``; returns its offset in characters. Pages are numbered from 1."""
        last = self._pages[-1] if self._pages else None
        if last and last.start < self._length:
            self._append("\n" if self._texts[-1].endswith("\n") else "\n\n")
        elif last and last.kind == "section" and not last.note:
            self._pages.pop()  # begun, but nothing was written on it
        start = self._length
        self._pages.append(Page(kind, len(self._pages) + 1, label, start, start, first, note, how=how))
        self._append(text)
        return start

    def write(self, text: str, gap: str = "\n\n") -> int:
        """Add a paragraph to the current page, after ``gap``; returns its offset in characters."""
        if not self._pages:
            self.page("section")
        if self._length > self._pages[-1].start:
            self._append(gap)
        start = self._length
        self._append(text)
        return start

    def heading(self, level: int, text: str, start: int, most: int = HEADING_CHARACTERS) -> None:
        """Record a heading that applies from offset ``start``, without writing it; ``most`` characters are kept."""
        words = one_line(text, most)
        if words:
            self._headings.append(Heading(start, level, words))

    def section(self, level: int, text: str, written: str | None = None) -> None:
        """Begin a section (a page of kind "section") with its heading; nothing is done if the heading is blank.

        ``written`` is the heading as it is written into the text, if that differs from its words ("## Travel").
        """
        words = one_line(text, HEADING_CHARACTERS)
        if not words:
            return
        self._path = extend_path(self._path, Heading(self._length, level, words))
        start = self.page("section", one_line(text) if written is None else written, label=self.path_label)
        self._headings.append(Heading(start, level, words))

    def hide(self, texts: Iterable[Hidden], *, everywhere: bool = False) -> None:
        """Record texts left out because a reader of the file does not see them: of the current page, or of any page."""
        page = 0 if everywhere else len(self._pages)
        self._hidden += [HiddenText(text, page, kept=False) for text in texts]

    def table(self, table: RawTable) -> None:
        """Record a table whose characters are written already, or will be before the document is finished."""
        self._tables.append(table)

    def embed(self, name: str, load: Callable[[], bytes], place: str = "") -> None:
        """Record a file inside the file; its pages will follow all others. ``place`` is what they are called."""
        self.embedded.append(Embedded(place or name, name, load))

    def append(self, document: Document, place: str) -> None:
        """Add a whole document that stands inside this one at ``place``, as pages of its own.

        Blank pages are left out, unless a note says why they are.
        """
        self._path = ()
        pages = self._append_pages(document, place)
        if not pages:
            return

        def new(old: int) -> Page:
            """The page that stands for that of number ``old``, the nearest one for a blank page."""
            return pages.get(old) or pages[min(pages, key=lambda number: abs(number - old))]

        def moved(at: int) -> int:
            page = document.pages[max(0, page_at(document.pages, at))]
            return at - page.start + new(page.number).start

        self._headings += [replace(one, start=moved(one.start), level=one.level + 1) for one in document.headings]
        self._headings.append(Heading(next(iter(pages.values())).start, 1, one_line(place, HEADING_CHARACTERS)))
        self._finished_tables += [_moved_table(table, moved, new) for table in document.tables]
        self.warnings += [f"{place}: {warning}" for warning in document.warnings]
        self._hidden += [
            HiddenText(Hidden(page.flag), new(page.number).number, kept=True) for page in document.pages if page.flag
        ]

    def _append_pages(self, document: Document, place: str) -> dict[int, Page]:
        """Add the pages of a document that are not blank; the new ones by the numbers that they had in it."""
        added = {}
        for page in document.pages:
            text = document.text[page.start : page.end].rstrip()
            if text or page.note:
                kind: PageKind = page.kind if page.kind == "sheet" else "section"
                self.page(kind, text, label=place_inside(place, page), first=page.first, note=page.note, how=page.how)
                added[page.number] = self._pages[-1]
        return added

    def flag(self, why: str, first: int) -> None:
        """Record why the pages from number ``first`` on are not shown ("hidden sheet"); their text is kept."""
        self._hidden += [HiddenText(Hidden(why), page, kept=True) for page in range(first, len(self._pages) + 1)]

    @property
    def next_page(self) -> int:
        """The number that the next page will get."""
        return len(self._pages) + 1

    def finish(self, document_id: str) -> Document:
        """The finished document. Its title is the first that says something: the metadata's title, the first top-level
        heading, the file's name.
        """
        pages = tuple(replace(page, flag=self._flag_of(page)) for page in self.pages)
        headings = tuple(sorted(self._headings, key=lambda heading: heading.start))
        own = (heading.text for heading in headings if heading.level == 1 and pages[0].kind != "sheet")
        title = next(
            (words for words in map(one_line, (self.title, *own)) if says_something(words)), PurePath(self.name).stem
        )
        text = self.text
        return Document(
            id=document_id,
            name=self.name,
            media_type=self.media_type,
            title=title,
            text=text,
            pages=pages,
            headings=headings,
            metadata={key: value for key, value in self.metadata.items() if value},
            warnings=(*self.warnings, *warnings(self._hidden, pages)),
            tables=(*interpret(self._tables, text, pages), *self._finished_tables),
        )

    def _flag_of(self, page: Page) -> str:
        return "; ".join(dict.fromkeys(one.flag for one in self._hidden if one.page in (0, page.number)))

    def _append(self, text: str) -> None:
        if text:
            self._texts.append(text)
            self._length += len(text)


def place_inside(place: str, page: Page) -> str:
    """What a page of a file inside a file is called: "fares.pdf, p. 3", "rates.xlsx › Ferries"."""
    match page.kind:
        case "page":
            return f"{place}, p. {page.number}"
        case "slide":
            return f"{place}, slide {page.number}"
        case _:
            return f"{place}{PATH_SIGN}{page.label}" if page.label else place


def _moved_table(table: Table, moved: Callable[[int], int], new: Callable[[int], Page]) -> Table:
    return replace(
        table,
        start=moved(table.start),
        end=moved(table.start) + table.end - table.start,
        rows=tuple(
            replace(row, start=moved(row.start), end=moved(row.start) + row.end - row.start) for row in table.rows
        ),
        cells=tuple(
            replace(
                cell,
                start=moved(cell.start),
                end=moved(cell.start) + cell.end - cell.start,
                page=new(cell.page).number,
            )
            for cell in table.cells
        ),
    )


def says_something(title: str) -> bool:
    """Whether a title was written by a person: not "untitled", a file name or a number."""
    return sum(map(str.isalpha, title)) >= 2 and not _NO_TITLE.match(title)


def extend_path(path: tuple[Heading, ...], heading: Heading) -> tuple[Heading, ...]:
    """The headings that apply after ``heading``, outermost first, if those of ``path`` applied before it."""
    return (*(outer for outer in path if outer.level < heading.level), heading)
