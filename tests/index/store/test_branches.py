"""An edited question keeps its earlier versions, each with what followed it, whoever writes in the chat meanwhile."""

import pytest

from core.settings import load_settings
from index.store import branches
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.deleted_chats import put_back, take_out
from index.store.library import Library


@pytest.fixture
def library(home):
    with Library.open(load_settings(), create=True) as opened:
        yield opened


def turn(question: str) -> tuple[ChatMessage, ChatMessage]:
    return ChatMessage("user", question, question), ChatMessage("assistant", f"To {question}", "")


def asked(chats: Chats, chat_id: str) -> list[str]:
    return [message.text for message in chats.load(chat_id).messages if message.role == "user"]


@pytest.fixture
def edited(library):
    """A chat whose second question of three was asked in other words."""
    chats = Chats(library)
    chat_id = chats.create("one", *turn("one"))
    chats.append(chat_id, *turn("two"))
    chats.append(chat_id, *turn("three"))
    messages = chats.load(chat_id).messages
    chats.append(chat_id, *turn("two, rather"), after=messages[1].id)
    return chats, chat_id


def test_the_new_version_is_shown_and_the_old_one_comes_back_with_what_followed(edited):
    chats, chat_id = edited
    assert asked(chats, chat_id) == ["one", "two, rather"]
    shown = chats.load(chat_id).messages[2]
    assert len(shown.versions) == 2
    assert shown.id == shown.versions[1]
    chats.show_version(chat_id, shown.versions[0])
    assert asked(chats, chat_id) == ["one", "two", "three"]


def test_what_is_asked_next_goes_on_with_the_version_that_is_shown(edited):
    chats, chat_id = edited
    chats.show_version(chat_id, chats.load(chat_id).messages[2].versions[0])
    chats.append(chat_id, *turn("four"))
    assert asked(chats, chat_id) == ["one", "two", "three", "four"]
    chats.show_version(chat_id, chats.load(chat_id).messages[2].versions[1])
    assert asked(chats, chat_id) == ["one", "two, rather"]


def test_the_first_question_can_be_edited_too(edited):
    chats, chat_id = edited
    chats.append(chat_id, *turn("one, rather"), after=0)
    assert asked(chats, chat_id) == ["one, rather"]


def test_all_versions_are_searched_deleted_and_brought_back_together(edited, library):
    chats, chat_id = edited
    assert chats.find("three")
    deleted = take_out(library, chat_id)
    put_back(library, deleted)
    assert asked(chats, chat_id) == ["one", "two, rather"]
    chats.show_version(chat_id, chats.load(chat_id).messages[2].versions[0])
    assert asked(chats, chat_id) == ["one", "two", "three"]


def test_two_programs_that_ask_at_once_hide_nothing_of_each_other(library):
    one, other = Chats(library), Chats(library)
    chat_id = one.create("one", *turn("one"))
    one.append(chat_id, *turn("from the page"))
    other.append(chat_id, *turn("from the terminal"))
    assert asked(one, chat_id) == ["one", "from the page", "from the terminal"]


def test_a_message_that_is_taken_out_takes_nothing_with_it(edited, library):
    chats, chat_id = edited
    (answer,) = (message.id for message in chats.load(chat_id).messages if message.text == "To two, rather")
    first = chats.load(chat_id).messages[1].id
    with library.database.writing() as db:
        branches.take_out(db, chat_id, answer)
        branches.take_out(db, chat_id, first)
    assert [message.text for message in chats.load(chat_id).messages] == ["one", "two, rather"]
    chats.show_version(chat_id, chats.load(chat_id).messages[1].versions[0])
    assert [message.text for message in chats.load(chat_id).messages] == ["one", "two", "To two", "three", "To three"]
