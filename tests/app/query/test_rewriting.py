"""What is searched for a follow-up question."""

import pytest

from app.query.rewriting import rewrite_by_model, rewrite_by_rule
from generate.remote import RemoteEngine
from tests.generate.scripted_chat import Scripted
from tests.generate.scripted_chat import scripted as scripted_chat

EARLIER = ["How high is the rent of the boathouse?"]


@pytest.mark.parametrize("question", ["And in May?", "Who pays it?", "Why?", "Since when?", "What about them?"])
def test_a_follow_up_borrows_from_the_question_before(question):
    rewriting = rewrite_by_rule(question, EARLIER)
    assert rewriting.text.startswith(question)
    assert "rent" in rewriting.text
    assert "boathouse" in rewriting.text
    assert rewriting.text in rewriting.note


@pytest.mark.parametrize(
    "question", ["Who is the director of the station?", "How often is the strainer of the pump cleaned in May?"]
)
def test_a_new_topic_is_searched_as_it_is(question):
    rewriting = rewrite_by_rule(question, EARLIER)
    assert (rewriting.text, rewriting.note) == (question, "")


def test_the_first_question_is_searched_as_it_is():
    assert rewrite_by_rule("Who wrote it?", []).text == "Who wrote it?"


def test_a_topic_lasts_over_several_follow_ups_and_no_longer():
    earlier = ["How many guests came in April?", "And in August?"]
    assert "guests" in rewrite_by_rule("And in September?", earlier).text
    assert rewrite_by_rule("Who is the director of the station?", earlier).note == ""


def test_she_is_somebody_whom_the_last_answer_names():
    rewriting = rewrite_by_rule(
        "Since when is she there?", ["Who leads the station?"], "The director is Dr. Maren Oyelaran."
    )
    assert "Maren Oyelaran" in rewriting.text
    assert rewriting.sure is False


def test_a_model_rewrites_under_a_grammar_that_holds_one_question(scripted):
    engine = scripted("Who signed the lease of the boathouse?", size=8000)
    rewriting = rewrite_by_model("Who signed it?", ["When does the lease begin?"], "On 1 April 2026.", engine)
    assert rewriting.text == "Who signed the lease of the boathouse?"
    assert rewriting.text in rewriting.note
    assert "?" in engine.grammars[0]
    assert "When does the lease begin?" in engine.prompts[0][-1].content


def test_the_real_model_is_held_to_one_question(engine):
    rewriting = rewrite_by_model(
        "And the deposit?", ["How high is the rent of the boathouse?"], "The rent is 640 euros.", engine
    )
    assert rewriting.text.endswith("?")
    assert rewriting.text.count("?") == 1
    assert "\n" not in rewriting.text


def test_a_model_that_was_stopped_leaves_the_rule_in_force(scripted):
    rewriting = rewrite_by_model("Who pays it?", EARLIER, "", scripted("Who pays", size=8000))
    assert "boathouse" in rewriting.text


def test_a_server_s_model_is_believed_one_question_only():
    def server(*texts):
        return RemoteEngine(scripted_chat(Scripted, *texts), "fake:model", 4096)

    earlier, answered = ["When does the lease begin?"], "On 1 April."
    rewriting = rewrite_by_model("Who signed it?", earlier, answered, server('{"question": "Who signed the lease?"}'))
    assert rewriting.text == "Who signed the lease?"
    chatty = "Sure! Here it is:\nWho signed the lease?"
    rewriting = rewrite_by_model("Who signed it?", earlier, answered, server(chatty, "Who signed the lease?"))
    assert rewriting.text == "Who signed the lease?", "asked for once more"
    rewriting = rewrite_by_model("Who signed it?", earlier, answered, server(chatty, chatty, chatty))
    assert rewriting.text.startswith("Who signed it?"), "the rule's"


def test_a_fragment_goes_on_with_the_question_before():
    before = ["How many lamps did the shop sell in February?"]
    assert "lamps" in rewrite_by_rule("in March", before).text
    assert rewrite_by_rule("in March", []).text == "in March"
    for whole in ("In which year did the museum of the lake open to visitors?", "In one word: are dogs welcome?"):
        assert "February" not in rewrite_by_rule(whole, before).text
