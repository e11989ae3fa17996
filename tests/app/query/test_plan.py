"""What kind of turn a question is."""

from dataclasses import replace

import numpy as np
import pytest

from app.query import turn_kinds
from app.query.plan import Plan, plan_turn
from core.errors import UsageError
from core.types import Answer, AnswerPart, Timings, Usage
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
    before = turn_kinds.EXAMPLES.embedded(changing)[1]
    changing.name = "two"
    assert not np.array_equal(turn_kinds.EXAMPLES.embedded(changing)[1], before)


def test_the_questions_of_a_turn_are_parts_and_a_later_one_is_completed_from_the_one_before(library, embedder):
    plan = plan_turn("How high is the rent of the boathouse and when is it due?", (), library, embedder)
    assert [part.asked for part in plan.parts] == ["How high is the rent of the boathouse?", "When is it due?"]
    assert "boathouse" in plan.parts[1].search_text
    assert plan.parts[1].search_text in plan.note


def test_a_follow_up_goes_on_from_the_last_of_several_questions(library, embedder):
    told = (AnswerPart("Rent?", ASKED, "640.", 0, True), AnswerPart("Sauna?", "Who heats the sauna?", "Lind.", 1, True))
    both = replace(answered("How high is the rent and who heats the sauna?", "640. Lind."), parts=told)
    past = ChatMessage("user", both.question, ""), ChatMessage("assistant", both.text, "", both)
    searched = plan_turn("When does it open?", past, library, embedder).search_text
    assert "sauna" in searched
    assert "rent" not in searched


def test_a_question_after_a_story_is_searched_without_the_story(library, embedder):
    story = "We came by train, which was late, and the buffet had nothing but plums left for us to eat. " * 5
    question = "How high is the rent of the boathouse?"
    plan = plan_turn(story + question, (), library, embedder)
    assert (plan.search_text, plan.asked, plan.parts) == (question, question, ())


def test_only_a_list_of_things_is_worth_the_models_time(library, embedder, scripted):
    written = "What is the price of the sauna?\nWhat are the hours of the sauna?\nWhat is the address of the sauna?"
    engine = scripted(written, size=8000)
    listed = "What are the price, the hours and the address of the sauna?"
    assert len(plan_turn(listed, (), library, embedder, engine=engine).parts) == 3
    assert plan_turn("Who owns the pier and the sauna?", (), library, embedder, engine=engine).parts == ()
    assert len(engine.prompts) == 1


def test_more_than_four_questions_are_said_to_be_too_many(library, embedder):
    turn = "What is the rent? Who pays the water? When is the sauna open? Where is the key? Who cleans the pier?"
    plan = plan_turn(turn, (), library, embedder)
    assert len(plan.parts) == 4
    assert "first 4 of 5" in plan.note


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What does this document deal with?", "about"),
        ("Whom is this document meant for?", "audience"),
        ("How many pages does this document have?", "extent"),
    ],
)
def test_a_question_about_the_whole_of_the_only_document_is_no_search(library, lease, embedder, question, kind):
    plan = plan_turn(question, (), library, embedder)
    assert (plan.kind, plan.documents) == (kind, (lease.id,))


def test_a_list_of_a_short_document_is_searched_and_of_a_long_one_every_page_is_read(
    library, lease, embedder, monkeypatch
):
    question = "List every deadline"
    assert plan_turn(question, (), library, embedder).kind == "search"
    monkeypatch.setattr("app.query.plan.LONG_CHARACTERS", 10)
    plan = plan_turn(question, (), library, embedder)
    assert (plan.kind, plan.documents) == ("read_through", (lease.id,))
