"""The figures of an answer as a table: one row a cell that it rests on, to sort, to plot and to take away."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.figures import Operand
from core.messages import N_, _
from core.types import Answer

OVER_TIME = "over time"
"""The operation of `Figures` whose table is a series."""

FEWEST_ROWS = 2
"""Of a table: one figure stands in its sentence."""

FEWEST_POINTS = 3
"""Of a plot."""

HEADS = (N_("Item"), N_("Column"), N_("Figure"), N_("Unit"), N_("Document"), N_("Page"))


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """``rows`` hold texts and numbers in the order of ``columns``; ``operands`` are the cells that they are of.

    ``is_series``: the rows are the same item at one time after the other.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | Decimal | int, ...], ...]
    operands: tuple[Operand, ...]
    is_series: bool = False


def table_of(answer: Answer) -> AnswerTable | None:
    """The table of an answer in figures; None where it rests on fewer than two."""
    operands = answer.figures.operands if answer.figures and answer.found else ()
    distinct = tuple({(one.document_id, one.start, one.end): one for one in operands}.values())
    if len(distinct) < FEWEST_ROWS:
        return None
    assert answer.figures is not None
    numbers = sum(one.number is not None for one in distinct)
    is_series = answer.figures.operation == OVER_TIME and numbers >= FEWEST_POINTS
    return AnswerTable(tuple(map(_, HEADS)), tuple(map(_row, distinct)), distinct, is_series)


def point_of(operand: Operand) -> str:
    """What a point of a series is called: its column, and its document where columns do not tell them apart."""
    return " ".join(" ".join(operand.column).split()) or operand.file


def _row(operand: Operand) -> tuple[str | Decimal | int, ...]:
    item = " › ".join(" ".join(part.split()) for part in operand.row if part.strip())
    unit = " ".join(filter(None, (operand.unit, f"× {operand.scale:,}" if operand.scale != 1 else "")))
    figure = operand.text if operand.number is None else operand.number
    return item, " ".join(" ".join(operand.column).split()), figure, unit, operand.file, operand.page
