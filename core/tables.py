"""Tables of documents: rows and columns by their paths, and cells that are exact characters of the document's text.

Table (title, unit, scale)
  rows     Row (path: "Current assets", "Inventories")
  columns  Column (path: "Three Months Ended", "June 25, 2022"; period)
  cells    Cell (row, column, text[start:end], page, box, number)
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Box = tuple[float, float, float, float]
"""Left, bottom, right, top on a page, in points, from its lower left corner."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, both days included; ``start`` is None for a day by itself ("as of June 25, 2022")."""

    start: date | None
    end: date


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. ``path`` is what it is called, group headings first: ("Current assets", "Inventories").

    ``path`` is () for a row without a label. ``text[start:end]`` goes from its first character to its last, label and
    cells; the span of a row in two lines holds both.
    """

    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``path`` is what it is called, widest head first: ("Nine Months Ended", "June 25, 2022").

    ``path`` is () for a column without a name. ``period`` is None where its heads name none, or more than one.
    """

    path: tuple[str, ...]
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: ``text == document.text[start:end]``, with the sign of its currency where that stands beside it.

    ``row`` and ``column`` count from 0 in `Table.rows` and `Table.columns`. ``page`` is a `Page.number`, ``box`` where
    it stands on that page, None for formats without places. ``number`` is the figure as it stands ("(1,234)" is -1234,
    "7.5 %" is 7.5), None for words and for "—". ``unit`` is what the figure counts: "%", "$", "EUR", "kg", "" where
    nothing says so. ``scale`` is what it is counted in: 1000000 "in millions".
    """

    row: int
    column: int
    start: int
    end: int
    text: str
    page: int
    box: Box | None = None
    number: Decimal | None = None
    unit: str = ""
    scale: int = 1

    @property
    def value(self) -> Decimal | None:
        """The number in plain units: 23,198 "in millions" is 23198000000; percentages stay as they are."""
        return None if self.number is None else self.number * self.scale

    @property
    def percent(self) -> bool:
        return self.unit == "%"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document; its rows, cells and ``start``..``end`` are characters of the document's text.

    ``title`` is what it stands under; ``unit`` what it says of its figures, as it says it ("In millions, except per
    share amounts"), "" for nothing; ``scale`` is what follows from it for most cells. ``start`` and ``end`` hold the
    heads of its columns and all rows. ``cells`` stand row by row, from left to right; none is blank.
    """

    title: str
    unit: str
    scale: int
    start: int
    end: int
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]
