"""`lectern chat`: the model is switched within the chat."""

import io
import sys

import pytest

from app.cli import run
from core.settings import load_settings
from tests.app.conftest import ScriptedEngine
from tests.standard import DATA, FILE, write_entry

QUESTION = "How much does the fuel tank of the Marigold hold?"
ANSWER = "The fuel tank of the Marigold holds 180 litres."


class Engine(ScriptedEngine):
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def engines(home_with, embedder, monkeypatch):
    """What `load_engine` returns, by the name of the model; the commands work in a home of one document."""
    home = home_with(f"# Fuel\n\n{ANSWER}\n")
    monkeypatch.setenv("LECTERN_HOME", str(home))
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    write_entry(home)
    folder = load_settings().models
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(DATA)
    monkeypatch.setattr("generate.choice.free_memory", lambda: 5_000_000_000)
    made = {}

    def load(settings):
        made.setdefault(settings.model, Engine(*[ANSWER] * 5)).name = settings.model
        return made[settings.model]

    monkeypatch.setattr("generate.load.load_engine", load)
    yield made
    (folder / FILE).unlink()


def chat(monkeypatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    assert run(["chat", "--answer", "model"]) == 0


def test_the_next_answer_is_the_other_model_s_and_the_conversation_goes_on(engines, capsys, monkeypatch):
    from index.store.chats import Chats
    from index.store.library import Library

    chat(monkeypatch, QUESTION, "/model tiny", QUESTION)
    told = capsys.readouterr().err
    assert "tiny answers from here on, in this chat." in told
    assert engines["standard"].closed
    with Library.open(load_settings()) as library:
        (saved,) = Chats(library).list()
        answers = [message.answer for message in Chats(library).load(saved.id).messages if message.answer]
    assert [answer.model for answer in answers] == ["standard", "tiny"]
    assert load_settings().model == "auto"  # this chat alone


def test_without_a_name_the_models_are_listed_and_an_unknown_one_changes_nothing(engines, capsys, monkeypatch):
    chat(monkeypatch, "/model", "/model standart", QUESTION, "/help")
    told = capsys.readouterr().err
    assert "* standard" in told
    assert "  tiny" in told
    assert "there is no model 'standart'. Did you mean standard?" in told
    assert engines["standard"].prompts
    assert "/model NAME" in told


def test_a_chat_says_once_that_a_better_model_can_be_fetched(engines, capsys, monkeypatch):
    (load_settings().models / FILE).rename(load_settings().models / "away")
    try:
        chat(monkeypatch, QUESTION, QUESTION)
    finally:
        (load_settings().models / "away").rename(load_settings().models / FILE)
    assert capsys.readouterr().err.count("lectern models pull standard") == 1
