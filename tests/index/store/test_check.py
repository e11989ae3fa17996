"""What contradicts itself in a library is found, and mended or said to need more than that."""

from pathlib import Path

import pytest
from made_answers import answer_from
from stand_in import TopicEmbedder

from core.errors import LibraryDamaged
from core.settings import Settings
from index.build import ingest
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check, repair
from index.store.library import Library


@pytest.fixture
def filled(library: Library, settings: Settings, tmp_path: Path) -> Library:
    (tmp_path / "cellar.txt").write_text("The pump stands in the cellar.")
    ingest([tmp_path / "cellar.txt"], library, TopicEmbedder(), settings)
    answer = answer_from(library.document("cellar.txt"))
    said = ChatMessage("assistant", answer.text, answer.text, answer)
    Chats(library).create("Where?", ChatMessage("user", "Where?", "Where?"), said)
    assert check(library) == []
    return library


def change(library: Library, statement: str) -> None:
    with library.database.writing() as db:
        db.execute(statement)


def test_an_answer_that_cannot_be_read_is_taken_out_and_its_chat_opens_again(filled: Library) -> None:
    change(filled, """UPDATE messages SET answer = '{"question": 1' WHERE answer <> ''""")
    (chat,) = Chats(filled).list()
    with pytest.raises(LibraryDamaged):
        Chats(filled).load(chat.id)
    assert [problem.text for problem in check(filled)] == [
        "1 answers in saved chats cannot be read: repair takes them out."
    ]
    assert repair(filled) == []
    assert [message.text for message in Chats(filled).load(chat.id).messages] == ["Where?"]


@pytest.mark.parametrize(
    "value",
    [
        """pages = '[["lines", 1, "", 0, 999]]'""",
        """pages = '[["lines", 1]]'""",
        "headings = '[[1]]'",
        "metadata = '[1]'",
    ],
)
def test_pages_that_cannot_be_read_are_found(filled: Library, value: str) -> None:
    change(filled, f"UPDATE documents SET {value}")
    (problem,) = check(filled)
    assert problem.text == "the pages or headings of 'cellar.txt' cannot be read."
    assert not problem.mendable
