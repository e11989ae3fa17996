"""Ratios that are defined alike everywhere (ratios.yaml): which one a question asks for, and its value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from app.figures.cells import FoundCell, before
from app.figures.definitions import BEFORE, Definition
from app.figures.finder import Finder, FoundRow
from app.figures.found import FiguresFound, compute_over, operand_names
from app.figures.operations import IN_PERCENT, Wording
from app.figures.scope import Scope
from index.search.row_ranking import RowVectors

DEFINITIONS = Path(__file__).with_name("ratios.yaml")


class Ratio(BaseModel):
    """A ratio; see ratios.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    called: str
    items: tuple[tuple[str, ...] | str, ...]
    formula: str

    @property
    def is_of_a_year(self) -> bool:
        return "365" in self.formula


def ratio_of(question: str) -> Ratio | None:
    """The ratio that a question asks for by name; None for none."""
    lowered = question.lower()
    return next((ratio for ratio in _ratios() if re.search(rf"(?<!\w)(?:{ratio.called})(?!\w)", lowered)), None)


@cache
def _ratios() -> tuple[Ratio, ...]:
    return TypeAdapter(tuple[Ratio, ...]).validate_python(yaml.safe_load(DEFINITIONS.read_text("utf-8")))


def find_ratio(question: str, scope: Scope, vectors: RowVectors, wording: Wording) -> FiguresFound | None:
    """A ratio that is defined alike everywhere, from the figures of one document; None where one of them is missing."""
    ratio = ratio_of(question)
    if ratio is None:
        return None
    finder = Finder(replace(scope, each=False), vectors, question, replace(wording, items=()))
    return _of_rows(ratio, finder)


def find_defined(
    question: str, definition: Definition, scope: Scope, vectors: RowVectors, wording: Wording
) -> FiguresFound | None:
    """A formula that the question defines, from the cells of the row that it names, else from the rows that its items
    name; None where one of them is missing, or where two rows are called the same."""
    if wording.operation.startswith("change"):
        return None  # of two such figures the difference is asked for
    asked = definition.rest or question
    formula = definition.formula
    if "/" in formula and "* 100" not in formula and IN_PERCENT.search(question):
        formula = f"({formula}) * 100"
    finder = Finder(replace(scope, each=False), vectors, asked, replace(wording, items=()))
    if named := finder.named_rows():
        return _of_columns(definition.items, formula, finder, named)
    items = tuple(item if item.startswith(BEFORE) else (item,) for item in definition.items)
    return _of_rows(Ratio(called="", items=items, formula=formula), finder)


def _of_columns(items: Sequence[str], formula: str, finder: Finder, rows: Sequence[FoundRow]) -> FiguresFound | None:
    """The formula over cells of the rows that the question names, of each item the one whose column is called so."""
    figures = [cell for row in rows for cell in row.cells if cell.cell.value is not None]
    chosen = [finder.clear_columns(figures, item) for item in items if not item.startswith(BEFORE)]
    if len(chosen) < len(items) or any(len(cells) != 1 for cells in chosen):
        return None
    return compute_over("formula", [cell for cells in chosen for cell in cells], formula)


def _of_rows(ratio: Ratio, finder: Finder) -> FiguresFound | None:
    wanted = [finder.cells_for(names) for names in ratio.items if not isinstance(names, str)]
    shared = set.intersection(*({row.document_id for row, _ in found} for found in wanted))
    if not shared:
        return None
    best = max(
        shared, key=lambda key: sum(max(row.score for row, _ in one if row.document_id == key) for one in wanted)
    )
    if any(_has_twin([row for row, _ in found if row.document_id == best]) for found in wanted):
        return None
    chosen = iter(next((row, cell) for row, cell in found if row.document_id == best) for found in wanted)
    known: list[tuple[FoundRow, FoundCell]] = []
    for item in ratio.items:
        if not isinstance(item, str):
            known.append(next(chosen))
            continue
        row, cell = known[operand_names(len(known)).index(item.removeprefix(BEFORE))]
        earlier = before(row.cells, cell)
        if earlier is None:
            return None
        known.append((row, earlier))
    cells = [cell for _, cell in known]
    if ratio.is_of_a_year and any(cell.months not in (0, 12) for cell in cells):
        return None
    return compute_over("formula", cells, ratio.formula)


def _has_twin(rows: Sequence[FoundRow]) -> bool:
    """Whether another row of the first one's table is called the same, below another heading."""
    first = rows[0]
    others = (row for row in rows if row.ranked.table is first.ranked.table and row.path != first.path)
    return any(row.path[-1:] == first.path[-1:] for row in others)
