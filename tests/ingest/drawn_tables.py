"""PDFs with tables that are drawn by places alone, as reports have them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fpdf import FPDF

LEADING = 14
"""Points from line to line."""


@dataclass
class Drawing:
    """A page on which lines are written from top to bottom."""

    columns: Sequence[float] = (400, 480)
    """The right ends of the columns, in points."""
    size: float = 9
    _pdf: FPDF = field(default_factory=lambda: FPDF(unit="pt", format="letter"))
    _y: float = 60

    def __post_init__(self) -> None:
        self.page()

    def page(self) -> None:
        self._pdf.add_page()
        self._pdf.set_font("Helvetica", size=self.size)
        self._y = 60

    def text(self, words: str, left: float = 50, *, center: float = 0, leading: float = LEADING) -> None:
        """A line that begins at ``left``, or has its middle at ``center``."""
        at = center - self._pdf.get_string_width(words) / 2 if center else left
        self._pdf.text(at, self._y, words)
        self._y += leading

    def heads(self, *heads: tuple[float, str], corner: str = "", leading: float = LEADING) -> None:
        """A line of heads with their middles."""
        self._pdf.text(50, self._y, corner)
        for center, words in heads:
            self._pdf.text(center - self._pdf.get_string_width(words) / 2, self._y, words)
        self._y += leading

    def row(self, label: str, *cells: str, indent: float = 0, leading: float = LEADING) -> None:
        """A row with its cells at the right ends of the columns; "$ 5" has its sign at the left end."""
        self._pdf.text(50 + indent, self._y, label)
        for right, cell in zip(self.columns, cells, strict=False):
            sign, _, figure = cell.rpartition(" ")
            over = self._pdf.get_string_width(")") if figure.endswith(")") else 0
            self._pdf.text(right - self._pdf.get_string_width(figure) + over, self._y, figure)
            if sign:
                self._pdf.text(right - 50, self._y, sign)
        self._y += leading

    def gap(self, points: float = LEADING) -> None:
        self._y += points

    def save(self, path: Path) -> Path:
        self._pdf.output(str(path))
        return path


def ferries() -> Drawing:
    """A page with a small table: two years of passengers, in thousands, below a heading over both columns."""
    drawing = Drawing()
    drawing.text("Ferries and moorings")
    drawing.heads((430, "Six Months Ended"), leading=13)
    drawing.heads((390, "June 2031"), (470, "June 2030"), corner="(in thousands)")
    drawing.text("Passengers:")
    drawing.row("Adults", "501", "602", indent=12)
    drawing.row("Children", "703", "804", indent=12)
    return drawing
