"""What is said of one thing by a source that says it of another is told; what the source says is not."""

import pytest

from app.answer.rules import other_subject
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import SupportCase
from core.types import Citation, Locator

RULES = (other_subject.ANOTHER_ROW, other_subject.SPECIAL_CASE, other_subject.LACKS_ASKED_ACTION)


def of_another_subject(sentence, question, quotes, sources):
    return first_ruling(RULES, SupportCase(sentence, question, tuple(quotes), tuple(sources))) is not None


def cite(quote):
    return Citation("d1", "report.pdf", Locator(1, "p. 1"), quote, 0, len(quote), 0.6)


@pytest.mark.parametrize(
    ("sentence", "question", "quote"),
    [
        ("Ada Marsh owned the mill at Harbo in 1904.", "Who owned the mill?", "Ada Marsh | 1904 | mill at Harbo"),
        (
            "Ada Marsh owned the mill at Harbo in 1904.",
            "How many mills were there?",
            "Ada Marsh | 1904 | mill at Harbo",
        ),
        ("The pump weighs 30 kg.", "How heavy is the pump?", "The pump weighs 30 kg; if it leaks, switch it off."),
        ("Three months if the rent is overdue.", "How long is it?", "Three months if the rent is overdue."),
        ("Personalkosten 640.", "Wie hoch waren die Personalkosten?", "Personalkosten gesamt Werk Nord 640 700"),
    ],
)
def test_what_the_quote_says_is_in_its_place(sentence, question, quote) -> None:
    assert not of_another_subject(sentence, question, [cite(quote)], [cite(quote)])


@pytest.mark.parametrize(
    ("sentence", "question", "quote"),
    [
        ("Net income was 859 million.", "What was the net income?", "Provision for income taxes 859 747"),
        ("The notice is three months.", "What is the notice?", "If the rent is in arrears, notice is three months."),
        ("The pump takes 30 kg.", "What does it take?", "It is red; it takes 30 kg if the lid is shut."),
    ],
)
def test_what_the_quote_says_of_something_else_is_told(sentence, question, quote) -> None:
    assert of_another_subject(sentence, question, [cite(quote)], [cite(quote)])


def test_only_what_somebody_did_must_stand_in_the_quote() -> None:
    quote, other = cite("Lind is mayor of Lund."), cite("The current of the river is strong. Berg signed.")
    question = "Who is the current mayor of Lund?"
    assert not of_another_subject("Lind is the current mayor.", question, [quote], [quote, other])
    assert of_another_subject("Lind signed the lease.", "Who signed the lease?", [quote], [quote, other])
    assert of_another_subject("Lind has signed it.", "Who has signed the lease?", [quote], [quote, other])
