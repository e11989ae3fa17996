"""What users of LangChain get beyond its standard suites."""

import threading
import time

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel

from core.errors import UsageError
from core.settings import Settings
from core.types import Message
from generate.client import EngineClient
from generate.llama import ChatLectern, plain_messages

CAPITAL = [("system", "You answer in one short sentence."), ("user", "What is the capital of France?")]


@pytest.fixture
def model(engine):
    return ChatLectern(engine=engine, max_tokens=24)


def test_settings_of_one_call_win_over_those_of_the_model(model):
    assert "Paris" in model.invoke(CAPITAL).text
    short = model.invoke(CAPITAL, max_tokens=2)
    assert short.usage_metadata["output_tokens"] == 2
    assert short.response_metadata["finish_reason"] == "length"


def test_seeds_make_draws_repeatable(engine):
    hot = ChatLectern(engine=engine, max_tokens=16, temperature=1.3, min_p=0.0, top_k=0, top_p=1.0)
    drawn = [hot.invoke("Tell me something.", seed=seed).text for seed in (5, 5, 6)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_an_answer_never_asks_for_more_than_the_window_holds(engine):
    model = ChatLectern(engine=engine, max_tokens=100_000)
    assert "Paris" in model.invoke(CAPITAL).text


def test_cancel_ends_a_stream(model):
    cancel = threading.Event()
    received = []
    for chunk in model.stream("Tell me a long story.", max_tokens=1000, cancel=cancel):
        received.append(chunk)
        if len(received) == 3:
            cancel.set()
            pressed = time.perf_counter()
    assert time.perf_counter() - pressed < 0.5
    assert received[-1].response_metadata["finish_reason"] == "cancelled"


def test_cancel_ends_a_stream_while_the_model_is_loaded(engine):
    cancel = threading.Event()
    with EngineClient(Settings(home=engine.home)) as loading:
        model = ChatLectern(engine=loading)
        cancel.set()
        called = time.perf_counter()
        (last,) = model.stream("Tell me a long story.", cancel=cancel)
        assert time.perf_counter() - called < 0.5
    assert last.response_metadata["finish_reason"] == "cancelled"


def test_a_grammar_can_be_given(model):
    assert model.invoke("Is water wet?", grammar='root ::= "yes" | "no"').text in ("yes", "no")


def test_structured_answers_keep_the_raw_one_and_say_what_is_wrong(model):
    class City(BaseModel):
        """A city."""

        name: str
        country: str

    whole = model.bind(max_tokens=96)
    found = whole.bound.with_structured_output(City, include_raw=True).invoke("Which city is the capital of France?")
    assert isinstance(found["raw"], AIMessage)
    assert isinstance(found["parsed"], City) or found["parsing_error"] is not None
    cut = ChatLectern(engine=model.engine, max_tokens=2).with_structured_output(City, include_raw=True)
    assert cut.invoke("Which city?")["parsing_error"] is not None
    with pytest.raises(ValueError, match="unsupported"):
        model.with_structured_output(City, colour="red")


def test_neighbours_of_one_role_are_joined():
    messages = [SystemMessage("a"), HumanMessage("b"), HumanMessage([{"type": "text", "text": "c"}]), AIMessage("d")]
    assert plain_messages(messages) == [Message("system", "a"), Message("user", "b\nc"), Message("assistant", "d")]


@pytest.mark.parametrize(
    "message",
    [
        ToolMessage("4", tool_call_id="1"),
        HumanMessage([{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]),
    ],
)
def test_what_no_model_here_reads_is_refused(message):
    with pytest.raises(UsageError):
        plain_messages([message])
