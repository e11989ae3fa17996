"""A conversation goes on as it was: sent, saved, reopened."""

import threading
import time
from dataclasses import replace

import pytest

from app.answer.events import Answered, Note, Piece
from app.answer.services import Services
from app.chat.conversation import Conversation
from core.errors import UsageError
from core.settings import Settings
from index.store.chats import Chats
from index.store.records import Entry

RENT = "The rent is 640 euros a month."


@pytest.fixture
def talk(library, asked, embedder, tmp_path):
    def start(engine, chat_id=""):
        settings = Settings(home=tmp_path, answer="model")
        services = Services(library, asked.retriever, embedder, engine, settings)
        return Conversation(services, chat_id=chat_id)

    return start


def test_a_turn_is_saved_before_it_is_answered(talk, library, scripted):
    conversation = talk(scripted(RENT))
    for event in conversation.ask("How much is the rent a month?"):
        if isinstance(event, Answered):
            saved = Chats(library).load(conversation.chat_id).messages
    assert [(m.role, m.text) for m in saved] == [("user", "How much is the rent a month?"), ("assistant", RENT)]
    assert saved[1].citations[0].quote == RENT
    assert saved[1].answer == event.answer
    assert "<source 1: lease.txt" in saved[0].sent


def test_a_reopened_conversation_sends_the_same_prefix(talk, scripted):
    engine = scripted(RENT, "It was signed by Maren Oyelaran.")
    first = talk(engine)
    list(first.ask("How much is the rent a month?"))
    list(talk(engine, first.chat_id).ask("Who signed the lease?"))
    before, after = engine.prompts
    assert after[: len(before)] == before
    assert after[len(before)].content == RENT


def test_the_sources_of_a_file_that_changed_are_sent_no_more(talk, library, lease, scripted):
    engine = scripted(RENT, "It was signed by Maren Oyelaran.")
    conversation = talk(engine)
    list(conversation.ask("How much is the rent a month?"))
    library.put([Entry(replace(lease, id="d2", text="The rent is 700 euros."), "lease.txt", 1, (), ())], {})
    list(conversation.ask("Who signed the lease?"))
    assert [m.content for m in engine.prompts[1][1:3]] == ["How much is the rent a month?", RENT]
    shown = Chats(library).load(conversation.chat_id).messages[1]
    assert [Chats(library).source_state(c) for c in shown.citations] == ["changed"]


def test_a_task_on_the_whole_document_is_saved_like_an_answer(talk, library, asked, scripted):
    conversation = talk(scripted(RENT))
    list(conversation.ask("How much is the rent a month?"))
    given = list(conversation.ask("Summarise this document"))[-1].answer
    assert asked.retriever.searched == ["How much is the rent a month?"]
    assert given.headings == ((0, "Lease"),)
    assert any("deposit" in sentence.text for sentence in given.sentences)
    assert Chats(library).load(conversation.chat_id).messages[-1].answer == given


def test_a_follow_up_says_what_was_searched(talk, asked, scripted):
    conversation = talk(scripted(RENT, RENT))
    list(conversation.ask("How much is the rent a month?"))
    events = list(conversation.ask("And for the boathouse?"))
    note = next(e.text for e in events if isinstance(e, Note))
    assert "rent" in asked.retriever.searched[-1]
    assert asked.retriever.searched[-1] in note
    assert note in events[-1].answer.notes


def test_a_closed_turn_is_not_saved(talk, library, scripted):
    engine = scripted("The rent " * 10_000)
    events = talk(engine).ask("How much is the rent a month?")
    next(e for e in events if isinstance(e, Piece))
    events.close()
    assert engine.stopped == ["cancelled"]
    assert Chats(library).list() == []


def test_an_unknown_chat_is_refused(talk, scripted):
    with pytest.raises(UsageError, match="no saved chat"):
        list(talk(scripted(), "nothing").ask("How much is the rent a month?"))


def test_a_stopped_answer_is_saved_and_read_by_no_model_as_an_answer(talk, library, scripted):
    engine, cancel = (
        scripted(RENT, "The rent is " + "very " * 10_000, "It was signed by Maren Oyelaran."),
        threading.Event(),
    )
    engine.before_piece = lambda: time.sleep(0.001)  # so that it is still writing when Stop is seen
    conversation = talk(engine)
    list(conversation.ask("How much is the rent a month?"))
    pieces = 0
    for event in conversation.ask("And for the deposit?", cancel=cancel):
        pieces += isinstance(event, Piece)
        if pieces > 4:
            cancel.set()
    question, stopped = Chats(library).load(conversation.chat_id).messages[2:]
    assert question.text == "And for the deposit?"
    assert stopped.answer == event.answer
    assert stopped.answer.cancelled
    assert stopped.text.startswith("The rent is very")

    events = list(conversation.ask("Who signed the lease?"))
    first, third = engine.prompts[0], engine.prompts[2]
    assert third[: len(first)] == first
    assert [m.content for m in third[len(first) : -1]] == [RENT]
    assert events[-1].answer.text == "It was signed by Maren Oyelaran."


def test_a_follow_up_of_a_stopped_question_is_still_about_it(talk, asked, scripted):
    cancel = threading.Event()
    engine = scripted("The rent is " + "very " * 10_000, RENT)
    engine.before_piece = lambda: time.sleep(0.001)
    conversation = talk(engine)
    for event in conversation.ask("How much is the rent a month?", cancel=cancel):
        if isinstance(event, Piece):
            cancel.set()
    assert event.answer.cancelled
    list(conversation.ask("And for the boathouse?"))
    assert "rent" in asked.retriever.searched[-1]


def test_what_was_noted_of_a_task_is_saved_with_it(talk, library, scripted):
    conversation = talk(scripted())
    events = list(conversation.ask("Summarise this document"))
    noted = tuple(event.text for event in events if isinstance(event, Note))
    assert noted
    assert Chats(library).load(conversation.chat_id).messages[-1].answer.notes == noted
