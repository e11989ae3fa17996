"""What an answer in figures was made of: cells of tables, and the formula that was computed over them."""

from dataclasses import dataclass
from decimal import Decimal

from core.tables import Box


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell that an answer uses: ``text == document.text[start:end]``.

    ``name`` is what formulas call it: "a", "b". ``row`` and ``column`` are the paths of the cell's row and column.
    ``number``, ``unit``, ``scale``, ``page`` and ``box`` are as in `core.tables.Cell`.
    """

    name: str
    document_id: str
    file: str
    page: int
    row: tuple[str, ...]
    column: tuple[str, ...]
    text: str
    number: Decimal | None
    unit: str
    scale: int
    start: int
    end: int
    box: Box | None = None

    @property
    def value(self) -> Decimal | None:
        """The number in plain units; percentages stay as they are."""
        return None if self.number is None else self.number * self.scale


@dataclass(frozen=True, slots=True)
class Computation:
    """A formula over the operands that it names, "(b - a) / a * 100", and its value, in ``unit`` and times ``scale``.

    ``shown`` is the formula with the operands' figures in place of their names.
    """

    formula: str
    value: Decimal
    unit: str
    scale: int
    shown: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What an answer in figures rests on. ``operation`` says what was asked for ("look up", "change", "over time").

    ``files`` are the documents that held what was asked for, ``without`` those that were searched for it in vain.
    """

    operation: str
    operands: tuple[Operand, ...]
    computation: Computation | None = None
    files: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
