"""Questions to start with."""

import pytest

from app.ui.starter_questions import example
from core.types import Document, Heading


def document(title: str, *headings: str) -> Document:
    outline = tuple(Heading(number, 1, text) for number, text in enumerate(headings))
    return Document("d1", "lease of 2026.docx", "text/plain", title, "", (), outline)


@pytest.mark.parametrize(
    ("given", "question"),
    [
        (document("Lease", "Lease", "§ 1 The property", "§ 2 Rent", "§ 3 Use"), "What does “Lease” say about “Rent”?"),
        (document("Lease"), "What is “Lease” about?"),
        (document(""), "What is “lease of 2026” about?"),
        (document("Lease", "1.2", "***"), "What is “Lease” about?"),
        (document("Lease", "x" * 200), "What is “Lease” about?"),
    ],
)
def test_a_question_is_about_a_heading_or_the_whole(given, question):
    assert example(given) == question
