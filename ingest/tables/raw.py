"""Tables as the reader of a format finds them: what stands where. What it means is read by ``interpret.py``."""

from dataclasses import dataclass

from core.tables import Box


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell that is not blank: the characters from ``start`` to ``end`` of the text, in the column of that number,
    from 0. ``page`` is a `Page.number`; 0 for the page on which ``start`` lies."""

    column: int
    start: int
    end: int
    page: int = 0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with its cells, its label not among them. ``path``, ``start`` and ``end`` are as in `core.tables.Row`."""

    path: tuple[str, ...]
    start: int
    end: int
    cells: tuple[RawCell, ...]


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table whose rows and columns are told apart and named. ``start`` and ``end`` are as in `core.tables.Table`.

    ``columns`` are the columns' paths, without that of the labels. ``notes`` are what may tell the unit of the figures:
    the lines between title and heads, the corner above the labels, captions.
    """

    title: str
    columns: tuple[tuple[str, ...], ...]
    rows: tuple[RawRow, ...]
    start: int
    end: int
    notes: tuple[str, ...] = ()
