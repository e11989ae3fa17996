"""Turns that are no search: thanks, requests about the last answer, questions about the talk and the library."""

import pytest

from app.answer.services import Services
from app.chat import messages as say
from app.chat.conversation import Conversation
from core.settings import Settings

RENT = "The rent is 640 euros a month."
ASKED = "How much is the rent a month?"


@pytest.fixture
def conversation(library, asked, embedder, tmp_path):
    def start(engine):
        settings = Settings(home=tmp_path, answer="model")
        return Conversation(Services(library, asked.retriever, embedder, engine, settings))

    return start


def said(conversation, text):
    return list(conversation.ask(text))[-1].answer


def test_thanks_are_answered_without_a_search(conversation, asked, scripted):
    engine = scripted(RENT, size=8000)
    talk = conversation(engine)
    said(talk, ASKED)
    assert said(talk, "Thank you very much!").text == say.WELCOME
    assert asked.retriever.searched == [ASKED]
    assert len(engine.prompts) == 1


def test_a_request_is_carried_out_on_the_last_answer_and_checked_against_its_sources(conversation, asked, scripted):
    engine = scripted(
        f"{RENT} It is due on the first.", "- The rent is 640 euros.\n- Neptune pays it in gold.", size=8000
    )
    talk = conversation(engine)
    said(talk, ASKED)
    revised = said(talk, "as a list please")
    assert asked.retriever.searched == [ASKED]
    prompt = engine.prompts[-1][-1].content
    assert RENT in prompt
    assert "as a list please" in prompt
    assert [sentence.supported for sentence in revised.sentences] == [True, False]
    assert revised.text.count("\n") == 1


def test_where_it_is_said_is_shown_with_the_place(conversation, scripted):
    talk = conversation(scripted(RENT, size=8000))
    said(talk, ASKED)
    answer = said(talk, "Where does it say that?")
    assert answer.text.splitlines() == [say.SAID_THERE, f"lease.txt, line 1: “{RENT}”"]
    assert answer.sentences[-1].citations[0].quote == RENT


def test_who_doubts_an_answer_gets_the_documents_word_again(conversation, scripted):
    talk = conversation(scripted(RENT, size=8000))
    said(talk, ASKED)
    for doubt in ("Are you sure?", "I think it is 700."):
        answer = said(talk, doubt)
        assert RENT in answer.text
        assert answer.sentences[0].citations


def test_an_answer_that_quotes_nothing_is_not_confirmed(conversation, scripted):
    talk = conversation(scripted("It is paid in gold by Neptune.", size=8000))
    said(talk, ASKED)
    assert say.SURE not in said(talk, "Are you sure?").text


def test_what_was_said_before_is_recalled(conversation, scripted):
    talk = conversation(scripted(RENT, "It was signed by Maren Oyelaran.", size=8000))
    said(talk, ASKED)
    said(talk, "Who signed the lease?")
    assert RENT in said(talk, "What did you say earlier about the rent?").text


def test_the_documents_of_the_library_are_listed(conversation, library, scripted):
    answer = said(conversation(scripted(RENT)), "What documents do I have?")
    assert answer.text == "There is 1 document: lease.txt."


def test_a_small_model_says_that_it_cannot_rewrite(conversation, scripted):
    engine = scripted(RENT)
    talk = conversation(engine)
    said(talk, ASKED)
    assert said(talk, "Translate that into French.").text == f"{say.NO_READER} {RENT}"
    assert len(engine.prompts) == 1


def test_nothing_before_it_can_be_made_shorter(conversation, scripted):
    talk = conversation(scripted(RENT))
    said(talk, "Thank you very much!")
    assert said(talk, "shorter please").text == say.NOTHING_BEFORE


def test_a_request_that_is_stopped_while_the_model_loads_says_so(conversation, scripted):
    engine = scripted(RENT, size=8000)
    talk = conversation(engine)
    said(talk, ASKED)
    engine.load = lambda _cancel=None: False
    answer = said(talk, "as a list please")
    assert (answer.cancelled, answer.text) == (True, "")


def test_what_the_program_said_itself_is_not_said_again(conversation, scripted):
    talk = conversation(scripted(RENT))
    said(talk, ASKED)
    for request in ("shorter please", "in German please"):
        assert said(talk, request).text == f"{say.NO_READER} {RENT}"
