"""Chats hold passages by their place: those of a library in the former format reopen as they were."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import LibraryDamaged, LibraryError
from core.types import Answer
from index.store import schema
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check
from index.store.library import Library
from tests.index.made_answers import answer_from
from tests.index.version_4 import EARLIER, FERRY, Version4, make_version_4


@pytest.fixture
def old(home: Path) -> Version4:
    return make_version_4(home)


def answers(library: Library) -> tuple[Answer | None, ...]:
    return tuple(message.answer for message in Chats(library).load("chat").messages if message.role == "assistant")


def stored(made: Version4) -> list[str]:
    with closing(sqlite3.connect(made.file)) as db:
        return [row[0] for row in db.execute("SELECT answer FROM messages WHERE answer <> ''")]


def test_a_chat_of_the_former_format_reopens_as_it_was(old: Version4) -> None:
    before = sum(map(len, stored(old)))
    with Library.open(old.settings) as library:
        messages = Chats(library).load("chat").messages
        assert answers(library) == old.answers
        assert [message.sent for message in messages[::2]] == ["Sources: ... When?"] * 2
        assert [message.citations for message in messages[1::2]] == [one.evidence for one in old.answers]
        assert check(library) == []
    with closing(sqlite3.connect(old.file)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
        assert "citations" not in [row[1] for row in db.execute("PRAGMA table_info(messages)")]
    assert not any(FERRY[3:] in one or EARLIER[3:] in one for one in stored(old)), "texts are in the documents"
    assert sum(map(len, stored(old))) < before


def test_passages_of_a_version_that_is_let_go_stay_in_the_chat(old: Version4) -> None:
    with Library.open(old.settings) as library:
        assert [one.document_id for one in library.replaced_versions()] == ["earlier"]
        library.forget_replaced_versions()
        assert answers(library) == old.answers
    assert [EARLIER[3:] in one for one in stored(old)] == [False, True]


def test_passages_of_a_removed_document_are_gone_from_the_chat(old: Version4) -> None:
    with Library.open(old.settings) as library:
        library.remove("ferry.txt")
        first, second = (answer for answer in answers(library) if answer)
    assert first.passages == ()
    assert second.passages == old.answers[1].passages[:1]


def test_a_passage_is_never_quoted_from_a_text_that_took_its_place(old: Version4) -> None:
    with Library.open(old.settings) as library:
        with library.database.writing() as db:
            db.execute("UPDATE documents SET text = upper(text) WHERE id = 'ferry'")
        messages = Chats(library).load("chat").messages
    kept = [message.answer for message in messages if message.answer]
    assert [one.passages for one in kept] == [(), old.answers[1].passages[:1]]
    assert [one.evidence for one in kept] == [one.evidence for one in old.answers]
    assert messages[0].sent == "When?", "what was sent with the passage is not sent again"


def test_an_answer_that_cannot_be_read_does_not_keep_the_library_from_opening(old: Version4) -> None:
    with closing(sqlite3.connect(old.file)) as db, db:
        db.execute("UPDATE messages SET answer = '{torn' WHERE id = 2")
    with Library.open(old.settings) as library, pytest.raises(LibraryDamaged, match="cannot be read"):
        Chats(library).load("chat")


def test_a_library_of_a_later_format_is_refused(old: Version4) -> None:
    with closing(sqlite3.connect(old.file)) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(LibraryError, match="later version"):
        Library.open(old.settings)


def test_a_new_answer_is_stored_without_the_texts_of_its_passages(old: Version4) -> None:
    with Library.open(old.settings) as library:
        answer = answer_from(library.document("lease.txt"))
        bare = replace(answer, sentences=(), evidence=(), text="?")
        chat_id = Chats(library).create("?", ChatMessage("assistant", "?", "?", bare))
        assert Chats(library).load(chat_id).messages[0].answer == bare
    assert "three years" not in stored(old)[-1]
