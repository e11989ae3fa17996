"""Chain of thought and steps with a server's model: the same stages, whatever way the server answers."""

import json

import pytest

from app.answer.events import Piece, StepTaken
from generate.remote import RemoteEngine
from tests.generate.scripted_chat import Scripted, Structured, scripted

THINKING = {"thoughts": "The lease names the rent.", "answer": "The rent is 640 euros a month."}
SEARCH = {"thought": "I need the rent.", "action": "search", "words": "lease rent"}
FINISH = {"thought": "It is there.", "action": "finish", "words": "The rent is 640 euros a month."}
QUESTION = "How much is the rent a month?"


def steps(events):
    return [(event.step.kind, event.step.text) for event in events if isinstance(event, StepTaken)]


def engine(kind, *answers):
    """A server's model; one without structured output writes its JSON as text."""
    return RemoteEngine(
        scripted(kind, *(json.dumps(each) if kind is Scripted else each for each in answers)), "fake", 9000
    )


@pytest.mark.parametrize("kind", [Structured, Scripted])
def test_thoughts_are_a_step_and_the_answer_is_the_answer(asked, kind):
    events = list(asked(QUESTION, engine(kind, THINKING), mode="cot"))
    assert steps(events) == [("thought", "The lease names the rent.")]
    assert "".join(event.text for event in events if isinstance(event, Piece)) == "The rent is 640 euros a month."
    assert events[-1].answer.found


@pytest.mark.parametrize("kind", [Structured, Scripted])
def test_it_searches_and_finishes(asked, kind):
    events = list(asked(QUESTION, engine(kind, SEARCH, FINISH), mode="react"))
    assert [step for step, _ in steps(events)] == ["thought", "search", "found", "thought", "finish"]
    assert asked.retriever.searched[1:] == ["lease rent"]
    assert events[-1].answer.text == "The rent is 640 euros a month."


def test_the_last_step_is_asked_for_with_a_schema_that_cannot_search(asked):
    server = engine(Structured, SEARCH, SEARCH, FINISH)
    events = list(asked(QUESTION, server, mode="react"))
    assert [schema["properties"]["action"].get("const") for schema, _ in server.model.schemas] == [
        None,
        "finish",
        "finish",
    ], "the second search is refused and asked for once more"
    assert events[-1].answer.found


def test_a_model_that_keeps_to_no_form_still_answers(asked):
    server = engine(Scripted)
    server.model.answers[:] = ["Hm.", "Hm?", "The rent is 640 euros a month."]
    events = list(asked(QUESTION, server, mode="cot"))
    assert events[-1].answer.text == "The rent is 640 euros a month."
