"""`lectern chats`: saved chats listed, read, found, taken away and deleted by a person at a terminal."""

import json

import pytest

from app.commands.tree import run
from core.settings import load_settings
from core.types import AnswerSentence
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.library import Library
from tests.app.export.test_exports import answer


@pytest.fixture
def two(home):
    with Library.open(load_settings(), create=True) as library:
        chats = Chats(library)
        for question, said in (("How high is the rent?", "It is 640 euros."), ("When does it begin?", "In April.")):
            given = answer(AnswerSentence(said, ()))
            chats.create(question, ChatMessage("user", question, question), ChatMessage("assistant", said, "", given))
    return home


def test_they_are_listed_with_their_numbers_and_found_by_their_words(two, capsys):
    assert run(["chats", "list"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "When does it begin?" in shown[1]
    assert run(["chats", "search", "RENT", "euros", "--json"]) == 0
    assert [one["title"] for one in json.loads(capsys.readouterr().out)["chats"]] == ["How high is the rent?"]
    assert run(["chats", "search", "moon"]) == 1


def test_one_is_read_taken_away_and_deleted(two, capsys, tmp_path):
    assert run(["chats", "show", "how high is the rent?"]) == 0
    assert "It is 640 euros." in capsys.readouterr().out
    out = tmp_path / "rent.docx"
    assert run(["chats", "export", "2", "--out", str(out)]) == 0
    assert out.stat().st_size > 1000
    assert run(["chats", "delete", "2", "--yes"]) == 0
    assert run(["chats", "show", "how high is the rent?"]) == 2
    assert "there is no chat" in capsys.readouterr().err


def test_a_format_that_is_none_is_refused_before_anything_is_done(two, capsys, tmp_path):
    assert run(["chats", "export", "1", "--out", str(tmp_path / "rent.xyz")]) == 2
    assert "End the file's name with .md" in capsys.readouterr().err
