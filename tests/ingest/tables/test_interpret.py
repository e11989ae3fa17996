"""A table as a reader found it becomes one whose figures have numbers, units, scales and periods."""

from decimal import Decimal

import pytest

from core.tables import Table
from ingest.document_builder import DocumentBuilder
from ingest.tables.raw import RawCell, RawRow, RawTable
from ingest.tables.units import unit_of


def built(lines: list[str], columns: list[tuple[str, ...]], notes: tuple[str, ...] = ()) -> Table:
    """The table of these lines, "Group > Label | cell | cell", on a page by itself."""
    builder = DocumentBuilder("a.txt")
    rows = []
    for line in lines:
        label, *cells = line.split(" | ")
        start = builder.write(line, "\n")
        at = start + len(label) + 3
        found = []
        for column, cell in enumerate(cells):
            found.append(RawCell(column, at, at + len(cell)))
            at += len(cell) + 3
        rows.append(RawRow(tuple(label.split(" > ")), start, start + len(line), tuple(found)))
    builder.table(RawTable("Income", tuple(columns), tuple(rows), 0, builder.length, notes))
    document = builder.finish("id")
    for cell in document.tables[0].cells:
        assert document.text[cell.start : cell.end] == cell.text
    return document.tables[0]


def values(table: Table) -> list[tuple[Decimal | None, str]]:
    return [(cell.value, cell.unit) for cell in table.cells]


def test_figures_are_scaled_by_what_the_table_says_of_them_and_percentages_are_not() -> None:
    table = built(["Sales | $ 1,234 | 5%", "Costs | (34) | —"], [("2022",), ("Change",)], ("(In millions)",))
    assert table.unit == "In millions"
    assert values(table) == [(1234000000, "$"), (5, "%"), (-34000000, ""), (None, "")]


def test_what_the_unit_excepts_is_counted_otherwise() -> None:
    note = "In millions, except number of shares, which are reflected in thousands, and per-share amounts"
    lines = ["Net income | 19,442", "Earnings per share > Basic | $ 1.20", "Shares used > Basic | 16,162,945"]
    assert [cell.scale for cell in built(lines, [("2022",)], (note,)).cells] == [1000000, 1, 1000]


def test_an_amount_per_share_is_never_in_millions() -> None:
    table = built(["Net income | 19,442", "Earnings per share | 1.20"], [("2022",)], ("in millions",))
    assert [cell.scale for cell in table.cells] == [1000000, 1]


def test_a_row_or_column_says_itself_what_it_counts() -> None:
    table = built(["Employees (in thousands) | 5 | 7.1"], [("2022",), ("Change in %",)], ("in millions",))
    assert values(table) == [(5000, ""), (Decimal("7.1"), "%")]


def test_decimal_commas_are_known_from_the_whole_document() -> None:
    table = built(["Umsatz | 1.234", "Marge | 7,5"], [("2022",)])
    assert [cell.number for cell in table.cells] == [1234, Decimal("7.5")]


@pytest.mark.parametrize(
    ("note", "scale", "money"),
    [
        ("in Mio. €", 1000000, "€"),
        ("TEUR", 1000, ""),
        ("(in thousands of Euro)", 1000, ""),
        ("($000s)", 1000, "$"),
        ("en milliers d'euros", 1000, ""),
        ("Net sales (€m)", 1000000, "€"),
        ("The company sold 3 million shares", 1, ""),
    ],
)
def test_units_are_read_in_several_languages_and_ways(note: str, scale: int, money: str) -> None:
    unit = unit_of([note])
    assert (unit.scale, unit.money) == (scale, money)


def test_a_number_of_more_digits_than_any_amount_does_no_harm() -> None:
    digits = "123456789012345678901234567890"
    table = built([f"Account | {digits}"], [("Number",)], ("(in thousands)",))
    assert table.cells[0].number == Decimal(digits)
