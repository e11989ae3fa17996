"""A question whose words a passage of another document says is answered in words, and figures stand below."""

from types import SimpleNamespace

import pytest

from app.answer.figures_answer import _is_told_elsewhere
from app.answer.question import Question

RENT = SimpleNamespace(
    row=("Boathouse rent",),
    named=(),
    column=SimpleNamespace(path=("Planned",)),
    table=SimpleNamespace(title="Budget"),
    document_id="budget",
)
LEASE = SimpleNamespace(document_id="lease", text="The Lessee pays a deposit for the boathouse in advance.")


@pytest.mark.parametrize(
    ("question", "best", "is_told"),
    [
        ("What is the deposit for the boathouse?", "lease", True),
        ("What is the boathouse rent?", "lease", False),
        ("What is the deposit for the boathouse?", "budget", False),
        ("What did the sauna of the boathouse cost?", "lease", False),
    ],
)
def test_the_deposit_is_no_rent_where_a_lease_tells_it(question, best, is_told):
    found = SimpleNamespace(cells=(RENT,))
    passage = SimpleNamespace(document_id=best, text=LEASE.text)
    assert _is_told_elsewhere(Question(question), found, SimpleNamespace(passages=(passage,))) == is_told
