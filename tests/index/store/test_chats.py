"""Conversations reopen as they were, with every citation, and know when a source changed or went."""

from dataclasses import replace
from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.errors import UsageError
from core.settings import Settings
from core.types import Answer, AnswerSentence, Citation, Locator, Page, Passage, Step, Timings, Usage
from index.build import ingest
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats, new_id
from index.store.library import Library


def an_answer(document_id: str = "d1", file: str = "ferry.txt") -> Answer:
    place = Locator(4, "p. 4 (iv)")
    citation = Citation(document_id, file, place, "leaves at “noon”", 10, 26, 0.75)
    passage = Passage(
        document_id, file, "Ferry", 0, 30, "text", place, ("Times",), 0.9, 0.5, None, (Page("page", 4, "iv", 0, 30),)
    )
    return Answer(
        question="When does the ferry leave?",
        text="At noon. Or so.",
        found=True,
        sentences=(AnswerSentence("At noon.", (citation, citation)), AnswerSentence("Or so.", ())),
        evidence=(citation,),
        passages=(passage,),
        steps=(Step("search", "ferry"),),
        timings=Timings(1.5, 2.5, 3.5, 4.5),
        usage=Usage(10, 5, 3, 1.0, 2.0, "end"),
        model="smollm2",
        mode="react",
        notes=("पूरा", "完"),
    )


def test_a_conversation_reopens_as_it_was(library: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry leaves at noon.")
    ingest([tmp_path / "ferry.txt"], library, TopicEmbedder(), settings)
    given = an_answer(library.find("ferry.txt"))
    question = ChatMessage("user", "When does the ferry leave?", "Sources: [1] ...\nWhen does the ferry leave?")
    reply = ChatMessage("assistant", "At noon. Or so.", "At noon. Or so.", given)
    chat_id = Chats(library).create(question.text, question)
    Chats(library).append(chat_id, reply)
    with Library.open(settings) as reopened:
        chat = Chats(reopened).load(chat_id)
        assert chat.title == "When does the ferry leave?"
        assert [replace(message, created_at="") for message in chat.messages] == [question, reply]
        assert chat.messages[1].citations == (given.evidence[0],)


def test_chats_are_listed_last_changed_first_renamed_and_deleted_for_good(library: Library) -> None:
    chats = Chats(library)
    first = chats.create("About\nferries " + "x" * 200)
    second = chats.create("About kelp", ChatMessage("user", "Zugunruhe?", "Zugunruhe?"))
    chats.append(first, ChatMessage("user", "again", "again"))
    assert [(record.id, record.messages) for record in chats.list()] == [(first, 1), (second, 1)]
    assert len(chats.list()[0].title) == 80
    chats.rename(second, "Seaweed")
    assert chats.load(second).title == "Seaweed"
    chats.delete(second)
    assert [record.id for record in chats.list()] == [first]
    assert all(b"Zugunruhe" not in file.read_bytes() for file in library.folder.iterdir() if file.is_file())
    for action in (chats.load, lambda key: chats.rename(key, "x"), lambda key: chats.append(key)):
        with pytest.raises(UsageError, match="no saved chat"):
            action(second)


def test_a_conversation_that_was_saved_meanwhile_is_added_to(library: Library) -> None:
    chats, chat_id = Chats(library), new_id()
    assert chats.last_message(chat_id) is None
    question = ChatMessage("user", "When?", "When?")
    assert chats.create("When?", question, chat_id=chat_id) == chat_id
    first = chats.last_message(chat_id)
    assert first == chats.load(chat_id).messages[-1].id
    chats.create("Where?", replace(question, text="Where?"), chat_id=chat_id)
    assert chats.last_message(chat_id) > first
    assert chats.load(chat_id).title == "When?"
    assert [message.text for message in chats.load(chat_id).messages] == ["When?", "Where?"]


def test_a_citation_knows_whether_its_source_is_the_same_changed_or_gone(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "ferry.txt"
    file.write_text("The ferry leaves at noon.")
    ingest([file], library, TopicEmbedder(), settings)
    citation = replace(an_answer().evidence[0], document_id=library.documents()[0].id)
    chats = Chats(library)
    assert chats.source_state(citation) == "same"
    file.write_text("The ferry leaves at dusk.")
    ingest([file], library, TopicEmbedder(), settings)
    assert chats.source_state(citation) == "changed"
    library.remove("ferry.txt")
    assert chats.source_state(citation) == "gone"


def test_a_removed_document_leaves_only_the_quotes_that_were_shown(
    library: Library, settings: Settings, tmp_path
) -> None:
    file = tmp_path / "ferry.txt"
    file.write_text("The ferry leaves at noon. The Zugunruhe of terns begins in August.")
    ingest([file], library, TopicEmbedder(), settings)
    document_id = library.documents()[0].id
    given = an_answer(document_id)
    passage = replace(given.passages[0], text="The Zugunruhe of terns begins in August.")
    uncited = replace(given.evidence[0], quote="Zugunruhe", start=99)
    given = replace(given, passages=(passage,), evidence=(*given.evidence, uncited))
    chats = Chats(library)
    asked = ChatMessage("user", "When?", "<source 1>Zugunruhe</source> When?")
    chat_id = chats.create("When?", asked, ChatMessage("assistant", given.text, given.text, given))
    library.remove("ferry.txt")
    question, reply = chats.load(chat_id).messages
    assert question.sent == "When?"
    assert reply.citations == given.sentences[0].citations[:1]
    assert reply.answer.passages == ()
    assert all(b"Zugunruhe" not in path.read_bytes() for path in library.folder.iterdir() if path.is_file())
