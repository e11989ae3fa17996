"""What is found for a question for figures: cells, and a formula computed over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.figures.cells import FoundCell
from app.figures.compute import FormulaError, evaluate
from app.figures.operations import Operation
from app.figures.periods import AskedPeriod

FORMULAS: Mapping[Operation, str] = {
    "change": "b - a",
    "change in percent": "(b - a) / abs(a) * 100",
    "share": "a / b * 100",
    "ratio": "a / b",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What was computed: ``formula`` names the cells a, b, c... in order; ``value`` is in plain units."""

    formula: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class FiguresFound:
    """What was found for a question for figures.

    ``cells`` are shown, or are the operands of ``result``. ``picked`` are those of them that answer a question for the
    largest, or for a period. ``is_choice``: the question does not tell which of the cells it means. ``missing`` are the
    periods that no column has. ``is_beside``: they stand below an answer in words, ``is_told``: a sentence is that
    answer. ``is_named``: the question names the row itself.
    """

    operation: Operation
    cells: tuple[FoundCell, ...]
    result: Result | None = None
    picked: tuple[FoundCell, ...] = ()
    is_choice: bool = False
    names_period: bool = False
    missing: tuple[AskedPeriod, ...] = ()
    without: tuple[str, ...] = ()
    is_beside: bool = False
    is_told: bool = False
    is_named: bool = False


def compute_over(operation: Operation, cells: Sequence[FoundCell], formula: str = "") -> FiguresFound | None:
    """A formula over cells; its own where none is named. None where it cannot be computed."""
    named = zip(operand_names(len(cells)), (one.cell.value for one in cells), strict=True)
    operands = {name: value for name, value in named if value is not None}
    if len(operands) < len(cells):
        return None
    formula = formula or FORMULAS[operation]
    try:
        value = evaluate(formula, operands)
    except FormulaError:
        return None
    return FiguresFound(operation, tuple(cells), Result(formula, value))


def operand_names(count: int) -> list[str]:
    """a, b, ... z, a1, b1, ..."""
    return [chr(ord("a") + at % 26) + (str(at // 26) if at >= 26 else "") for at in range(count)]
