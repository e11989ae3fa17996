"""`lectern ask` and `lectern chat` over a real document, with the real embedder and the real model."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from app.answer.events import Answered, EvidenceFound
from app.chat.conversation import save_turn
from app.chat.models import Models
from app.chat.open_library import OpenLibrary
from app.cli import run
from app.commands.print_answer import print_answer
from core.settings import load_settings
from index.store.chats import Chats

TEXT = """# Harbour notes

The Marigold is a wooden survey boat. She was built in 1974 by the Tanner yard in Oban.

Her diesel engine gives 42 horsepower. The fuel tank of the Marigold holds 180 litres.
"""


@pytest.fixture(scope="module")
def harbour(home_with):
    return home_with(TEXT)


@pytest.fixture(autouse=True)
def here(harbour, embedder, engine, monkeypatch):
    """The commands work in that home, find the models loaded, and let them write the answer."""
    real = Models.engine.fget
    shared = property(lambda models: engine if models.settings.model in ("auto", "tiny") else real(models))
    monkeypatch.setattr("app.chat.models.Models.engine", shared)
    monkeypatch.setenv("LECTERN_HOME", str(harbour))
    monkeypatch.setenv("LECTERN_ANSWER", "model")
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)


def test_the_evidence_alone_needs_no_model(capsys, monkeypatch):
    monkeypatch.setenv("LECTERN_MODEL", "no-such-model")
    assert run(["ask", "How much does the fuel tank hold?", "--no-llm"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "“The fuel tank of the Marigold holds 180 litres.” harbour.md" in shown


def test_without_its_model_it_shows_the_evidence_and_says_what_to_do(capsys):
    assert run(["ask", "How much does the fuel tank hold?", "--model", "no-such-model"]) == 1
    captured = capsys.readouterr()
    assert "180 litres" in captured.out
    assert captured.err.strip().splitlines()[-1].startswith("lectern: there is no model 'no-such-model'.")


def test_the_words_and_their_sentence_are_the_answer_of_the_installed_model(home_with, capsys, monkeypatch):
    monkeypatch.setenv("LECTERN_HOME", str(home_with(TEXT)))
    monkeypatch.delenv("LECTERN_ANSWER")
    monkeypatch.setattr("app.chat.models.Models.engine", property(lambda _models: pytest.fail("it was started")))
    assert run(["ask", "How much does the fuel tank of the Marigold hold?"]) == 0
    captured = capsys.readouterr()
    assert "\n180 litres [1]\n\nSources\n[1] “The fuel tank of the Marigold holds 180 litres.”" in captured.out
    assert "lectern models pull standard" in captured.err
    monkeypatch.setattr(sys, "stdin", io.StringIO("How much does the fuel tank of the Marigold hold?\n"))
    assert run(["chat"]) == 0
    captured = capsys.readouterr()
    assert "\n180 litres [1]\n" in captured.out
    assert "lectern models pull standard" in captured.err


def test_one_line_says_that_a_better_model_can_be_fetched(capsys):
    assert run(["ask", "How much does the fuel tank hold?", "--json"]) == 0
    captured = capsys.readouterr()
    assert "180 litres" in json.loads(captured.out)["answer"]
    assert captured.err.count("lectern models pull standard") == 1
    assert run(["ask", "How much does the fuel tank hold?", "--model", "tiny"]) == 0
    assert "pull standard" not in capsys.readouterr().err
    assert run(["ask", "How much does the fuel tank hold?", "--no-llm"]) == 0
    assert "pull standard" not in capsys.readouterr().err


def test_evidence_comes_first_then_the_answer_then_its_sources(capsys):
    assert run(["ask", "How much does the fuel tank of the Marigold hold?"]) == 0
    captured = capsys.readouterr()
    evidence, answer = captured.out.index("From your documents"), captured.out.index("180 litres")
    assert evidence < answer
    assert captured.out.index("Sources") > captured.out.rindex("180 litres", 0, captured.out.index("Sources"))
    assert "[1] “The fuel tank of the Marigold holds 180 litres.”" in captured.out
    assert "tokens read" in captured.err


def test_what_the_model_wrote_is_not_printed_where_the_documents_do_not_support_it(capsys, monkeypatch):
    from generate.writing import Writing

    monkeypatch.setattr(Writing, "__iter__", lambda self: iter(["The tank of the Marigold holds ", "7500 litres."]))
    assert run(["ask", "How much does the fuel tank of the Marigold hold?"]) == 0
    captured = capsys.readouterr()
    assert "7500" not in captured.out + captured.err
    assert "The fuel tank of the Marigold holds 180 litres. [1]" in captured.out


def test_json_is_one_object_whose_quotes_stand_in_the_text(capsys):
    assert run(["ask", "How much does the fuel tank of the Marigold hold?", "--json"]) == 0
    given = json.loads(capsys.readouterr().out)
    assert given["found"] is True
    quotes = [citation for sentence in given["sentences"] for citation in sentence["citations"]]
    assert quotes
    for citation in quotes:
        assert TEXT[citation["start"] : citation["end"]] == citation["quote"]
    assert set(given["timings_ms"]) == {"retrieve", "first_evidence", "first_token", "total"}


def test_the_window_and_the_prompt_can_be_seen(capsys):
    question = "How much does the fuel tank of the Marigold hold?"
    assert run(["ask", question, "--budget", "--show-prompt"]) == 0
    shown = capsys.readouterr().out
    prompt = shown[shown.index("<|im_start|>system") :]
    assert question in prompt
    assert "<|im_end|>\n<|im_start|>assistant" in prompt
    for part in ("instructions", "sources", "question", "room for the answer", "4,096  100.0%", "Nothing was left out"):
        assert part in shown


def test_the_parts_of_the_window_fill_it_in_json(capsys):
    assert run(["ask", "How much does the fuel tank of the Marigold hold?", "--json", "--budget", "--show-prompt"]) == 0
    given = json.loads(capsys.readouterr().out)
    (budget,), (prompt,) = given["budget"], given["prompts"]
    assert sum(part["tokens"] for part in budget["parts"]) == budget["window"] == 4096
    assert budget["prompt"] == given["tokens"]["prompt"] == budget["reused"] + budget["read"]
    assert "180 litres" in prompt


def test_a_person_chooses_what_the_model_reads(capsys):
    for reads, whole in (("sentences", False), ("passages", True)):
        question = "How much does the fuel tank of the Marigold hold?"
        assert run(["ask", question, "--reads", reads, "--json", "--show-prompt"]) == 0
        (prompt,) = json.loads(capsys.readouterr().out)["prompts"]
        assert "180 litres" in prompt
        assert ("# Harbour notes" in prompt) == whole


def test_an_empty_question_is_a_usage_error(capsys):
    for question in ("  ", " ?! "):
        assert run(["ask", question]) == 2
        assert "the question is empty" in capsys.readouterr().err


def test_what_is_asked_of_a_whole_document_that_is_not_there_names_the_commands(capsys):
    run(["ask", "Compare the contract with the lease", "--no-llm"])
    assert "lectern summarise FILE" in capsys.readouterr().err


def test_a_chat_that_goes_on_shows_how_it_ended_and_what_became_of_its_sources(home_with, capsys, monkeypatch):
    home = home_with("The Marigold was built in 1974.")
    monkeypatch.setenv("LECTERN_HOME", str(home))
    monkeypatch.setattr(sys, "stdin", io.StringIO("When was the Marigold built?\n"))
    assert run(["chat", "--no-llm"]) == 0
    assert run(["docs", "remove", "harbour.md"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(["chat", "--continue", "--no-llm"]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert "> When was the Marigold built? The Marigold was built in 1974." in shown
    assert "harbour.md: This source is gone from the library" in shown


def test_what_a_model_keeps_of_a_document_while_it_is_removed_goes_too(home_with, monkeypatch):
    home = home_with("The Marigold was built in 1974.")
    monkeypatch.setenv("LECTERN_HOME", str(home))
    with OpenLibrary(load_settings()) as opened:
        folder, (record,) = opened.library.open_dir, opened.library.documents()

    def keeps_it_before_it_forgets():
        folder.mkdir(exist_ok=True)
        (folder / "0123.state").write_text(json.dumps({"documents": [record.id], "bytes": 1}) + "\nx")

    monkeypatch.setattr("generate.running.forget_everywhere", keeps_it_before_it_forgets)
    assert run(["docs", "remove", "harbour.md"]) == 0
    assert not list(folder.iterdir())


def test_a_question_of_100_000_characters_gets_a_clear_message(capsys):
    assert run(["ask", "How much does the fuel tank of the Marigold hold? " * 2_000]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("lectern: ")
    assert "question" in last


def test_a_chat_is_saved_and_goes_on(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("How much does the fuel tank of the Marigold hold?\n/quit\n"))
    assert run(["chat"]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("/mode shout\nWho built her?\n"))
    assert run(["chat", "--continue"]) == 0
    assert "it stays direct" in capsys.readouterr().err

    from index.store.library import Library

    with Library.open(load_settings()) as library:
        (chat,) = Chats(library).list()
        asked = [message.text for message in Chats(library).load(chat.id).messages if message.role == "user"]
    assert asked == ["How much does the fuel tank of the Marigold hold?", "Who built her?"]


def test_what_was_stopped_is_marked_where_it_stands_and_when_its_chat_goes_on(home_with, capsys, monkeypatch):
    monkeypatch.setenv("LECTERN_HOME", str(home_with(TEXT)))
    question = "How much does the fuel tank of the Marigold hold?"
    with OpenLibrary(load_settings()) as desk:
        whole = list(desk.conversation(with_model=False).ask(question))[-1].answer
        given = replace(whole, text="The fuel tank of the Mari", cancelled=True)
        print_answer(iter([EvidenceFound(given.evidence, 1.0), Answered(given)]))
        save_turn(Chats(desk.library), question, question, given, "")
    shown = " ".join(capsys.readouterr().out.split())
    mark = "The fuel tank of the Mari Stopped here, and not checked against your documents."
    assert shown.endswith(mark)  # no sources that would seem to prove it
    assert "From your documents" in shown
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(["chat", "--continue", "--no-llm"]) == 0
    assert mark in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("stage", "number"), [("is loaded", signal.SIGTERM), ("reads", signal.SIGINT)])
def test_a_signal_stops_the_model_and_keeps_what_was_written(harbour, engine, stage, number):
    """A question so long that the model reads for many seconds: Ctrl-C ends it long before."""
    converted = harbour / "models" / "converted"
    if stage == "reads":  # without the copy it would be making one, for seconds
        engine.load()
        shutil.rmtree(converted, ignore_errors=True)
        converted.parent.mkdir(exist_ok=True)
        converted.symlink_to(engine.home / "models" / "converted")
    question = "how much does the fuel tank of the Marigold hold " * 180
    command = [sys.executable, "-m", "app.cli", "ask", question]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        for line in process.stdout:
            if "180 litres" in line:  # the evidence: from here on the model reads
                break
        time.sleep(0.5 if stage == "reads" else 0.1)
        pressed = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        took = time.monotonic() - pressed
    assert process.returncode == 128 + number
    assert "Stopped before anything was written." in said
    assert bool(list(converted.glob("*.gguf"))) == (stage == "reads")
    assert "Traceback" not in said
    assert took < 3  # the answer's own limit is 0.2 s; the rest is a busy machine
