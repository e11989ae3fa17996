"""Answers of a fixed form from scripted LangChain models: with structured output, without, and wrong at first."""

import json
import threading

import pytest
from langchain_core.exceptions import OutputParserException

from core.errors import ModelError
from core.types import Message, Sampling
from generate.remote import RemoteEngine
from prompts.shapes import Standalone, Step, Thinking
from tests.generate.scripted_chat import Scripted, Structured, scripted

QUESTION = [Message("system", "Be brief."), Message("user", "How high is the rent?")]
STEP = {"thought": "It is there.", "action": "finish", "words": "640 euros."}
STEP_TEXT = 'Thought: It is there.\nAction: finish("640 euros.")'


def written(model, shape=Step, **engine):
    writing = RemoteEngine(model, "fake:model", 4000, **engine).generate(QUESTION, Sampling(shape=shape))
    return "".join(writing), writing.usage


def test_structured_output_becomes_the_text_that_local_models_write():
    model = scripted(Structured, STEP)
    text, usage = written(model)
    assert text == STEP_TEXT
    assert usage.stopped == "end"
    assert usage.total_ms >= usage.first_token_ms > 0
    ((schema, _),) = model.schemas
    assert schema == Step.model_json_schema()
    assert schema["properties"]["action"]["enum"] == ["search", "lookup", "finish"]


def test_a_model_without_structured_output_is_asked_in_words():
    model = scripted(Scripted, f"Here it is:\n```json\n{json.dumps(STEP)}\n```")
    assert written(model)[0] == STEP_TEXT
    (messages,) = model.asked
    assert '"enum": ["search", "lookup", "finish"]' in messages[-1].content
    assert messages[-1].content.startswith("How high is the rent?")


def test_the_text_form_is_taken_as_well():
    assert written(scripted(Scripted, "<think>{hm}</think>Thoughts: x\nAnswer: 640."), Thinking)[0] == (
        "Thoughts: x\nAnswer: 640."
    )
    assert written(scripted(Scripted, "Who signed the lease?"), Standalone)[0] == "Who signed the lease?"


@pytest.mark.parametrize(
    "wrong",
    [
        {"thought": "x", "action": "look", "words": "y"},
        {"action": "finish"},
        None,
        OutputParserException("no JSON", llm_output="{broken"),
    ],
)
def test_a_wrong_answer_is_asked_for_once_more_with_what_is_wrong(wrong):
    model = scripted(Structured, wrong, STEP)
    assert written(model)[0] == STEP_TEXT
    first, second = model.asked
    assert len(second) == len(first) + 2
    assert "This is not right" in second[-1][1]


def test_invalid_json_is_asked_for_once_more():
    model = scripted(Scripted, '{"thought": "x", ', json.dumps(STEP))
    assert written(model)[0] == STEP_TEXT
    assert model.asked[1][-2].content == '{"thought": "x", '


def test_after_two_wrong_answers_the_question_is_asked_the_plain_way():
    model = scripted(Scripted, "Hello!", "Hello again!", "It is 640 euros.")
    assert written(model)[0] == 'Thought: \nAction: finish("It is 640 euros.")'
    assert [message.content for message in model.asked[2]] == ["Be brief.", "How high is the rent?"]


class Unknown(Exception):
    """A server's answer to a field that it does not know."""

    status_code = 422


def test_a_way_that_is_refused_is_not_tried_again():
    model = scripted(Structured, Unknown("response_format"), json.dumps(STEP), json.dumps(STEP))
    engine = RemoteEngine(model, "fake:model", 4000)
    for _ in range(2):
        assert "".join(engine.generate(QUESTION, Sampling(shape=Step))) == STEP_TEXT
    assert len(model.schemas) == 1


def test_a_server_of_openai_s_kind_is_asked_by_json_mode_next():
    model = scripted(Structured, Unknown("response_format"), json.dumps(STEP))
    assert written(model, url="http://127.0.0.1:1/v1")[0] == STEP_TEXT
    assert model.options[-1]["response_format"] == {"type": "json_object", "schema": Step.model_json_schema()}
    assert model.schemas[0][1] == {"method": "json_schema", "strict": True}


def test_a_server_that_is_not_there_is_asked_once():
    model = scripted(Structured, ConnectionRefusedError(111, "refused"), STEP)
    with pytest.raises(ModelError, match="nothing listens at fake:model"):
        written(model)


def test_stop_ends_between_two_requests():
    cancel = threading.Event()

    class Stopped(Scripted):
        def _generate(self, *args, **kwargs):
            cancel.set()
            return super()._generate(*args, **kwargs)

    model = scripted(Stopped, "Hello!", json.dumps(STEP))
    writing = RemoteEngine(model, "fake:model", 4000).generate(QUESTION, Sampling(shape=Step), cancel=cancel)
    assert list(writing) == []
    assert writing.usage.stopped == "cancelled"
