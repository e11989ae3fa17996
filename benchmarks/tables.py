"""Cells of PDFs' tables against cells that people read from pictures of the pages, and pages a second.

    python benchmarks/tables.py benchmarks/gold/sec-10-q-cells.jsonl FOLDER [--side even|odd|all] [--wrong]
        [--readers lectern pdfplumber camelot]

FOLDER holds the PDFs that the gold file names. A line of that file is {"file", "page", "row", "column", "value",
"scale"}, the levels of row and column joined by " › ". "right": a cell of that page has the number, the scale, and
exactly the words of row and column. "named": it has the number, its row begins with the last words of the row, and what
stands above it in its column holds the last words of the column; readers without paths and scales can be right in this
way alone. "even" and "odd" are by the MD5 of the file's name. Pages are counted by the second of
a processor's time, for lectern over whole files with all that reading them takes.
"""

import argparse
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.types import Document
from ingest.document_builder import PATH_SIGN
from ingest.read import read_file
from ingest.tables.numbers import figure


@dataclass(frozen=True, slots=True)
class GoldCell:
    """A cell as it was read from a picture of the page."""

    file: str
    page: int
    row: str
    column: str
    value: str
    scale: int

    @property
    def number(self) -> Decimal | None:
        found = figure(self.value)
        return found.number if found else None


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A cell as a reader read it: the words of its row and column, and of the last level of each. ``scale`` is 0 where
    the reader has none."""

    page: int
    row: str
    column: str
    label: str
    head: str
    number: Decimal
    scale: int = 0


Reader = Callable[[Path, list[int]], list[ReadCell]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", choices=("even", "odd", "all"), default="all")
    parser.add_argument("--readers", nargs="+", choices=sorted(READERS), default=["lectern"])
    parser.add_argument("--wrong", action="store_true", help="print the cells that are not right")
    options = parser.parse_args()
    gold = [GoldCell(**json.loads(line)) for line in options.gold.read_text().splitlines()]
    gold = [cell for cell in gold if options.side in ("all", side(cell.file))]
    print(f"{'reader':<12} {'cells':>6} {'right':>6} {'named':>6} {'pages/s':>8}")
    for name in options.readers:
        report(name, gold, options.folder, wrong=options.wrong)


def side(name: str) -> str:
    return ("even", "odd")[int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2]


def report(name: str, gold: list[GoldCell], folder: Path, *, wrong: bool) -> None:
    """Print how many of the cells a reader has right; of each file it reads the pages that the gold cells are on."""
    right = named = pages = 0
    seconds = 0.0
    for file in sorted({cell.file for cell in gold}):
        cells = [cell for cell in gold if cell.file == file]
        numbers = sorted({cell.page for cell in cells})
        started = time.process_time()
        found = READERS[name](folder / file, numbers)
        seconds += time.process_time() - started
        pages += page_count(folder / file) if name == "lectern" else len(numbers)
        for cell in cells:
            on_page = [one for one in found if one.page == cell.page and one.number == cell.number]
            is_right = any(is_same(one, cell) for one in on_page)
            right += is_right
            named += any(is_named(one, cell) for one in on_page)
            if wrong and not is_right:
                print(f"{file} p. {cell.page}: {cell.row} | {cell.column} | {cell.value} x {cell.scale}")
                for one in on_page:
                    print(f"    {one.row} | {one.column} | {one.number} x {one.scale}")
    total = len(gold) or 1
    print(f"{name:<12} {len(gold):>6} {right / total:>6.3f} {named / total:>6.3f} {pages / seconds:>8.1f}")


def is_same(one: ReadCell, cell: GoldCell) -> bool:
    return words(one.row) == words(cell.row) and words(one.column) == words(cell.column) and one.scale == cell.scale


def is_named(one: ReadCell, cell: GoldCell) -> bool:
    label, head = (words(text.split(PATH_SIGN)[-1]) for text in (cell.row, cell.column))
    return words(one.label)[: len(label)] == label and set(head) <= set(words(one.head))


def words(text: str) -> list[str]:
    return re.findall(r"[\w%$]+", text.lower())


def page_count(path: Path) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


def lectern(path: Path, _pages: list[int]) -> list[ReadCell]:
    """The whole file, as an ingest reads it."""
    return list(cells_of(read_file(path, path.name)))


def cells_of(document: Document) -> Iterable[ReadCell]:
    for table in document.tables:
        for cell in table.cells:
            if cell.number is not None:
                row, column = table.rows[cell.row].path, table.columns[cell.column].path
                yield ReadCell(
                    page=cell.page,
                    row=" ".join(row),
                    column=" ".join(column),
                    label=row[-1] if row else "",
                    head=" ".join(column),
                    number=cell.number,
                    scale=cell.scale,
                )


def pdfplumber_(path: Path, pages: list[int]) -> list[ReadCell]:
    """Tables without borders, by the places of words."""
    import pdfplumber

    by_text = {"vertical_strategy": "text", "horizontal_strategy": "text"}
    found: list[ReadCell] = []
    with pdfplumber.open(path) as document:
        for number in pages:
            for rows in document.pages[number - 1].extract_tables(by_text):
                found += grid_cells(rows, number)
    return found


def camelot_(path: Path, pages: list[int]) -> list[ReadCell]:
    """Tables without borders (camelot's "stream")."""
    import camelot

    found: list[ReadCell] = []
    for table in camelot.read_pdf(str(path), pages=",".join(map(str, pages)), flavor="stream"):
        found += grid_cells(table.df.values.tolist(), int(table.page))
    return found


def grid_cells(rows: list[list[str | None]], page: int) -> Iterable[ReadCell]:
    """The figures of a grid of texts, each with the first text of its row and all words above it in its column."""
    for at, row in enumerate(rows):
        texts = [" ".join((text or "").split()) for text in row]
        label = next((text for text in texts if text), "")
        for column, text in enumerate(texts):
            value = figure(text)
            if value:
                above = " ".join((other[column] or "") for other in rows[:at] if not figure(other[column] or "x"))
                years = " ".join(
                    other[column] or "" for other in rows[:at] if re.fullmatch(r"\s*20\d\d\s*", other[column] or "")
                )
                yield ReadCell(page, label, above, label, f"{above} {years}", value.number)


READERS: dict[str, Reader] = {"lectern": lectern, "pdfplumber": pdfplumber_, "camelot": camelot_}

if __name__ == "__main__":
    main()
