"""Cells of slides, charts, Markdown and sheets: each under its own row and column, and exactly its characters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pptx
import xlsxwriter
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from core.tables import Table
from core.types import Document
from ingest.read import read_file
from tests.ingest.drawn_tables import Drawing


def checked(document: Document) -> tuple[Table, ...]:
    """Its tables, of which every cell is the characters that it says it is."""
    for table in document.tables:
        assert all(document.text[cell.start : cell.end] == cell.text for cell in table.cells)
    return document.tables


def grid(table: Table) -> dict[tuple[str, str], str]:
    return {
        (" > ".join(table.rows[cell.row].path), " > ".join(table.columns[cell.column].path)): cell.text
        for cell in table.cells
    }


def slides(path: Path, draw: Callable[[Any], None]) -> Document:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Budget of the harbour"
    draw(slide.shapes)
    presentation.save(str(path / "a.pptx"))
    return read_file(path / "a.pptx")


def test_a_table_of_a_slide_has_rows_and_columns_also_below_a_banner(tmp_path: Path) -> None:
    lines = [["", "2031", ""], ["Item", "Planned", "Spent"], ["Cranes", "4,000", "4,800"], ["Boats", "900", "750"]]

    def draw(shapes: Any) -> None:
        shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.text = "All in thousand euros"
        table = shapes.add_table(4, 3, 0, 0, Inches(5), Inches(3)).table
        for row, cells in enumerate(lines):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(0, 1).merge(table.cell(0, 2))

    (table,) = checked(slides(tmp_path, draw))
    assert table.title == "Budget of the harbour"
    assert grid(table) == {
        ("Cranes", "2031 > Planned"): "4,000",
        ("Cranes", "2031 > Spent"): "4,800",
        ("Boats", "2031 > Planned"): "900",
        ("Boats", "2031 > Spent"): "750",
    }


def test_the_values_of_a_chart_are_cells(tmp_path: Path) -> None:
    def draw(shapes: Any) -> None:
        data = CategoryChartData()
        data.categories = ["May", "June"]
        data.add_series("Guests", (310, 420))
        chart = shapes.add_chart(XL_CHART_TYPE.LINE, 0, 0, Inches(4), Inches(3), data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Guests a month"

    document = slides(tmp_path, draw)
    (table,) = checked(document)
    assert grid(table) == {("May", "Guests"): "310", ("June", "Guests"): "420"}
    assert "Guests a month" in document.text


def test_a_table_of_markdown_has_cells_without_their_markup_and_the_text_stays(tmp_path: Path) -> None:
    source = (
        "# Harbour\n\n## Fares\n\nFrom May.\n\nLine | Adults | Bikes\n:--|--:|--\n"
        "**North** | 12.50 | free \\| on request\nSouth | `9.80`\n\nEnd.\n"
    )
    (tmp_path / "a.md").write_text(source)
    document = read_file(tmp_path / "a.md")
    (table,) = checked(document)
    assert table.title == "Harbour › Fares"
    assert grid(table) == {
        ("North", "Adults"): "12.50",
        ("North", "Bikes"): "free \\| on request",
        ("South", "Adults"): "9.80",
    }
    assert "**North** | 12.50 | free" in document.text


def sheet(path: Path, fill: Callable[[Any, Any], None]) -> Document:
    with xlsxwriter.Workbook(str(path / "a.xlsx")) as workbook:
        fill(workbook, workbook.add_worksheet("S"))
    return read_file(path / "a.xlsx")


def test_merged_months_above_the_names_of_a_sheet_are_the_widest_heads(tmp_path: Path) -> None:
    def fill(book: Any, one: Any) -> None:
        one.merge_range(0, 1, 0, 2, "Jan")
        one.merge_range(0, 3, 0, 4, "Feb")
        for at, row in enumerate([["Cost line", *["Plan", "Actual"] * 2], ["Fuel", 1, 2, 3, 4], ["Rent", 5, 6, 7, 8]]):
            one.write_row(at + 1, 0, row)

    (table,) = checked(sheet(tmp_path, fill))
    assert grid(table)["Fuel", "Feb > Plan"] == "3"
    assert grid(table)["Rent", "Jan > Actual"] == "6"


def test_two_tables_beside_each_other_on_a_sheet_are_two(tmp_path: Path) -> None:
    def fill(book: Any, one: Any) -> None:
        one.write_row(0, 0, ["Boat", "Seats", "", "Captain", "Since"])
        one.write_row(1, 0, ["Ada", 12, "", "Lind", 2019])
        one.write_row(2, 0, ["Bea", 30, "", "Moss", 2021])

    boats, captains = checked(sheet(tmp_path, fill))
    assert grid(boats) == {("Ada", "Seats"): "12", ("Bea", "Seats"): "30"}
    assert grid(captains) == {("Lind", "Since"): "2019", ("Moss", "Since"): "2021"}


def test_a_heading_between_names_and_rows_that_stands_over_a_column_takes_no_name_away(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.text("Prices", leading=28)
    drawing.heads((160, "Line"), (390, "Adults"), (470, "Bikes"), corner="No.")
    drawing.text("Winter")
    for number, (line, adults, bikes) in enumerate([("North", "12", "3"), ("South", "9", "2"), ("West", "14", "5")]):
        drawing.heads((160, line), (390, adults), (470, bikes), corner=f"A-{number}")
    path = drawing.save(tmp_path / "a.pdf")
    (table,) = checked(read_file(path, path.name))
    assert [column.path for column in table.columns][-2:] == [("Adults",), ("Bikes",)]
    assert all("Winter" in row.path for row in table.rows)
