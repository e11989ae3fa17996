"""Two columns of a PDF are read one after the other, also where the file draws them line by line across the page."""

from pathlib import Path

import pytest
from fpdf import FPDF

from ingest.read import read_file

LEFT = """The harbour opens at six
in the morning and closes
at ten at night. Boats that
arrive later wait at the
outer pier until the keeper
has lifted the barrier for
them. Nobody may sleep on
board in the inner basin
unless the harbour master
has agreed in writing.""".splitlines()
RIGHT = """The fee for a night is
12 euros for boats of
up to 10 metres. Longer
boats pay 2 euros more
for each metre begun. It
is paid at the office or
by the machine beside the
stairs. Who stays a month
pays for three weeks only
and keeps the same berth.""".splitlines()
HEAD = "Rules of the harbour for all visitors, their crews and their guests in this season"


def drawn(path: Path, left: list[str], right: list[str], head: str = "") -> Path:
    """A page on which lines of both columns alternate."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    if head:
        pdf.text(20, 25, head)
    for at in range(max(len(left), len(right))):
        for x, column in ((20, left), (110, right)):
            if at < len(column):
                pdf.text(x, 40 + at * 6, column[at])
    pdf.output(str(path))
    return path


def test_columns_that_alternate_line_by_line_are_read_one_after_the_other(tmp_path: Path) -> None:
    text = read_file(drawn(tmp_path / "rules.pdf", LEFT, RIGHT)).text
    assert text.splitlines() == [*LEFT, *RIGHT]


def test_a_line_over_both_columns_stays_above_them(tmp_path: Path) -> None:
    text = read_file(drawn(tmp_path / "rules.pdf", LEFT, RIGHT, HEAD)).text
    assert text.splitlines() == [HEAD, *LEFT, *RIGHT]


def test_a_column_that_ends_before_the_other_is_whole(tmp_path: Path) -> None:
    text = read_file(drawn(tmp_path / "rules.pdf", LEFT, RIGHT[:7])).text
    assert text.splitlines() == [*LEFT, *RIGHT[:7]]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([f"Berth {at}, harbour of Norby" for at in range(10)], [f"Rent {at * 7} euros a month" for at in range(10)]),
        ([f"Question {at} of the form" for at in range(10)], ["yes, as agreed in the lease"] * 10),
    ],
    ids=["a price list", "a form with answers in small letters"],
)
def test_rows_of_a_table_stay_rows(tmp_path: Path, left: list[str], right: list[str]) -> None:
    text = read_file(drawn(tmp_path / "list.pdf", left, right)).text
    assert all(one in line and other in line for one, other, line in zip(left, right, text.splitlines(), strict=True))
