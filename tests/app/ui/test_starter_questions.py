"""Questions to start with: each is offered only where a summary answers it."""

import pytest

from app.query.plan import plan_turn
from app.ui.starter_questions import example_questions
from core.settings import Settings
from core.types import Document, Page
from index.store.library import Library
from index.store.records import Entry


@pytest.fixture
def holding(tmp_path):
    """A library of documents with these names and titles, without vectors."""
    with Library.open(Settings(home=tmp_path), create=True) as library:

        def put(*documents):
            for number, (name, title) in enumerate(documents):
                pages = (Page("lines", 1, "", 0, 6),)
                document = Document(f"d{number}", name, "text/plain", title, "A text", pages)
                library.put([Entry(document, name, 1, (), ())], {})
            return library

        yield put


def test_each_is_of_another_document_and_its_summary(holding):
    documents = [("lease.docx", "Lease"), ("notes 1.md", ""), ("rules.pdf", "x" * 200), ("plan.md", "Plan")]
    library = holding(*documents)
    offered = example_questions(library)
    assert len(offered) == 3
    plans = [plan_turn(question, (), library, None) for question in offered]
    assert [plan.kind for plan in plans] == ["summary"] * 3
    assert len({plan.documents for plan in plans}) == 3


def test_a_title_that_several_have_gives_way_to_the_names_of_the_files(holding):
    assert sorted(example_questions(holding(("a.md", "Lease"), ("b.md", "Lease")))) == [
        "What is “a.md” about?",
        "What is “b.md” about?",
    ]


def test_an_empty_library_offers_none(holding):
    assert example_questions(holding()) == ()
