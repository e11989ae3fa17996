"""Sheets as they are shown, and every row of a table under the names of its own columns."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from core.types import Document
from ingest.chunk import chunk
from ingest.read import read_file
from ingest.readers._number_formats import shown_number
from tests.ingest.files import write_open_document
from tests.ingest.office import paragraph, write_word


class Words:
    window = 256

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def sheet(path: Path, fill: Callable[[Any, Any], None]) -> Document:
    with xlsxwriter.Workbook(str(path / "a.xlsx")) as workbook:
        fill(workbook, workbook.add_worksheet("S"))
    return read_file(path / "a.xlsx")


def names_of(document: Document, words: str, size: int = 40) -> str:
    """The headings of the chunk that holds ``words``, and its text."""
    one = next(one for one in chunk(document, Words(), size) if words in one.text)
    return "\n".join([*one.headings, one.text])


def test_numbers_are_shown_as_their_formats_say(tmp_path: Path) -> None:
    def fill(book: Any, one: Any) -> None:
        for column, (value, form) in enumerate(
            [
                (1234.5, '#,##0.00 "kr"'),
                (0.125, "0.0%"),
                (1.25, "[h]:mm"),
                (-3, "0;(0)"),
                (7, "00000"),
                (5e6, "0.0,,"),
            ]
        ):
            one.write(2, column + 1, value, book.add_format({"num_format": form}))
        one.write_datetime(2, 7, datetime.datetime(2025, 7, 5), book.add_format({"num_format": "d.m.yyyy"}))

    assert sheet(tmp_path, fill).text == "1,234.50 kr | 12.5% | 30:00 | (3) | 00007 | 5.0 | 5.7.2025"


def test_what_a_cell_shows_beside_its_value(tmp_path: Path) -> None:
    def fill(book: Any, one: Any) -> None:
        raised = book.add_format({"font_script": 1})
        one.write_rich_string(0, 0, "10", raised, "6", " cells")
        one.write(1, 0, "Old price", book.add_format({"font_strikeout": True}))
        one.write_url(2, 0, "https://example.org/f", string="form")
        one.write_formula(3, 1, "=SUM(A1:A2)", None, "")
        one.write_comment(0, 0, "Counted twice.")
        one.insert_textbox(8, 1, "Closed in June")

    document = sheet(tmp_path, fill)
    shown = (
        "10⁶ cells",
        "form (https://example.org/f)",
        "=SUM(A1:A2)",
        "A1: Comment",
        "Counted twice.",
        "Closed in June",
    )
    assert [words for words in shown if words not in document.text] == []
    assert "Old price" not in document.text
    assert any("Old price" in warning for warning in document.warnings)
    assert any("no stored value" in warning for warning in document.warnings)


def test_a_second_table_has_its_own_names(tmp_path: Path) -> None:
    tools, vans = [f"Wrench {n},{n * 3}" for n in range(30)], [f"Van {n},{n}0500" for n in range(30)]
    rows = ["Tool,Shelf", *tools, "", "Van,Mileage", *vans]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    document = read_file(tmp_path / "a.csv")
    assert "Tool | Shelf" in names_of(document, "Wrench 25")
    assert "Van | Mileage" in names_of(document, "Van 25")
    assert "Tool" not in names_of(document, "Van 25")


def test_lines_above_the_names_are_not_the_names(tmp_path: Path) -> None:
    booked = [f"{n}.5.2026;Shop {n};-{n},50;{900 - n},00" for n in range(1, 40)]
    rows = ["Holder;K. Berg", "Account;12 34", "", "Day;Text;Amount;Balance", *booked]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    document = read_file(tmp_path / "a.csv")
    assert "Day | Text | Amount | Balance" in names_of(document, "Shop 33")
    assert "Holder" not in names_of(document, "Shop 33")


def test_years_and_two_rows_name_columns(tmp_path: Path) -> None:
    def fill(_: Any, one: Any) -> None:
        one.write_row(0, 0, ["Branch", 2023, 2024])
        for row in range(1, 40):
            one.write_row(row, 0, [f"Branch {row}", row * 100, row * 110])

    document = sheet(tmp_path, fill)
    assert "Branch | 2023 | 2024" in names_of(document, "Branch 33")
    figures = [f"Branch {n},{n},{n * 2},{n * 3},{n * 4}" for n in range(1, 30)]
    (tmp_path / "b.csv").write_text("\n".join([",Sales,,Costs,", "Branch,North,South,North,South", *figures]))
    assert read_file(tmp_path / "b.csv").tables[0].rows[0].path == ("Branch 1",)


def test_a_wide_table_names_each_of_its_cells(tmp_path: Path) -> None:
    names = ["Machine", *(f"Property number {n} of it" for n in range(30)), "Price"]
    rows = [names, *([f"Lathe {row}", *(f"p{row}-{n}" for n in range(30)), f"{row}900"] for row in range(9))]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in rows))
    held = names_of(read_file(tmp_path / "a.csv"), "Price: 7900", size=60)
    assert "Lathe 7" in held


def test_rows_of_a_long_table_of_word_keep_their_names(tmp_path: Path) -> None:
    def row(cells: tuple[str, ...], head: str = "") -> str:
        return f"<w:tr><w:trPr>{head}</w:trPr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in cells)}</w:tr>"

    rows = "".join(row((f"Pump {n}", str(n * 7), f"{n}.5.2025")) for n in range(40))
    table = f"<w:tbl>{row(('Machine', 'Hours', 'Serviced'), '<w:tblHeader/>')}{rows}</w:tbl>"
    document = read_file(write_word(tmp_path / "a.docx", paragraph("Register."), table, paragraph("Words after it.")))
    assert "Machine | Hours | Serviced" in names_of(document, "Pump 33 | 231 | 33.5.2025")
    assert "Machine" not in names_of(document, "Words after it.")


def test_a_merged_cell_holds_for_all_rows_that_it_covers(tmp_path: Path) -> None:
    merged = "<w:tc><w:tcPr><w:vMerge{}/></w:tcPr>{}</w:tc><w:tc>{}</w:tc><w:tc>{}</w:tc>"
    rows = [
        "<w:tc>{}</w:tc><w:tc>{}</w:tc><w:tc>{}</w:tc>".format(*map(paragraph, ("Gate", "Day", "Guard"))),
        merged.format(' w:val="restart"', paragraph("South"), paragraph("Monday"), paragraph("Oda")),
        merged.format("", paragraph(), paragraph("Tuesday"), paragraph("Per")),
    ]
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    assert "South | Tuesday | Per" in read_file(write_word(tmp_path / "a.docx", table)).text


def test_a_blank_merged_cell_beside_a_narrow_table_does_no_harm(tmp_path: Path) -> None:
    def fill(book: Any, one: Any) -> None:
        for row, cells in enumerate((["Name", "Jan", "Feb"], ["Lind", 1, 2], ["Berg", 3, 4])):
            one.write_row(row, 0, cells)
        one.merge_range(1, 7, 1, 8, "", book.add_format({"bold": True}))
        one.write_row(4, 0, ["Item", *(f"Week {n}" for n in range(9))])
        one.write_row(5, 0, ["Rope", *range(9)])

    assert "Berg | 3 | 4" in sheet(tmp_path, fill).text


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (1e26, "0.0000", "1" + "0" * 26 + ".0000"),
        (5.9722e24, "#,##0.000", "5,972,200,000,000,000,000,000,000.000"),
        (float("inf"), "0.00", "inf"),
        (float("nan"), "yyyy-mm-dd", "nan"),
        (5, "[<1.2.3]0;0.0", "5"),
    ],
)
def test_numbers_of_any_size_are_shown(value: float, form: str, shown: str) -> None:
    assert shown_number(value, form) == shown


def test_a_table_of_an_open_document_text_has_rows_under_the_names_of_their_columns(tmp_path: Path) -> None:
    def cell(text: str, attributes: str = "") -> str:
        return f"<table:table-cell{attributes}><text:p>{text}</text:p></table:table-cell>"

    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    covered, two_rows = "<table:covered-table-cell/>", ' table:number-rows-spanned="2"'
    table = (
        f"<table:table><table:table-header-rows>{row(cell('Line'), cell('Fare in euros'), cell('Runs'))}"
        f"</table:table-header-rows>{row(cell('North', two_rows), cell('38'), cell('daily'))}"
        f"{row(covered, cell('19'), cell('Sundays'))}</table:table>"
    )
    framed = f"<table:table>{row(cell('Only a frame.'))}</table:table>"
    document = read_file(write_open_document(tmp_path / "a.odt", "text", f"<text:p>Fares.</text:p>{table}{framed}"))
    (found,) = document.tables
    assert [column.path for column in found.columns] == [("Fare in euros",), ("Runs",)]
    assert [(one.path, cells) for one, cells in zip(found.rows, ("38", "19"), strict=True)] == [
        (("North",), "38"),
        (("North",), "19"),
    ]
    assert [one.text for one in found.cells] == ["38", "daily", "19", "Sundays"]
    assert document.text.endswith("\n\nOnly a frame.")


@pytest.mark.parametrize("times", [10**9, 10**15])
def test_rows_that_a_sheet_says_are_repeated_without_end_take_no_time(tmp_path: Path, times: int) -> None:
    blank = f'<table:table-row table:number-rows-repeated="{times}"><table:table-cell/></table:table-row>'
    row = "<table:table-row><table:table-cell><text:p>The fare is 38.</text:p></table:table-cell></table:table-row>"
    table = f'<table:table table:name="S">{row}{blank}{row}</table:table>'
    assert read_file(write_open_document(tmp_path / "a.ods", "spreadsheet", table)).text == "The fare is 38."
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    data = "<Cell><Data>The fare is 38.</Data></Cell>"
    (tmp_path / "a.xls").write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="S"><Table>'
        f'<Row>{data}</Row><Row ss:Index="{times}">{data}</Row></Table></Worksheet></Workbook>'
    )
    assert read_file(tmp_path / "a.xls").text == "The fare is 38."


def test_a_comment_of_a_cell_that_is_repeated_is_told_once(tmp_path: Path) -> None:
    cell = (
        '<table:table-cell table:number-columns-repeated="900"><office:annotation><text:p>Ask the tower.</text:p>'
        "</office:annotation><text:p>8</text:p></table:table-cell>"
    )
    row = f'<table:table table:name="S"><table:table-row>{cell}</table:table-row></table:table>'
    text = read_file(write_open_document(tmp_path / "a.ods", "spreadsheet", row)).text
    assert text.count("Ask the tower.") == 1
    assert text.count("8 | 8") > 400
