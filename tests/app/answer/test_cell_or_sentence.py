"""A question whose words a sentence says is answered in words, and the figures of a table stand below."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from app.answer.cell_or_sentence import told_by
from app.figures.cells import FoundCell
from app.figures.found import FiguresFound
from core.tables import Cell, Column, Row, Table
from core.types import Document, Locator, Passage

TABLE = Table(
    "Budget",
    "",
    1,
    0,
    30,
    (Row(("Boathouse rent",), 0, 30),),
    (Column(("Planned",)), Column(("Spent",))),
    (
        Cell(0, 0, 15, 19, "5760", 1, number=Decimal(5760)),
        Cell(0, 1, 21, 25, "1920", 1, number=Decimal(1920)),
    ),
)
BUDGET = Document("budget", "budget.xlsx", "", "", "Boathouse rent 5760, 1920", (), tables=(TABLE,))


def lease(text):
    return Passage(
        "lease", "lease.docx", "Lease of the boathouse", 0, len(text), text, Locator(None, ""), (), 1.0, 1.0, 1.0
    )


@pytest.mark.parametrize(
    ("question", "text", "telling"),
    [
        ("What is the deposit for the boathouse?", "The Lessee pays a deposit of 1920 euros.", "sentence"),
        ("What is the deposit for the boathouse?", "The Lessee pays a deposit.", "cell"),
        ("What is the boathouse rent?", "The rent is 640 euros a month.", "both"),
        ("What is the planned boathouse rent?", "The rent is 640 euros a month.", "cell"),
        ("What is the boathouse rent?", "The boathouse may be used for 60 boats.", "cell"),
        ("What did the sauna of the boathouse cost?", "The deposit is 1920 euros.", "cell"),
    ],
)
def test_a_sentence_that_says_all_that_is_asked_answers_before_a_cell(question, text, telling):
    found = FiguresFound("look up", (FoundCell("budget", TABLE, TABLE.cells[0]),))
    retrieved = SimpleNamespace(readable=(lease(text),), documents={"budget": BUDGET})
    assert told_by(question, found, retrieved) == telling
