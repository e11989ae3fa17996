"""Ratios that are defined alike everywhere (ratios.yaml): which one a question asks for, and its value."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from app.figures.cells import FoundCell, before
from app.figures.finder import Finder, FoundRow
from app.figures.found import FiguresFound, compute_over, operand_names
from app.figures.operations import Wording
from app.figures.scope import Scope
from index.search.row_ranking import RowVectors

DEFINITIONS = Path(__file__).with_name("ratios.yaml")

BEFORE = "before "
"""What an item begins with that is another one's figure of a year earlier."""


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
    wanted = [finder.cells_for(names) for names in ratio.items if not isinstance(names, str)]
    shared = set.intersection(*({row.document_id for row, _ in found} for found in wanted))
    if not shared:
        return None
    best = max(
        shared, key=lambda key: sum(max(row.score for row, _ in one if row.document_id == key) for one in wanted)
    )
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
