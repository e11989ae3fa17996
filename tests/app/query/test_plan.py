"""What kind of turn a question is."""

import pytest

from app.query.plan import Plan, plan_turn
from core.errors import UsageError
from index.search.filters import Filter
from index.store.chat_messages import ChatMessage

EARLIER = (ChatMessage("user", "How high is the rent of the boathouse?", ""),)


def test_a_summary_of_the_only_document_is_no_search(library, lease):
    assert plan_turn("Summarise this report", (), library) == Plan("summary", documents=(lease.id,))


def test_a_task_on_unknown_documents_is_searched_like_any_question(library):
    question = "Compare the rent and the deposit"
    assert plan_turn(question, (), library) == Plan("search", question)


def test_a_filter_that_keeps_no_document_is_refused(library):
    with pytest.raises(UsageError):
        plan_turn("Summarise this report", (), library, within=Filter(documents=("none.pdf",)))


def test_a_follow_up_is_searched_as_it_was_rewritten_and_the_note_says_so(library):
    plan = plan_turn("Who pays it?", EARLIER, library)
    assert (plan.kind, plan.note) == ("search", f"Searched for: {plan.search_text}")
    assert "boathouse" in plan.search_text


def test_a_model_is_asked_only_where_the_rule_is_unsure_and_the_model_rewrites_well(library, scripted):
    wanted = "Who pays the rent of the boathouse?"
    engine = scripted(wanted, size=8000)
    assert plan_turn("Who is the director of the station?", EARLIER, library, engine=engine).note == ""
    assert engine.prompts == []
    assert plan_turn("Who pays it?", EARLIER, library, engine=engine).search_text == wanted
    small = scripted(wanted, size=135)
    assert plan_turn("Who pays it?", EARLIER, library, engine=small).search_text != wanted
    assert small.prompts == []
