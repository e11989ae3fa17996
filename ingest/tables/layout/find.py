"""Drawn pages -> their tables: what runs on over pages is one, contents are none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.types import Page
from ingest.furniture import EDGE, furniture, returning_shapes, shape
from ingest.sentences import Span
from ingest.tables.layout.blocks import blocks_of, is_unit_note
from ingest.tables.layout.columns import Grid
from ingest.tables.layout.heads import Heads, heads_of
from ingest.tables.layout.labels import LabelledRow, labelled_rows
from ingest.tables.layout.lines import Line, Rule, Segment, Word, lines_of
from ingest.tables.layout.positions import offsets
from ingest.tables.layout.titles import Title, title_of
from ingest.tables.raw import RawCell, RawRow, RawTable

SAME_COLUMN = 4.0
"""Points by which the right ends of a column may differ from page to page."""

MOST_LINES = 1000
"""Of a page with tables: plans and maps have more, and would take minutes."""

FEWEST_ENTRIES = 3
"""Of a table of contents."""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page with what is drawn on it. ``start`` and ``end`` are its place in the document's text."""

    number: int
    words: Sequence[Word]
    rules: Sequence[Rule]
    letters: Sequence[tuple[int, str]]
    start: int
    end: int


Places = Mapping[int, tuple[int, int]]
"""The number of a letter of a page -> its characters in the document's text."""


@dataclass
class _Draft:
    """A table before its characters are known. ``last`` tells whether nothing stood below it on its page."""

    grid: Grid
    heads: Heads
    title: Title
    rows: list[LabelledRow]
    page: int
    first: bool
    last: bool
    lines: list[Line] = field(default_factory=list)


def find_tables(pages: Sequence[DrawnPage], text: str, all_pages: Sequence[Page]) -> list[RawTable]:
    """The tables of a document of this text and ``all_pages``, on those ``pages`` that may hold any. Lines that return
    at the edges of pages, running headers and footers, are none of them.
    """
    running = furniture(text, all_pages)
    returning = returning_shapes(text, all_pages)
    drafts: list[_Draft] = []
    places: dict[int, Places] = {}
    for page in pages:
        places[page.number] = offsets(page.letters, text, page.start, page.end)
        own = [span for span in running if page.start <= span[0] < page.end]
        lines = _without_furniture(lines_of(page.words, page.number), places[page.number], own, returning)
        for draft in _drafts(lines, page):
            if drafts and _continues(drafts[-1], draft):
                drafts[-1] = _joined(drafts[-1], draft)
            elif not _is_contents(draft, len(all_pages)):
                if not str(draft.title) and draft.first and drafts:  # nothing above it: what stood above the last one
                    draft.title = drafts[-1].title
                drafts.append(draft)
    return [table for draft in drafts if (table := _raw(draft, places))]


def _without_furniture(
    lines: list[Line], places: Places, running: Sequence[Span], returning: frozenset[str]
) -> list[Line]:
    def is_running(number: int, line: Line) -> bool:
        at = places.get(line.segments[0].words[0].first)
        if at is not None and any(start <= at[0] < end for start, end in running):
            return True
        edge = number < EDGE or number >= len(lines) - EDGE
        return edge and len(line.segments) == 1 and shape(line.text) in returning and not is_unit_note(line.text)

    return [line for number, line in enumerate(lines) if not is_running(number, line)]


def _drafts(lines: Sequence[Line], page: DrawnPage) -> Iterator[_Draft]:
    if len(lines) > MOST_LINES:
        return
    right = max((line.right for line in lines), default=0.0)
    blocks = blocks_of(lines)
    before = Title("", "", ())
    for number, block in enumerate(blocks):
        grid = block.grid
        heads = heads_of(block, grid, page.rules)
        rows = labelled_rows([*heads.inner, *block.body], grid)
        first = number == 0 and not any(len(line.text) > 1 for line in heads.rest)
        last = number + 1 == len(blocks) and block.body[-1] is lines[-1]
        title = title_of(heads.rest, right)
        if not title.heading:  # right below another table: what stands above both
            title = replace(title, heading=before.heading, leading=title.leading or before.leading)
        before = title
        used = [*heads.lines, *heads.inner, *block.body]
        yield _Draft(grid, heads, title, rows, page.number, first, last, used)


def _continues(before: _Draft, after: _Draft) -> bool:
    """Whether a table at a page's top goes on with the one at the bottom of the page before, without other heads."""
    if not (before.last and after.first and after.page == before.page + 1):
        return False
    same = len(before.grid.bands) == len(after.grid.bands) and all(
        abs(one.right - other.right) < SAME_COLUMN
        for one, other in zip(before.grid.bands, after.grid.bands, strict=True)
    )
    return same and (not any(after.heads.paths) or after.heads.paths == before.heads.paths)


def _joined(before: _Draft, after: _Draft) -> _Draft:
    rows = [*before.rows, *after.rows]
    return replace(before, rows=rows, page=after.page, last=after.last, lines=[*before.lines, *after.lines])


def _is_contents(draft: _Draft, page_count: int) -> bool:
    """Whether rows are entries of a table of contents: each ends in the number of a page, and none goes back."""
    if sum(band.figures for band in draft.grid.bands) != 1:
        return False
    numbers = [segment.text for row in draft.rows for _, segment in row.cells if segment.kind == "figure"]
    if len(numbers) < FEWEST_ENTRIES or not all(number.isdecimal() for number in numbers):
        return False
    counted = list(map(int, numbers))
    return counted == sorted(counted) and counted[-1] <= page_count + FEWEST_ENTRIES


def _raw(draft: _Draft, places: Mapping[int, Places]) -> RawTable | None:
    rows = [row for labelled in draft.rows if (row := _raw_row(labelled, places[labelled.page]))]
    if not rows:
        return None
    spans = [span for line in draft.lines for segment in line.segments if (span := _span(segment, places[line.page]))]
    columns = tuple(draft.heads.paths)
    notes = (*draft.heads.notes, *draft.title.notes, str(draft.title))
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    return RawTable(str(draft.title), columns, tuple(rows), start, end, notes)


def _raw_row(row: LabelledRow, places: Places) -> RawRow | None:
    """The row with its cells' characters; None where its characters are not in the text."""
    found: dict[int, RawCell] = {}
    for column, segment in row.cells:
        span = _span(segment, places)
        if span and column not in found:
            found[column] = RawCell(column, *span, row.page, segment.box)
    if not found:
        return None
    label = [span for segment in row.label if (span := _span(segment, places))]
    spans = [*label, *((cell.start, cell.end) for cell in found.values())]
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    return RawRow(row.path, start, end, tuple(found.values()))


def _span(segment: Segment, places: Places) -> Span | None:
    """The characters of a segment; without the sign before it where that is written elsewhere."""
    words = segment.words
    while words:
        spans = [places[at] for word in words for at in (word.first, word.last) if at in places]
        if not spans:
            return None
        start, end = min(start for start, _ in spans), max(end for _, end in spans)
        if end - start <= 2 * len(segment.text) + 4 or len(words) == 1:
            return start, end
        words = words[1:]
    return None
