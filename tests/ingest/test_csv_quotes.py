"""CSV files in which a quotation mark is never closed: the rows below it stay rows."""

from pathlib import Path

from core.types import Document
from ingest.read import read_file


def read(tmp_path: Path, text: str) -> Document:
    (tmp_path / "stock.csv").write_text(text)
    return read_file(tmp_path / "stock.csv")


HEAD = "part,name,price\n"
ROWS = "".join(f"{at},Buoy {at},{at * 3}\n" for at in range(20, 40))


def test_a_mark_that_is_never_closed_costs_its_own_row(tmp_path: Path) -> None:
    document = read(tmp_path, f'{HEAD}10,"Hook,5\n{ROWS}')
    lines = document.text.splitlines()
    assert lines[1] == "10 | Hook | 5"
    assert lines[2] == "20 | Buoy 20 | 60"
    assert len(lines) == 22
    assert document.warnings == ("A quotation mark is never closed; it was taken as it stands in row 2.",)
    (table,) = document.tables
    assert len(table.rows) == 21


def test_a_quoted_field_further_down_does_not_close_it(tmp_path: Path) -> None:
    lines = read(tmp_path, f'{HEAD}10,"Hook,5\n{ROWS}50,"Buoy, red",7\n51,Rope,2\n').text.splitlines()
    assert lines[1] == "10 | Hook | 5"
    assert lines[-2] == "50 | Buoy, red | 7"
    assert lines[-1] == "51 | Rope | 2"


def test_a_whole_quote_in_the_same_row_stays_whole(tmp_path: Path) -> None:
    lines = read(tmp_path, f'{HEAD}"10","Hook, small","5\n{ROWS}').text.splitlines()
    assert lines[1] == "10 | Hook, small | 5"


def test_a_quoted_text_of_several_lines_is_one_field(tmp_path: Path) -> None:
    text = f'{HEAD}10,"Hook\nfor ropes, chains\nand nets",5\n{ROWS}'
    document = read(tmp_path, text)
    assert document.text.splitlines()[1] == "10 | Hook for ropes, chains and nets | 5"
    assert document.warnings == ()


def test_marks_for_inches_are_no_quotes(tmp_path: Path) -> None:
    document = read(tmp_path, f'{HEAD}10,Pipe 5",5\n11,Pipe 6",6\n{ROWS}')
    assert document.text.splitlines()[1:3] == ['10 | Pipe 5" | 5', '11 | Pipe 6" | 6']
    assert document.warnings == ()
