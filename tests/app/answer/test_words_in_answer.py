"""The words that answer: in the evidence, in the answer, in the prompt; and Lectern without the reader of words."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from app.cli import run
from core.settings import load_settings

TEXT = """# Harbour notes

The Marigold is a wooden survey boat. She was built in 1974 by the Tanner yard in Oban.

Her diesel engine gives 42 horsepower. The fuel tank of the Marigold holds 180 litres.

# Faults

| Code | Meaning | What to do |
|---|---|---|
| H-11 | bilge pump does not start | check the fuse in box 3 |
| H-12 | bilge pump does not stop | clean the float switch |
"""
QUESTION = "How much does the fuel tank of the Marigold hold?"


@pytest.fixture(scope="module")
def harbour(home_with):
    return home_with(TEXT)


@pytest.fixture(autouse=True)
def here(harbour, embedder, monkeypatch):
    monkeypatch.setenv("LECTERN_HOME", str(harbour))
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)


@pytest.fixture
def asked_json(capsys):
    def ask(question, *options):
        assert run(["ask", question, "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)

    return ask


def test_the_words_stand_inside_the_evidence(asked_json):
    given = asked_json(QUESTION, "--no-llm")
    words, evidence = given["words"], given["evidence"][0]
    assert words["text"] == "180 litres" == TEXT[words["start"] : words["end"]]
    assert words["file"] == "harbour.md"
    assert evidence["start"] <= words["start"] < words["end"] <= evidence["end"]
    assert 0.5 < given["answerable"] <= 1


def test_the_words_are_named_above_the_evidence_in_plain_text(capsys):
    assert run(["ask", QUESTION, "--no-llm"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("From your documents: 180 litres “The fuel tank of the Marigold holds 180 litres.” harbour")


WHOLE = "The fuel tank of the Marigold holds 180 litres."


def test_the_words_and_their_sentence_are_the_answer_and_no_chat_model_is_looked_for(asked_json, monkeypatch):
    monkeypatch.setenv("LECTERN_MODEL", "no-such-model")
    given = asked_json(QUESTION, "--answer", "words")
    assert (given["answer"], given["model"]) == (f"180 litres\n{WHOLE}", "")
    assert [sentence["text"] for sentence in given["sentences"]] == ["180 litres", WHOLE]
    assert all(sentence["citations"][0]["quote"] == WHOLE for sentence in given["sentences"])


def test_words_that_are_their_whole_sentence_are_not_said_twice(home_with, monkeypatch, asked_json):
    monkeypatch.setenv("LECTERN_HOME", str(home_with("# Who built the Marigold?\n\nThe Tanner yard in Oban.\n")))
    given = asked_json("Who built the Marigold?", "--answer", "words", "--strictness", "lenient")
    assert given["words"]["text"] == "Tanner yard in Oban"
    assert given["answer"] == "The Tanner yard in Oban."


def test_a_sentence_without_words_that_answer_is_the_answer(asked_json):
    given = asked_json("Why does the Marigold have a fuel tank?", "--answer", "words", "--strictness", "lenient")
    assert (given["words"], given["answer"]) == (None, WHOLE)
    assert given["notes"] == []


def test_of_a_model_that_only_phrases_the_words_are_the_answer_and_it_is_not_started(asked_json, monkeypatch):
    monkeypatch.setenv("LECTERN_MODEL", "tiny")
    monkeypatch.setattr("app.chat.models.Models.engine", property(lambda _models: pytest.fail("started")))
    given = asked_json(QUESTION)
    assert (given["answer"], given["model"]) == (f"180 litres\n{WHOLE}", "")


def test_a_model_that_reads_passages_writes_the_answer(ask_scripted):
    given, engine = ask_scripted(QUESTION, "It holds 180 litres.", answer_by="auto", size=1500)
    assert (given.text, given.model) == ("It holds 180 litres.", engine.name)
    given, engine = ask_scripted(QUESTION, "It holds 180 litres.", answer_by="auto", size=135)
    assert (given.text, engine.prompts) == (f"180 litres\n{WHOLE}", [])


def test_the_words_of_an_answer_are_printed_with_their_source(capsys):
    assert run(["ask", QUESTION, "--answer", "words"]) == 0
    assert "\n180 litres [1]\n\nSources\n" in capsys.readouterr().out


def test_a_cell_of_text_is_the_answer_and_is_quoted_below_its_row_and_column(capsys, asked_json):
    cell = asked_json("What does H-12 mean?", "--no-llm")["evidence"][0]
    assert (cell["quote"], cell["columns"]) == ("bilge pump does not stop", "H-12 | Meaning")
    assert run(["ask", "What does H-12 mean?", "--no-llm"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[lines.index("H-12 | Meaning") + 1] == "“bilge pump does not stop”"


def test_off_topic_questions_are_declined_at_every_strictness(asked_json):
    for strictness in ("lenient", "balanced", "strict"):
        given = asked_json("Which football club won the cup in 2018?", "--no-llm", "--strictness", strictness)
        assert (given["found"], given["words"]) == (False, None)


def test_strictness_is_a_setting_of_the_answer(asked_json, monkeypatch):
    from app.answer import answerability

    between = {"lenient": -100.0, "balanced": 0.0, "strict": 100.0}
    monkeypatch.setattr(answerability, "READ_THRESHOLDS", between)
    assert asked_json(QUESTION, "--no-llm", "--strictness", "lenient")["found"]
    given = asked_json(QUESTION, "--no-llm", "--strictness", "strict")
    assert (given["found"], given["words"]) == (False, None)
    assert given["evidence"]


def cut_short(file):
    file.write_bytes(file.read_bytes()[:-1000])


def changed(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def missing(file):
    file.unlink()


@pytest.mark.parametrize(
    ("damage", "line"),
    [(cut_short, "cut short or changed"), (changed, "cut short or changed"), (missing, "weights are not at")],
)
def test_without_whole_weights_one_line_says_so_and_the_evidence_answers(
    asked_json, capsys, monkeypatch, tmp_path, damage, line
):
    from index.reader import weights

    copy = tmp_path / "span_reader.safetensors"
    shutil.copyfile(weights.FILE, copy)
    damage(copy)
    monkeypatch.setattr(weights, "FILE", copy)
    given = asked_json(QUESTION, "--no-llm")
    assert given["found"]
    assert given["answer"] == "The fuel tank of the Marigold holds 180 litres."
    assert (given["words"], given["answerable"]) == (None, None)
    (note,) = given["notes"]
    assert line in note
    assert run(["doctor"]) == 1
    assert line in capsys.readouterr().out


def test_spans_touch_no_library(capsys, monkeypatch, tmp_path):
    home, file = tmp_path / "home", tmp_path / "notes.txt"
    monkeypatch.setenv("LECTERN_HOME", str(home))
    file.write_text(TEXT)
    assert run(["spans", QUESTION, str(file), "--json"]) == 0
    given = json.loads(capsys.readouterr().out)
    best = given["words"][0]
    assert best["text"] == "180 litres" == TEXT[best["start"] : best["end"]]
    assert best["sentence"] == "The fuel tank of the Marigold holds 180 litres."
    assert given["answerable"] > 0.5
    assert not (home / "libraries").exists()


def test_spans_tell_no_probability_of_what_was_not_read(capsys, tmp_path):
    chinese, empty = tmp_path / "zh.txt", tmp_path / "empty.txt"
    chinese.write_text("船屋租约将于2031年到期，此后可以续签五年。租金每月为六百四十欧元。" * 3)
    empty.write_text("")
    assert run(["spans", QUESTION, str(chinese)]) == 0
    told = capsys.readouterr().out
    assert "cannot read" in told
    assert "likely" not in told
    assert run(["spans", QUESTION, str(empty)]) == 1
    told = capsys.readouterr()
    assert "empty" in told.err
    assert "likely" not in told.out


def test_spans_of_an_empty_question_ask_for_one(capsys, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("The lease ends in 2031.")
    assert run(["spans", "  ", str(file)]) == 2
    assert "question is empty" in capsys.readouterr().err


def test_spans_of_a_file_that_cannot_be_read_say_so_and_go_on(capsys, tmp_path):
    good, bad = tmp_path / "notes.txt", tmp_path / "scan.pdf"
    good.write_text(TEXT)
    bad.write_bytes(b"%PDF-1.7 nothing else")
    assert run(["spans", QUESTION, str(good), str(bad)]) == 1
    captured = capsys.readouterr()
    assert "180 litres" in captured.out
    assert "scan.pdf" in captured.err


def test_what_asks_nothing_does_not_load_the_reader():
    code = (
        "import sys; from app.cli import run; run(['docs', 'list']); "
        "print(sorted({'torch', 'index.reader.span_reader'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_reader_is_loaded_once_over_the_embedder_s_words(embedder):
    from app.chat.models import Models

    models = Models(load_settings(engine_minutes=0))
    reader = models.span_reader()
    assert models.span_reader() is reader
    assert reader.network.encoder.embeddings.word_embeddings is embedder.word_embeddings()


@pytest.fixture
def ask_scripted(harbour, embedder, scripted):
    """Ask the harbour's library with a model that writes what it is told to, and the real reader."""
    from app.answer.pipeline import answer
    from app.answer.question import Question
    from app.chat.open_library import OpenLibrary

    with OpenLibrary(load_settings()) as desk:

        def ask(question, text, *, answer_by="model", size=135):
            engine = scripted(text, size=size)
            services = replace(desk.services(engine), embedder=embedder)
            events = answer(Question(question, answer_by=answer_by), services)
            return list(events)[-1].answer, engine

        yield ask


def test_a_small_model_reads_the_words_as_a_hint(ask_scripted):
    given, engine = ask_scripted(QUESTION, "The tank holds 180 litres.")
    assert given.text == "The tank holds 180 litres."
    assert engine.prompts[0][-1].content.count("180 litres") == 2


def test_an_answer_without_the_words_is_replaced_by_their_sentence(ask_scripted):
    given, _ = ask_scripted(QUESTION, "The fuel tank of the Marigold holds litres.")
    assert given.text == WHOLE
    assert "documents' own" in given.notes[-1]


def test_the_hints_own_words_are_not_shown(ask_scripted):
    given, _ = ask_scripted(QUESTION, "The answer is: 180 litres of fuel")
    assert given.text == "180 litres of fuel"
