"""A deleted chat can be put back as it was; verdicts and pins go and come with it; chats are found by their words."""

import pytest

from core.errors import UsageError
from core.settings import load_settings
from index.store import feedback
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.deleted_chats import put_back, take_out
from index.store.feedback import Feedback
from index.store.library import Library


@pytest.fixture
def library(home):
    with Library.open(load_settings(), create=True) as opened:
        yield opened


def ask(library: Library, question: str, answer: str) -> str:
    turn = ChatMessage("user", question, question), ChatMessage("assistant", answer, answer)
    return Chats(library).create(question, *turn)


def test_a_deleted_chat_is_gone_and_comes_back_as_it_was(library):
    chats = Chats(library)
    chat_id = ask(library, "Who built the boat?", "The Tanner yard.")
    answer = chats.load(chat_id).messages[1].id
    feedback.give(library, Feedback(answer, "useless", "Which boat?", {"model": "tiny"}))
    chats.pin(chat_id, pinned=True)
    before, listed = chats.load(chat_id), chats.list()
    deleted = take_out(library, chat_id)
    assert chats.list() == []
    assert b"Tanner yard" not in library.database.path.read_bytes()
    put_back(library, deleted)
    assert chats.load(chat_id) == before
    assert chats.list() == listed
    assert feedback.of_chat(library, chat_id)[answer].reason == "Which boat?"


def test_it_does_not_come_back_after_documents_changed(library):
    deleted = take_out(library, ask(library, "Who?", "The yard."))
    library.tag([], ["Boats"])  # a change of the documents
    with pytest.raises(UsageError, match="cannot be brought back"):
        put_back(library, deleted)


def test_a_verdict_is_replaced_and_taken_back(library):
    chat_id = ask(library, "Who?", "The yard.")
    message = Chats(library).load(chat_id).messages[1].id
    feedback.give(library, Feedback(message, "useful", "", {}))
    feedback.give(library, Feedback(message, "useless", "Wrong.", {}))
    assert [given.verdict for given in feedback.of_chat(library, chat_id).values()] == ["useless"]
    feedback.take_back(library, message)
    assert feedback.of_chat(library, chat_id) == {}


def test_chats_are_found_by_words_of_title_question_and_answer(library):
    first = ask(library, "Who built the boat?", "The Tanner yard.")
    ask(library, "How long is the lease?", "Five years.")
    assert [found.id for found in Chats(library).find("tanner BOAT")] == [first]
    assert Chats(library).find("tanner lease") == ()


def test_a_pinned_chat_stands_first(library):
    first = ask(library, "Who?", "The yard.")
    second = ask(library, "When?", "In May.")
    assert [record.id for record in Chats(library).list()] == [second, first]
    Chats(library).pin(first, pinned=True)
    assert [record.id for record in Chats(library).list()] == [first, second]
    Chats(library).pin(first, pinned=False)
    assert [record.id for record in Chats(library).list()] == [second, first]
