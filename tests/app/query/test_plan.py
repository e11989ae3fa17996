"""What kind of turn a question is."""

from dataclasses import replace

import numpy as np
import pytest

from app.query import turn_kinds
from app.query.plan import Plan, plan_turn
from core.errors import UsageError
from core.types import Answer, Timings, Usage
from index.search.filters import Filter
from index.store.chat_messages import ChatMessage


def answered(question: str, text: str) -> Answer:
    return Answer(question, text, True, (), (), (), (), Timings(), Usage(), "", "direct", searched=question)


ASKED = "How high is the rent of the boathouse?"
EARLIER = (ChatMessage("user", ASKED, ""), ChatMessage("assistant", "640 euros.", "", answered(ASKED, "640 euros.")))


def test_a_summary_of_the_only_document_is_no_search(library, lease, embedder):
    assert plan_turn("Summarise this report", (), library, embedder) == Plan("summary", documents=(lease.id,))


def test_a_task_on_unknown_documents_is_searched_like_any_question(library, embedder):
    question = "Compare the rent and the deposit"
    assert plan_turn(question, (), library, embedder) == Plan("search", question)


def test_a_filter_that_keeps_no_document_is_refused(library, embedder):
    with pytest.raises(UsageError):
        plan_turn("Summarise this report", (), library, embedder, within=Filter(documents=("none.pdf",)))


def test_a_follow_up_is_searched_as_it_was_rewritten_and_the_note_says_so(library, embedder):
    plan = plan_turn("Who pays it?", EARLIER, library, embedder)
    assert (plan.kind, plan.note) == ("search", f"Searched for: {plan.search_text}")
    assert "boathouse" in plan.search_text


def test_a_model_is_asked_only_where_the_rule_is_unsure_and_the_model_rewrites_well(library, scripted, embedder):
    wanted = "Who pays the rent of the boathouse?"
    engine = scripted(wanted, size=8000)
    assert plan_turn("Who is the director of the station?", EARLIER, library, embedder, engine=engine).note == ""
    assert engine.prompts == []
    assert plan_turn("Who pays it?", EARLIER, library, embedder, engine=engine).search_text == wanted
    small = scripted(wanted, size=135)
    assert plan_turn("Who pays it?", EARLIER, library, embedder, engine=small).search_text != wanted
    assert small.prompts == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("thanks a lot", "thanks"),
        ("shorter please", "shorter"),
        ("Put that into bullet points, please", "as_list"),
        ("Where does it say that?", "where"),
        ("Are you sure about that?", "are_you_sure"),
        ("Who pays the rent of the boathouse?", "search"),
        ("And in winter?", "search"),
    ],
)
def test_what_is_no_question_of_the_documents_is_not_searched_for(library, embedder, text, kind):
    assert plan_turn(text, EARLIER, library, embedder).kind == kind


def test_a_request_about_an_answer_needs_one_before_it(library, embedder):
    assert plan_turn("shorter please", (), library, embedder).kind == "search"
    assert plan_turn("What documents do I have?", (), library, embedder).kind == "library"


def test_thanks_are_no_topic_of_the_next_question(library, embedder):
    thanks = ChatMessage("user", "Thanks!", ""), ChatMessage("assistant", "You are welcome.", "", thanked())
    assert "boathouse" in plan_turn("Who pays it?", (*EARLIER, *thanks), library, embedder).search_text


def thanked() -> Answer:
    return replace(answered("Thanks!", "You are welcome."), searched="")


def test_the_examples_are_those_of_the_embedder_that_the_library_has_changed_to(embedder):
    class Changing:
        """As a library's embedder: the same object, another embedder after a change."""

        name = "one"

        def embed_passages(self, texts):
            return embedder.embed_passages([f"{text} {self.name}" for text in texts])

    changing = Changing()
    before = turn_kinds._examples(changing)[1]
    changing.name = "two"
    assert not np.array_equal(turn_kinds._examples(changing)[1], before)
