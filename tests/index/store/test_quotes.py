"""What chats and kept questions hold of a removed document: told before, kept, or taken out where asked."""

from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.settings import Settings
from index.build import ingest
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.kept_questions import keep, kept_questions
from index.store.library import Library
from index.store.quotes import TAKEN_OUT, Quotes, count_quotes
from tests.index.made_answers import answer_from

SECRET = "The code of the pump is Zugunruhe."


@pytest.fixture
def library(home: Path, tmp_path: Path):
    settings = Settings(home=home)
    (tmp_path / "pump.txt").write_text(SECRET)
    (tmp_path / "seal.txt").write_text("The seal sleeps.")
    with Library.open(settings, create=True) as library:
        ingest([tmp_path / "pump.txt", tmp_path / "seal.txt"], library, TopicEmbedder(), settings)
        pump, seal = library.document("pump.txt"), library.document("seal.txt")
        for document in (pump, seal):
            question, answer = ChatMessage("user", "Well?", f"Sources: {document.text} Well?"), answer_from(document)
            Chats(library).create("Well?", question, ChatMessage("assistant", answer.text, answer.text, answer))
        keep(library.folder, "What is the code?", "pump.txt", answer=SECRET)
        keep(library.folder, "What does the seal do?", "seal.txt")
        yield library


def held(library: Library) -> bool:
    library.database.truncate_log()
    return any(b"Zugunruhe" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())


def shown(library: Library) -> list[str]:
    """The answers of the saved chats, in order."""
    chats = Chats(library)
    return sorted(message.text for chat in chats.list() for message in chats.load(chat.id).messages if message.answer)


def test_who_holds_words_of_a_document_can_be_told_before_it_goes(library: Library) -> None:
    assert count_quotes(library, [library.find("pump.txt")]) == Quotes(chats=1, questions=1)


def test_a_removed_documents_quotes_stay_unless_they_are_to_go(library: Library) -> None:
    library.remove("pump.txt")
    assert shown(library) == [SECRET, "The seal sleeps."]
    assert len(kept_questions(library.folder)) == 2


def test_with_its_quotes_a_removed_document_is_gone_from_chats_and_kept_questions(library: Library) -> None:
    assert held(library)
    library.remove_ids([library.find("pump.txt")], quotes=True)
    assert shown(library) == ["The seal sleeps.", TAKEN_OUT]
    assert [question.document for question in kept_questions(library.folder)] == ["seal.txt"]
    assert not held(library)


@pytest.mark.parametrize("first", [True, False])
def test_an_answer_that_is_saved_after_its_document_was_removed_holds_nothing_of_it(
    library: Library, first: bool
) -> None:
    pump, chats = library.document("pump.txt"), Chats(library)
    answer, chat_id = answer_from(pump), chats.list()[0].id
    library.remove_ids([pump.id], quotes=True)
    turn = (ChatMessage("user", "Well?", f"{SECRET} Well?"), ChatMessage("assistant", SECRET, SECRET, answer))
    if first:
        chat_id = chats.create("Well?", *turn)
    else:
        chats.append(chat_id, *turn)
    question, reply = chats.load(chat_id).messages[-2:]
    assert (question.sent, reply.text, reply.sent, reply.citations) == ("Well?", TAKEN_OUT, TAKEN_OUT, ())
    assert not held(library)


def test_an_answer_from_a_version_that_was_replaced_meanwhile_keeps_its_quotes(
    library: Library, home: Path, tmp_path: Path
) -> None:
    answer = answer_from(library.document("pump.txt"))
    (tmp_path / "pump.txt").write_text("The pump has no code.")
    ingest([tmp_path / "pump.txt"], library, TopicEmbedder(), Settings(home=home))
    chat_id = Chats(library).create("Well?", ChatMessage("assistant", answer.text, answer.text, answer))
    assert Chats(library).load(chat_id).messages[0].answer == answer
