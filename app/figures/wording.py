"""Figures as a person reads them. Every digit is one of a cell or of a computation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from app.figures.cells import FoundCell
from core.messages import N_, _

SCALES = {1000: N_("{figure} thousand"), 1_000_000: N_("{figure} million"), 1_000_000_000: N_("{figure} billion")}
MINUS = "-"
ITEM_SIGN = " › "


def cell_text(found: FoundCell) -> str:
    """A cell's own characters, with its unit and scale where they stand elsewhere: "$82,959 million"."""
    cell = found.cell
    text = " ".join(cell.text.split())
    if cell.number is None:
        return text
    return with_unit(text, cell.unit, cell.scale)


def with_unit(text: str, unit: str, scale: int) -> str:
    if unit == "%":
        return text if "%" in text else f"{text}%"
    if unit and unit.lower() not in text.lower():
        sign = MINUS if text.startswith(MINUS) else ""
        is_sign = len(unit) <= 2 and not unit.isalpha()
        text = f"{sign}{unit}{text.removeprefix(sign)}" if is_sign else f"{text} {unit}"
    return _(SCALES[scale], figure=text) if scale in SCALES else text


def computed(value: Decimal, unit: str, scale: int, places: int) -> str:
    """A computed number, rounded to ``places``, with its unit and scale; ``value`` is in plain units."""
    return with_unit(number_text(value / scale, places), unit, scale)


def number_text(number: Decimal, places: int) -> str:
    """ "1,234.50" for 1234.5 and two places."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,}" if rounded else f"{abs(rounded):,}"


def places_of(cells: Sequence[FoundCell]) -> int:
    """The decimal places of the most exact of some cells."""
    return max((_places(one.cell.number) for one in cells if one.cell.number is not None), default=0)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def item_name(path: Sequence[str]) -> str:
    """What a row is called, with the heading it stands under where its own name says little."""
    words = [" ".join(part.split()).strip(" :") for part in path if part.strip()]
    return ITEM_SIGN.join(words[-2:]) if words else ""


def column_name(found: FoundCell) -> str:
    return " ".join(" ".join(found.column.path).split()).strip(" ,;:")
