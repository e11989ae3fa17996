"""How to do something is answered by all steps of its section, whoever else holds the question's words."""

import json

import pytest

from app.answer.evidence import find_evidence
from app.cli import run
from core.types import Locator, Passage

MANUAL = """# Pump P3: manual

Pump P3 supplies the tanks.

1. Read the pressure.
3. Write it down.

## Starting

Open the inlet valve. Fill the chamber with 12 litres. Press the green button.

## When the pump cannot be started again

Start the reserve pump P4 within one hour.
"""
STEPS = "Open the inlet valve. Fill the chamber with 12 litres. Press the green button."


def passage(text: str) -> Passage:
    return Passage(
        "d1", "manual.md", "Pump P3: manual", 40, 40 + len(text), text, Locator(None, "Starting"), (), 0.8, 0.7, 3.0
    )


@pytest.mark.parametrize("question", ["How do I start the pump?", "How to start the pump", "How can we start pump P3?"])
def test_the_section_is_quoted_whole_and_exactly(embedder, question) -> None:
    found = find_evidence(question, [passage(MANUAL)], embedder)
    first = found.sentences[0]
    assert found.is_whole_section
    assert first.quote == STEPS == MANUAL[first.start - 40 : first.end - 40]


@pytest.mark.parametrize(
    "question", ["How many valves are there?", "How do I stop the pump?", "When do I start the pump?"]
)
def test_other_questions_are_answered_by_sentences(embedder, question) -> None:
    found = find_evidence(question, [passage(MANUAL), passage("No headings here. Two sentences.")], embedder)
    assert not found.is_whole_section
    assert STEPS not in [sentence.quote for sentence in found.sentences]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            "How do I order a new filter?",
            "## Filter\n\nIt is made of paper.\n\n## Office\n\nTo order a new filter, call the office.",
        ),
        ("How do I reset my password?", "## Password\n\nIt has twelve characters.\n\n## Other\n\nNothing here."),
    ],
)
def test_a_heading_that_shares_a_word_is_no_section_of_steps(embedder, question, text) -> None:
    assert not find_evidence(question, [passage(text)], embedder).is_whole_section


def test_a_small_model_is_not_asked_to_shorten_the_steps(embedder, home_with, monkeypatch, capsys) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(home_with(MANUAL)))
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    assert run(["ask", "How do I start the pump?", "--json"]) == 0
    given = json.loads(capsys.readouterr().out)
    assert given["answer"] == STEPS
    assert given["tokens"]["answer"] == 0
