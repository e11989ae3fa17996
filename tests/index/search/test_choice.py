"""Searches that look first, or alone, in the documents that a question asks about."""

import pytest
from stand_in import TopicEmbedder, document

from core.settings import Settings
from index.add import add_documents
from index.search.explain import explain
from index.search.filters import Filter
from index.search.retriever import Retriever
from index.store.library import Library

TEXTS = {
    "1": (
        "Larch Kilns Ltd\nReport for the first quarter of 2031\n",
        "The ferry carried the kilns. Larch Kilns is glad.",
    ),
    "2": ("Larch Kilns Ltd\nReport for the second quarter of 2031\n", "No boat carried any, for the sea was rough."),
    "3": (
        "Harrowgate Pumps Ltd\nReport for the first quarter of 2031\n",
        "The ferry carried kilns and pumps, kilns most.",
    ),
}
QUESTION = "What carried the kilns of Larch Kilns in Q2 2031, a ferry?"


@pytest.fixture
def shelf(library: Library, settings: Settings) -> tuple[Library, Retriever]:
    texts = [document(name, "\n\n".join((head, body))) for name, (head, body) in TEXTS.items()]
    add_documents(texts, library, TopicEmbedder(), settings)
    return library, Retriever(library, TopicEmbedder(), settings)


def ids(retriever: Retriever, question: str, within: Filter | None = None, k: int = 1) -> list[str]:
    return [passage.document_id for passage in retriever.search(question, k, within).passages]


def test_a_name_and_a_period_that_fit_are_searched_alone(shelf: tuple[Library, Retriever]) -> None:
    _, retriever = shelf
    assert ids(retriever, QUESTION) == ["2"]
    choice = retriever.search(QUESTION).choice
    assert choice is not None
    assert (choice.document_ids, choice.is_sure) == (("2",), True)


def test_the_choice_can_be_taken_away(shelf: tuple[Library, Retriever]) -> None:
    _, retriever = shelf
    assert ids(retriever, QUESTION, Filter(anywhere=True)) != ["2"]
    assert retriever.search(QUESTION, within=Filter(anywhere=True)).choice is None


def test_other_documents_follow_where_the_chosen_ones_have_few_chunks(shelf: tuple[Library, Retriever]) -> None:
    _, retriever = shelf
    found = ids(retriever, QUESTION, k=3)
    assert found[0] == "2"
    assert set(found) == {"1", "2", "3"}


def test_a_name_alone_comes_first_and_leaves_nothing_out(shelf: tuple[Library, Retriever]) -> None:
    _, retriever = shelf
    found = ids(retriever, "Which ferry carried pumps for Harrowgate Pumps?", k=3)
    assert found[0] == "3"
    assert len(found) == 3


def test_a_filter_limits_the_choice(shelf: tuple[Library, Retriever]) -> None:
    _, retriever = shelf
    assert ids(retriever, QUESTION, Filter(documents=("3",))) == ["3"]


def test_what_a_person_says_of_a_document_counts_at_once(shelf: tuple[Library, Retriever]) -> None:
    from ingest.facets.given import with_given

    library, retriever = shelf
    assert retriever.choice("What did Larch Kilns carry in Q3 2030?").document_ids == ("2", "1")  # type: ignore[union-attr]
    read = library.read_facets("1")
    library.give_facets("1", with_given(read.__class__(), read, {"period": ["Q3 2030"]}))
    assert retriever.choice("What did Larch Kilns carry in Q3 2030?").document_ids == ("1",)  # type: ignore[union-attr]


def test_explain_knows_what_was_left_out(shelf: tuple[Library, Retriever]) -> None:
    library, retriever = shelf
    (outcome,) = explain(QUESTION, retriever, library, document="3").outcomes
    assert outcome.ended == "fused"
    assert outcome.why == "left out by the filter"
