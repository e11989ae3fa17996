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


@dataclass
class _Heading:
    text: str
    left: float
    indented: bool = False


def labelled_rows(body: Sequence[Line], grid: Grid) -> list[LabelledRow]:
    """The rows of a block, from top to bottom, with their paths."""
    stack: list[_Heading] = []
    rows = []
    for entry in _joined(body, grid):
        if not entry.cells:
            _close(stack, entry, heading=True)
            stack.append(_Heading(entry.text.rstrip(" :"), entry.left))
            continue
        if entry.label:
            _close(stack, entry, heading=False)
        own = (entry.text.rstrip(" :"),) if entry.label else ()
        path = (*(heading.text for heading in stack), *own)
        rows.append(LabelledRow(path, tuple(entry.label), tuple(entry.cells), entry.page))
    return rows


def _close(stack: list[_Heading], entry: _Entry, *, heading: bool) -> None:
    """End the headings that do not hold for an entry: those further in than it, and those that have had rows further
    in where it is not."""
    indent = INDENT * entry.height
    while stack:
        last = stack[-1]
        if entry.left > last.left + indent:
            last.indented = True
            return
        if entry.left >= last.left - indent and not heading and not last.indented:
            return
        stack.pop()


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
        if before and _belongs(before, line, after, usual):
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


def _belongs(before: _Entry, line: _Entry, after: _Entry | None, usual: float) -> bool:
    """Whether a line goes on with the label of the entry before it."""
    if before.page != line.page or (before.cells and line.cells):
        return False
    distance = before.base - line.base
    if not line.label or not before.label:  # figures that stand beside the middle of a label of two lines
        return not (line.label and before.label) and distance < TIGHT * (usual or line.height)
    if before.text.endswith(":"):
        return False
    tight = distance < TIGHT * usual if usual else distance < line.height
    if before.cells:
        nearer = after is not None and after.label and line.base - after.base < distance
        return (tight or (line.text[:1].islower() and distance < 1.3 * line.height)) and not nearer
    return tight or line.text[:1].islower()
