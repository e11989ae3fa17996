"""Long files take time in proportion to their length: four times as much takes about four times as long."""

import gc
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from core.tables import Column, Row, Table
from index.table_names import rows_within
from ingest.detect_text import text_kind
from ingest.document_builder import DocumentBuilder
from ingest.readers import source_code, xlsx
from ingest.tables.heads import regions

MOST_GROWTH = 8
"""Times as long as a quarter of it: 4 in proportion, 16 by the square."""


LEAST_S = 0.1
"""Seconds below which a time says nothing."""


def words_in_rows(count: int, _folder: Path) -> Callable[[], object]:
    rows = [["Name", "Place", "Street"], *[["Lind", "Bo", "Quay"]] * count]
    return lambda: regions(rows)


def formulas_without_values(count: int, folder: Path) -> Callable[[], object]:
    path = folder / f"{count}.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        for row in range(count):
            sheet.write_formula(row, 0, f"=B{row}*2", None, "")
    return lambda: xlsx.read(path, DocumentBuilder(path.name))


def code_without_braces(count: int, folder: Path) -> Callable[[], object]:
    path = folder / f"{count}.py"
    path.write_text("    return compute(value)\n" * count)
    return lambda: source_code.read(path, DocumentBuilder(path.name))


def chunks_of_rows(count: int, _folder: Path) -> Callable[[], object]:
    rows = tuple(Row((f"Lind {at}",), 10 * at, 10 * at + 9) for at in range(count))
    table = Table("", "", 1, 0, 10 * count, rows, (Column(("Name",)),), ())
    return lambda: [rows_within([table], at, at + 100) for at in range(0, 10 * count, 100)]


@pytest.mark.parametrize(
    ("long", "count"),
    [
        (words_in_rows, 15_000),
        (formulas_without_values, 2_500),
        (code_without_braces, 2_000),
        (chunks_of_rows, 10_000),
    ],
)
def test_four_times_as_much_takes_about_four_times_as_long(
    long: Callable[[int, Path], Callable[[], object]], count: int, tmp_path: Path
) -> None:
    short = long(count, tmp_path)
    short()  # with what is loaded at first use
    assert seconds(long(4 * count, tmp_path)) < MOST_GROWTH * max(LEAST_S, seconds(short))


def test_many_comments_before_a_text_are_passed_at_once() -> None:
    assert text_kind("<!-- draft -->\n" * 200 + "The ferry leaves at eight.", ".txt") == "text"
    assert text_kind("<!-- draft -->\n" * 200 + "<html><body>The ferry leaves at eight.", ".txt") == "html"


def seconds(work: Callable[[], object]) -> float:
    """The processor time that ``work`` takes, without threads that earlier tests have left, and without looking through
    their objects for garbage."""
    gc.disable()
    try:
        began = time.thread_time()
        work()
        return time.thread_time() - began
    finally:
        gc.enable()
