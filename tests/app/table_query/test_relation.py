"""Tables as typed columns: what is a number, a date, no value, a total, a header that is repeated."""

from datetime import date
from pathlib import Path

from app.table_query.relation import relations_of
from app.table_query.values import is_missing, leading_number, read_date
from ingest.read import read_file
from tests.app.table_query.test_database import relation_of


def test_columns_are_typed_by_the_habit_of_their_document(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, "Ort;Datum;Betrag;Anteil\nKiel;03.02.2024;1.234,50;7,5 %\nBonn;-;n/a;12,0 %\n")
    by_name = {field.name: field for field in relation.fields}
    assert by_name["ort"].kind == "text"
    assert by_name["datum"].values == (date(2024, 2, 3), None)
    assert by_name["betrag"].values == (1234.5, None)
    assert (by_name["anteil"].values, by_name["anteil"].unit) == ((7.5, 12.0), "%")


def test_a_date_in_american_order_is_told_by_a_day_above_twelve(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, "Name,Due\na,01/13/2024\nb,02/03/2024\n")
    assert relation.fields[1].values == (date(2024, 1, 13), date(2024, 2, 3))


def test_total_rows_are_not_counted(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, "Item,Cost\nTea,3\nMilk,4\nSubtotal,7\nBread,2\nTotal,9\n")
    assert [relation.fields[0].texts[at] for at in relation.counted] == ["Tea", "Milk", "Bread"]


def test_a_header_that_is_repeated_after_a_page_is_no_row(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, "Item,Cost\nTea,3\nItem,Cost\nMilk,4\n")
    assert relation.fields[0].texts == ("Tea", "Milk")


def test_two_tables_side_by_side_are_two(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("Item,Stock,,Order,Due\nTea,3,,17,2024-01-05\nMilk,4,,18,2024-02-01\n", encoding="utf-8")
    document = read_file(file)
    found = relations_of(document.id, document.tables, document.text)
    assert [[field.header for field in one.fields] for one in found] == [["Item", "Stock"], ["Order", "Due"]]


def test_a_ragged_table_keeps_its_rows(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, "Item,Cost,Note\nTea,3\nMilk,4,cold,extra\nBread\nJam,5,,\n")
    cost = relation.field("cost")
    assert cost is not None
    assert [one for one in cost.values if one is not None] == [3.0, 4.0, 5.0]


def test_words_in_a_column_of_numbers_are_no_value(tmp_path: Path) -> None:
    rows = "".join(f"r{number},{number}\n" for number in range(9))
    relation = relation_of(tmp_path, f"Name,Price\n{rows}late,on request\n")
    assert relation.fields[1].kind == "number"
    assert relation.fields[1].values[-1] is None


def test_values_that_begin_with_numbers_can_be_ranked() -> None:
    assert leading_number("940 tons") == 940
    assert leading_number("1:02.5") == 62.5
    assert leading_number("none") is None
    assert read_date("April 13, 2008") == date(2008, 4, 13)
    assert read_date("13. März 2008") == date(2008, 3, 13)
    assert all(map(is_missing, ("", "-", "n/a", "—", "?", "N.A.")))
    assert not is_missing("0")
