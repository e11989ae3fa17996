"""Rows of figures know their label and what stands above their columns."""

import pytest

from index.search.figure_rows import figure_columns, row_label

PAGE = """Acme Inc.
STATEMENTS OF OPERATIONS
(In millions, except per share amounts)
Three Months Ended Six Months Ended
June 30,
2031
June 30,
2030
Net sales:
Products $ 1,200 $ 1,100
Net income 95 (54)
Effective tax rate 15.7 % 10.8 %
"""


@pytest.mark.parametrize(
    ("quote", "label"),
    [
        ("Net income $ 16,425 $ 18,765 $ 33,981", "Net income"),
        ("Deferred taxes (benefit) 2,756 (737)", "Deferred taxes (benefit)"),
        ("Research and development\nexpenses $ 2,040 $ 1,824 $ 216 12 %", "Research and development expenses"),
        ("Common stock issued — 593", "Common stock issued"),
        ("Boats and fuel | 38500 | 21750 | Lind", "Boats and fuel Lind"),
        ("| P3-E07 | motor too hot | switch off |", None),
        ("The lease was signed in 2026.", None),
        ("The lease ends in 2036", None),
        ("19,442 21,744", None),
        ("Federer won Wimbledon in 2003, 2004, 2005.", None),
        ("Federer won 2003 2004", None),
        ("The store is open 9 - 17", None),
        ("The lease runs from 2026 2036", None),
        ("Oil and gas of 5 6", None),
        ("Harbour office 0301 234567", None),
    ],
)
def test_the_label_of_a_row(quote, label) -> None:
    assert row_label(quote) == label


def test_a_row_stands_below_its_periods_and_unit() -> None:
    columns = figure_columns(PAGE, PAGE.index("Net income"))
    assert columns == "Three Months Ended Six Months Ended June 30, 2031 June 30, 2030 (in millions)"


def test_a_row_of_percentages_has_no_unit() -> None:
    assert "millions" not in figure_columns(PAGE, PAGE.index("Effective"))


def test_prose_in_thousands_is_no_unit_and_without_columns_there_is_none() -> None:
    prose = "It serves hundreds of thousands of people."
    assert figure_columns(f"{prose}\nBoats 38500 21750", len(prose) + 1) == ""
    assert figure_columns(f"{prose}\n2031 2030\nBoats 38500 21750", len(prose) + 11) == "2031 2030"


def test_what_another_page_says_is_not_looked_at() -> None:
    start = PAGE.index("Net income")
    assert figure_columns(PAGE, start, PAGE.index("Products")) == ""


def test_a_line_of_many_short_words_takes_no_time() -> None:
    assert row_label("1 2 3 in of at " * 200 + "end") is None
    assert figure_columns("in of at 3 1 " * 400 + "x\nNet income 1 2", 13 * 400 + 2) == ""
