"""Labels of rows: lines of one label joined, and the headings that a row stands under, by indentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.tables.layout.columns import Grid, cells, label
from ingest.tables.layout.lines import Line, Segment

TIGHT = 0.9
"""Of the usual distance of two rows: lines that stand closer belong to one label."""

INDENT = 0.3
"""Of the letters' height: the least by which a row stands further in than its heading."""


BLANK_LINE = 1.9
"""Of the usual distance of two rows: as much lies between rows that a blank line parts."""


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A row with its path and cells; ``label`` are the segments of its own label."""

    path: tuple[str, ...]
    label: tuple[Segment, ...]
    cells: tuple[tuple[int, Segment], ...]
    page: int


@dataclass
class _Entry:
    """Lines of the body that belong together: a row, or a heading where it has no cells."""

    label: list[Segment]
    cells: list[tuple[int, Segment]]
    base: float
    height: float
    page: int

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.label)

    @property
    def left(self) -> float:
        return self.label[0].left


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading in force. ``flush`` tells that what it holds for stands no further in than itself."""

    text: str
    left: float
    flush: bool


def labelled_rows(body: Sequence[Line], grid: Grid) -> list[LabelledRow]:
    """The rows of a block, from top to bottom, with their paths."""
    entries = _joined(body, grid)
    usual = _usual_distance(entries)
    stack: list[_Heading] = []
    rows = []
    below_total = False
    for before, entry, after in zip([None, *entries], entries, [*entries[1:], None], strict=False):
        if not entry.cells:
            flush = after is not None and bool(after.label) and after.left < entry.left + INDENT * entry.height
            _close(stack, entry, nests=not flush)
            stack.append(_Heading(entry.text.rstrip(" :"), entry.left, flush))
            below_total = False
            continue
        if entry.label:
            if below_total and entry.left <= stack[-1].left + INDENT * entry.height:
                stack.pop()  # what stands below the total of a group is none of it
            _close(stack, entry, nests=True)
            if stack and before and _stands_apart(before, entry, usual):
                stack.pop()
            below_total = bool(stack) and stack[-1].flush and entry.left > stack[-1].left + INDENT * entry.height
        own = (entry.text.rstrip(" :"),) if entry.label else ()
        path = (*(heading.text for heading in stack), *own)
        rows.append(LabelledRow(path, tuple(entry.label), tuple(entry.cells), entry.page))
    return rows


def _close(stack: list[_Heading], entry: _Entry, *, nests: bool) -> None:
    """End the headings that do not hold for an entry: those further in, and those as far in whose rows were not.

    A heading whose own rows stand as far in as itself ends one that is like it; other entries are ``nests``.
    """
    indent = INDENT * entry.height
    while stack and entry.left <= stack[-1].left + indent:
        if entry.left >= stack[-1].left - indent and stack[-1].flush and nests:
            return
        stack.pop()


def _stands_apart(before: _Entry, entry: _Entry, usual: float) -> bool:
    """Whether a row is a total below a blank line, further in than the rows above it: of more than their group."""
    if not (before.cells and before.label and before.page == entry.page):
        return False
    further = entry.left > before.left + INDENT * entry.height
    return further and before.base - entry.base > BLANK_LINE * usual > 0


def _joined(body: Sequence[Line], grid: Grid) -> list[_Entry]:
    lines = [
        _Entry(label(line, grid), list(cells(line, grid)), line.base, line.height, line.page)
        for line in body
        if label(line, grid) or any(cells(line, grid))
    ]
    usual = _usual_distance(lines)
    found: list[_Entry] = []
    for number, line in enumerate(lines):
        before = found[-1] if found else None
        after = lines[number + 1] if number + 1 < len(lines) else None
        if before and _belongs(before, line, after, usual, grid):
            before.label += line.label
            before.cells += line.cells
            before.base = line.base
        else:
            found.append(line)
    return found


def _usual_distance(lines: Sequence[_Entry]) -> float:
    """The median distance of two rows that follow each other; 0.0 where none do."""
    distances = sorted(
        before.base - after.base
        for before, after in pairwise(lines)
        if before.cells and after.cells and before.label and after.label and before.page == after.page
    )
    return distances[len(distances) // 2] if distances else 0.0


def _belongs(before: _Entry, line: _Entry, after: _Entry | None, usual: float, grid: Grid) -> bool:
    """Whether a line goes on with the label of the entry before it."""
    if before.page != line.page or (before.cells and line.cells):
        return False
    distance = before.base - line.base
    if not line.label or not before.label:  # figures that stand beside the middle of a label of two lines
        return not (line.label and before.label) and distance < TIGHT * (usual or line.height)
    if before.text.endswith(":"):
        return False
    tight = (distance < TIGHT * usual if usual else distance < line.height) and _is_full(before, line, grid)
    if before.cells:
        nearer = after is not None and after.label and line.base - after.base < distance
        return (tight or (line.text[:1].islower() and distance < 1.3 * line.height)) and not nearer
    return tight or line.text[:1].islower()


def _is_full(before: _Entry, line: _Entry, grid: Grid) -> bool:
    """Whether a label ends because the first word of the line below did not fit beside it, in letters of one size."""
    last, word = before.label[-1], line.label[0].words[0]
    room = grid.labels_right - last.right
    return abs(before.height - line.height) < 0.1 * line.height and word.right - word.left + 0.2 * word.height > room
