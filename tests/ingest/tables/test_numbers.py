"""Figures as they are printed are read as the numbers they are; what is no figure is left alone."""

from decimal import Decimal

import pytest

from ingest.tables.numbers import decimal_sign, figure, is_none


@pytest.mark.parametrize(
    ("printed", "number", "unit"),
    [
        ("(1,234)", "-1234", ""),
        ("$ 1,234.50", "1234.50", "$"),
        ("$(0.12)", "-0.12", "$"),
        ("( 5.2 )%", "-5.2", "%"),
        ("7.5 %", "7.5", "%"),
        ("−3", "-3", ""),
        ("123-", "-123", ""),
        ("US$5", "5", "US$"),
        ("5 kg", "5", "kg"),
        ("1,234 (1)", "1234", ""),
        ("16,425*", "16425", ""),
        ("1'234.50", "1234.50", ""),
        ("1,23,456", "123456", ""),
        (".75", "0.75", ""),
    ],
)
def test_a_figure_is_read_with_its_sign_and_unit(printed: str, number: str, unit: str) -> None:
    found = figure(printed)
    assert found is not None
    assert (found.number, found.unit) == (Decimal(number), unit)


@pytest.mark.parametrize("text", ["12/31/2022", "5-7", "1.2.3", "(23", "Q3", "100 basis points", "", "—"])
def test_what_is_no_figure_is_none(text: str) -> None:
    assert figure(text) is None


@pytest.mark.parametrize(
    ("printed", "number"),
    [("1.234,50 €", "1234.50"), ("1.234", "1234"), ("7,5 %", "7.5"), ("-1.234.567", "-1234567"), ("1 234,5", "1234.5")],
)
def test_a_document_with_decimal_commas_is_read_by_its_habit(printed: str, number: str) -> None:
    found = figure(printed, ",")
    assert found is not None
    assert found.number == Decimal(number)


def test_the_habit_follows_the_figures_that_can_be_read_in_one_way_only() -> None:
    assert decimal_sign(["1.234", "12.345", "7,5"]) == ","
    assert decimal_sign(["1,234", "12,345", "7.5"]) == "."
    assert decimal_sign(["1.234.567"]) == ","
    assert decimal_sign(["1,234"]) == "."


@pytest.mark.parametrize("text", ["—", "-", "$ —", "n/a", "(–)"])
def test_a_dash_says_that_there_is_none(text: str) -> None:
    assert is_none(text)
    assert figure(text) is None
