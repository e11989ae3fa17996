"""Whether the rows of tables that are ranked first for a question hold a figure of its reference answer.

    python benchmarks/rows.py QUESTIONS.jsonl FOLDER [--side even|odd|all] [--weights]

A line of QUESTIONS is {"question", "files", "answer"}; those about one file of FOLDER whose answer has figures are
ranked within that file. "even" and "odd" are by the MD5 of the file's name. With --weights other weights of the
ranking's signs are printed beside its own.
"""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables import side
from core.settings import load_settings
from core.tables import Cell
from index.embed import load_embedder
from index.search import row_ranking
from index.search.row_ranking import RowRanker
from ingest.read import read_file

CUTS = (1, 3, 10, 20)
_FIGURE = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:\s?(thousand|million|billion|%))?")
_SCALES = {"thousand": 3, "million": 6, "billion": 9}
_NOTHING = re.compile(r"\(?SOURCE.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an answer: its value, what it may be off by its last place, and whether it says its scale."""

    value: Decimal
    slack: Decimal
    scaled: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", choices=("even", "odd", "all"), default="all")
    parser.add_argument("--weights", action="store_true")
    options = parser.parse_args()
    embedder = load_embedder(load_settings())
    asked = [json.loads(line) for line in options.questions.read_text("utf-8").splitlines()]
    asked = [one for one in asked if len(one["files"]) == 1 and figures(one["answer"])]
    asked = [one for one in asked if options.side in ("all", side(one["files"][0]))]
    signs: list[NDArray[np.float32]] = []
    right: list[NDArray[np.bool_]] = []
    for file in sorted({one["files"][0] for one in asked}):
        document = read_file(options.folder / file, file)
        ranker = RowRanker({document.id: document.tables}, embedder)
        for one in (one for one in asked if one["files"][0] == file):
            wanted = figures(one["answer"])
            signs.append(np.stack(ranker.signs(one["question"])))
            right.append(np.array([holds(cells, wanted) for cells in ranker.cells()]))
    print(f"{len(asked)} questions; a row of the report holds a figure for {np.mean([any(row) for row in right]):.2f}")
    own = (row_ranking.NEARNESS, row_ranking.HELD, row_ranking.ASKED)
    others = product((0.0, 1.0), (0.0, 0.5, 1.0, 2.0), (0.0, 0.25, 0.5, 1.0)) if options.weights else ()
    print("nearness  held  asked   " + "  ".join(f"in {cut:>2}" for cut in CUTS))
    for weights in (own, *others):
        shares = [share(weights, signs, right, cut) for cut in CUTS]
        print("{:8.2f} {:5.2f} {:6.2f}   ".format(*weights) + "  ".join(f"{one:5.2f}" for one in shares))


def share(
    weights: tuple[float, ...], signs: Sequence[NDArray[np.float32]], right: Sequence[NDArray[np.bool_]], cut: int
) -> float:
    """The share of the questions of which one of the first ``cut`` rows is right; signs are of shape (signs, rows)."""
    firsts = (np.argsort(-(np.array(weights) @ sign), kind="stable")[:cut] for sign in signs)
    return float(np.mean([row[first].any() for row, first in zip(right, firsts, strict=True)]))


def figures(answer: str) -> list[Figure]:
    """The figures of an answer, without years, bare numbers of one or two digits, and the sources it names."""
    found = []
    for match in _FIGURE.finditer(_NOTHING.sub("", answer)):
        digits, unit = match[1].rstrip(","), match[2] or ""
        bare = digits.replace(",", "").replace(".", "")
        if (len(bare) < 3 and "." not in digits and not unit) or re.fullmatch(r"(?:19|20)\d\d", digits):
            continue
        scale = Decimal(10) ** _SCALES.get(unit, 0)
        places = len(digits.partition(".")[2])
        found.append(Figure(Decimal(digits.replace(",", "")) * scale, scale / 2 / 10**places, unit in _SCALES))
    return found


def holds(cells: Sequence[Cell], wanted: Sequence[Figure]) -> bool:
    return any(is_same(cell, figure) for cell in cells for figure in wanted)


def is_same(cell: Cell, figure: Figure) -> bool:
    """Whether a cell is a figure by its value, or, where that names no scale, by its digits ("82,959" of millions)."""
    if cell.number is None or cell.value is None:
        return False
    values = (cell.value,) if figure.scaled else (cell.value, cell.number)
    return any(abs(abs(value) - figure.value) <= figure.slack for value in values)


if __name__ == "__main__":
    main()
