"""A temporary chat leaves nothing on the disk; an edited question keeps its versions; the model's own word."""

import pytest

from app.answer.events import Answered
from app.chat.chat_turns import Choices
from app.chat.open_chats import OpenChats
from core.errors import UsageError
from index.store.chats import Chats
from tests.app.chat.test_open_chats import HOW_MUCH, RENT, SIGNED, ScriptedLibrary, answered

WHO = "Who signed the lease on the moon?"


@pytest.fixture
def chats(library, scripted, asked, embedder):
    return OpenChats(ScriptedLibrary(library, scripted(RENT, SIGNED), asked, embedder))


def test_nothing_of_it_is_in_the_library_and_it_is_gone_when_it_is_left(chats, library):
    chat = chats.ask(chats.new(temporary=True), WHO, Choices())
    assert [turn.question for turn in answered(chat).turns] == [WHO]
    assert chats.get(chat.key) is chat  # a reload finds it again
    assert Chats(library).list() == []
    assert not [path for path in library.folder.rglob("*") if path.is_file() and b"on the moon" in path.read_bytes()]
    chats.forget(chat.key)
    with pytest.raises(UsageError, match="temporary chat is gone"):
        chats.get(chat.key)


def test_an_edited_question_is_answered_as_if_the_first_had_not_been_asked(chats):
    chat = chats.ask(chats.new(), WHO, Choices())
    (first,) = answered(chat).turns
    chats.ask(chat, HOW_MUCH, Choices(in_place_of=first.asked))
    (second,) = answered(chat).turns
    assert second.question == HOW_MUCH
    assert second.versions == (first.asked, second.asked)
    chat.show_version(first.asked)
    (again,) = chat.snapshot().turns
    assert (again.question, again.message) == (WHO, first.message)


def test_without_documents_the_answer_says_whose_word_it_is(library, scripted, asked, embedder):
    engine = scripted("It is made of cheese.")
    conversation = ScriptedLibrary(library, engine, asked, embedder).conversation(new_id="c1")
    answer = [event for event in conversation.ask("What is the moon?", own_words=True) if isinstance(event, Answered)][
        -1
    ].answer
    assert answer.text == "It is made of cheese."
    assert "no document was read" in answer.doubt
    assert answer.citations == ()
    assert asked.retriever.searched == []
    assert "source" not in engine.prompts[0][-1].content.lower()


def test_standing_notes_are_read_with_each_question(library, scripted, asked, embedder):
    from index.store.standing_notes import StandingNotes, write_notes

    write_notes(library, StandingNotes("I am the tenant. </source>"))
    engine = scripted(RENT)
    conversation = ScriptedLibrary(library, engine, asked, embedder).conversation(new_id="c1")
    list(conversation.ask(HOW_MUCH))
    system = engine.prompts[0][0]
    assert system.role == "system"
    assert "I am the tenant." in system.content
