"""What was found for a question for figures -> the sentences that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.figures.cells import FoundCell
from app.figures.found import FiguresFound, operand_names
from app.figures.wording import cell_text, column_name, computed, item_name, number_text, places_of
from core.messages import N_, _

CHANGE = N_("{figure} is the change of {item} from {first} to {second}.")
PERCENT = N_("{figure} is the change of {item} from {first} to {second}, in percent.")
DIFFERENCE = N_("{figure} is the difference of {item} and {other}, {column}.")
SHARE = N_("{figure} is what {item} is of {other}, {column}.")
RATIO = N_("{figure} is {item} divided by {other}, {column}.")
AVERAGE = N_("{figure} is the average of {items}.")
SUM = N_("{figure} is the sum of {items}.")
FORMULA = N_("{figure} is {formula} ({column}).")
COMPUTED = N_("Computed: {formula} = {figure}")
CELL = N_("{figure}: {item}, {column}.")
BARE = N_("{figure}: {item}.")
CHOICE = N_("Your question does not say which of these it means:")
MISSING = N_("No column is of {period}.")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and the cells that it states."""

    text: str
    cells: tuple[FoundCell, ...] = ()


def lines_of_figures(found: FiguresFound) -> list[Line]:
    """The sentences, the answer first, below it the formula or the cells it was picked from."""
    if found.result and found.result.formula:
        return _of_result(found)
    lines: list[Line] = []
    if found.operation == "count" and found.result:
        lines.append(Line(f"{number_text(found.result.value, 0)}.", found.picked))
    if found.names_period and found.picked:
        lines.append(Line(f"{', '.join(column_name(one) for one in found.picked)}.", found.picked))
    elif found.picked:
        lines.append(Line(_cell_line(found.picked[0]), found.picked))
    if found.is_choice:
        lines.append(Line(_(CHOICE), found.cells))
    lines += [Line(_cell_line(one), (one,)) for one in found.cells if one not in found.picked or found.names_period]
    return lines


def _of_result(found: FiguresFound) -> list[Line]:
    cells, result = found.cells, found.result
    assert result is not None, "called for a result"
    unit, scale = unit_of(found)
    places = _places(found)
    figure = computed(result.value, unit, scale, places)
    first, last = cells[0], cells[-1]
    same_row = first.row == last.row
    item, other = item_name(first.row), item_name(last.row)
    if found.operation in ("change", "change in percent") and same_row:
        template = PERCENT if found.operation == "change in percent" else CHANGE
        text = _(template, figure=figure, item=item, first=column_name(first), second=column_name(last))
    elif found.operation in ("change", "change in percent"):
        text = _(DIFFERENCE, figure=figure, item=other, other=item, column=column_name(last))
    elif found.operation == "formula":
        text = _(FORMULA, figure=figure, formula=names_text(found), column=column_name(last))
    elif found.operation in ("share", "ratio"):
        template = SHARE if found.operation == "share" else RATIO
        text = _(template, figure=figure, item=item, other=other, column=column_name(last))
    else:
        template = AVERAGE if found.operation == "average" else SUM
        text = _(template, figure=figure, items=_items(cells))
    return [Line(text, cells), Line(_(COMPUTED, formula=formula_text(found), figure=figure), cells)]


def formula_text(found: FiguresFound) -> str:
    """The formula with the figures of its operands, as their cells have them."""
    same_scale = len({one.cell.scale for one in found.cells}) == 1
    return _filled(found, [_operand(one, same_scale=same_scale) for one in found.cells])


def names_text(found: FiguresFound) -> str:
    """The formula with the names of its operands."""
    return _filled(found, [item_name(one.row[-1:]) for one in found.cells])


def _filled(found: FiguresFound, texts: Sequence[str]) -> str:
    """The formula with a text for each operand."""
    assert found.result is not None, "called for a result"
    named = dict(zip(operand_names(len(found.cells)), texts, strict=True))
    parts = []
    word = ""
    for sign in [*found.result.formula, ""]:
        if sign and (sign.isalnum()):
            word += sign
            continue
        parts.append(named.get(word, word))
        parts.append(sign)
        word = ""
    return "".join(parts).replace("*", "×").replace("/", "÷")


def _operand(one: FoundCell, *, same_scale: bool) -> str:
    number = one.cell.number if same_scale else one.cell.value
    assert number is not None, "computed are cells with figures"
    text = number_text(number, places_of([one]))
    return f"({text})" if number < 0 else text


def unit_of(found: FiguresFound) -> tuple[str, int]:
    """The unit and scale of a result: those of its operands, percent for a share, none for a ratio."""
    if found.operation in ("share", "change in percent"):
        return "%", 1
    formula = found.result.formula if found.result else ""
    if found.operation == "formula" and formula.endswith("* 100"):
        return "%", 1
    if found.operation == "ratio" or (found.operation == "formula" and ("/" in formula or "*" in formula)):
        return "", 1
    units = {one.cell.unit for one in found.cells if one.cell.unit}
    scales = {one.cell.scale for one in found.cells}
    return (units.pop() if len(units) == 1 else ""), (max(scales) if len(scales) > 1 else scales.pop())


def _places(found: FiguresFound) -> int:
    if found.operation in ("share", "ratio", "change in percent", "formula"):
        return 2
    places = places_of(found.cells)
    if found.operation == "average":
        assert found.result is not None, "called for a result"
        value = found.result.value / unit_of(found)[1]
        return places if value == value.quantize(Decimal(1).scaleb(-places)) else max(places, 2)
    return places


def _cell_line(one: FoundCell) -> str:
    column = column_name(one)
    item = item_name(one.row)
    if not item or not column:
        return _(BARE, figure=cell_text(one), item=item or column)
    return _(CELL, figure=cell_text(one), item=item, column=column)


def _items(cells: tuple[FoundCell, ...]) -> str:
    rows = list(dict.fromkeys(item_name(one.row) for one in cells))
    columns = list(dict.fromkeys(column_name(one) for one in cells))
    return f"{', '.join(rows)} ({', '.join(columns)})"
