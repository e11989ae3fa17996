"""The columns of a block of rows: figures that overlap from row to row, and texts beside them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.tables.layout.lines import Line, Segment

NUDGE = 1.0
"""Points by which texts may overlap that stand in two columns."""


@dataclass(frozen=True, slots=True)
class Band:
    """A column's place. ``inner`` is the left end of its widest figure, without the sign of a currency far before it;
    ``left`` counts that. ``figures`` is False for a column of words."""

    left: float
    inner: float
    right: float
    figures: bool

    def overlap(self, left: float, right: float) -> float:
        """Points in which a stretch overlaps the column; negative for those between."""
        return min(self.right, right) - max(self.left, left)


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of a block, from left to right, and ``labels``, the stretch in which its rows' labels begin.

    A segment is a label where it begins before ``labels[1]`` and is no cell of a column left of the labels.
    """

    bands: tuple[Band, ...]
    labels: tuple[float, float]

    @property
    def left(self) -> float:
        """Where the first column right of the labels begins."""
        return next((band.left for band in self.bands if band.right > self.labels[1]), self.labels[1])

    @property
    def right(self) -> float:
        return self.bands[-1].right

    def is_label(self, segment: Segment) -> bool:
        return segment.left < self.labels[1] and (segment.left >= self.labels[0] - NUDGE or segment.kind == "text")

    def column_of(self, segment: Segment) -> int | None:
        """The number of the column that a segment overlaps most; None where it overlaps none."""
        left, right = segment.digits if segment.kind == "figure" else (segment.left, segment.right)
        overlaps = [min(band.right, right) - max(band.inner, left) for band in self.bands]
        best = max(range(len(overlaps)), key=overlaps.__getitem__, default=-1)
        return best if best >= 0 and overlaps[best] > 0 else None


def grid_of(rows: Sequence[Line]) -> Grid | None:
    """The columns of rows; None where they have no figures beside a label."""
    labels = _label_segments(rows)
    used = {id(segment) for segment in labels}
    figures = [segment for row in rows for segment in row.figures if id(segment) not in used]
    if not figures:
        return None
    bands = _figure_bands(figures)
    texts = [
        (number, segment)
        for number, row in enumerate(rows)
        for segment in row.segments
        if segment.kind != "figure" and id(segment) not in used
        if not any(band.overlap(segment.left, segment.right) > 0 for band in bands)
    ]
    bands += _text_bands(texts)
    bands.sort(key=lambda band: band.left)
    first = min((segment.left for segment in labels), default=bands[0].left)
    beyond = [band.left for band in bands if band.left > first + NUDGE]
    return Grid(tuple(bands), (first, min(beyond, default=first)))


def _label_segments(rows: Sequence[Line]) -> list[Segment]:
    """The first words of each row; of rows without words the first figure, where it stands below the labels of others.

    Where a table has no words at all, its first column of figures is its labels: years, sizes.
    """
    words = [next((one for one in row.segments if one.kind == "text"), None) for row in rows]
    found = [segment for segment in words if segment is not None]
    figures = [row.segments[0] for row in rows if len(row.figures) == len(row.segments) > 1]
    if not found:
        return figures
    starts = [segment for segment in found if _is_start(segment, rows)]
    right = max((segment.right for segment in starts), default=0.0)
    left = min((segment.left for segment in starts), default=0.0)
    return [*starts, *(one for one in figures if left - NUDGE <= one.left < right)]


def _is_start(segment: Segment, rows: Sequence[Line]) -> bool:
    """Whether words stand left of most figures: in a cell of a row without a label they do not."""
    lefts = [row.figures[-1].left for row in rows if row.figures]
    return segment.left < sorted(lefts)[len(lefts) // 2] if lefts else True


def _figure_bands(figures: Sequence[Segment]) -> list[Band]:
    bands: list[Band] = []
    for segment in sorted(figures, key=lambda one: one.digits[0]):
        inner, right = segment.digits
        if bands and inner < bands[-1].right - NUDGE:
            last = bands[-1]
            bands[-1] = replace(last, left=min(last.left, segment.left), right=max(last.right, right))
        else:
            bands.append(Band(segment.left, inner, right, figures=True))
    return bands


def _text_bands(texts: Sequence[tuple[int, Segment]]) -> list[Band]:
    """Columns of words: those that overlap, and neighbours that never stand in one row."""
    bands: list[tuple[Band, set[int]]] = []
    for row, segment in sorted(texts, key=lambda one: one[1].left):
        if bands:
            last, rows = bands[-1]
            if segment.left < last.right or row not in rows:
                bands[-1] = (replace(last, right=max(last.right, segment.right)), rows | {row})
                continue
        bands.append((Band(segment.left, segment.left, segment.right, figures=False), {row}))
    return [band for band, rows in bands if len(rows) > 1]


def cells(line: Line, grid: Grid) -> Iterator[tuple[int, Segment]]:
    """The cells of a line with the numbers of their columns."""
    for segment in line.segments:
        if not grid.is_label(segment) and (column := grid.column_of(segment)) is not None:
            yield column, segment


def label(line: Line, grid: Grid) -> list[Segment]:
    """The segments of a line that are its label; [] for none."""
    return [segment for segment in line.segments if grid.is_label(segment)]


def matches(line: Line, grid: Grid) -> bool:
    """Whether the figures of a line stand in a grid's columns: none between them, and no two in one."""
    columns = [grid.column_of(segment) for segment in line.figures if not grid.is_label(segment)]
    bridging = any(_bridges(segment, grid.bands) for segment in line.figures if not grid.is_label(segment))
    known = [column for column in columns if column is not None]
    return not bridging and len(set(known)) == len(known) and len(known) * 2 >= len(columns)


def _bridges(segment: Segment, bands: Iterable[Band]) -> bool:
    left, right = segment.digits
    return sum(band.figures and min(band.right, right) - max(band.inner, left) > NUDGE for band in bands) > 1
