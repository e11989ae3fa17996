"""What is searched for a follow-up question."""

import pytest

from app.followup import search_for

EARLIER = ["How high is the rent of the boathouse?"]


@pytest.mark.parametrize("question", ["And in May?", "Who pays it?", "Why?", "Since when?", "What about them?"])
def test_a_follow_up_borrows_from_the_question_before(question):
    search = search_for(question, EARLIER)
    assert search.text.startswith(question)
    assert "rent" in search.text
    assert "boathouse" in search.text
    assert search.text in search.note


@pytest.mark.parametrize(
    "question", ["Who is the director of the station?", "How often is the strainer of the pump cleaned in May?"]
)
def test_a_new_topic_is_searched_as_it_is(question):
    search = search_for(question, EARLIER)
    assert (search.text, search.note) == (question, "")


def test_the_first_question_is_searched_as_it_is():
    assert search_for("Who wrote it?", []).text == "Who wrote it?"
