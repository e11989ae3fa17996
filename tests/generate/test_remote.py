"""A server's model behind the engine's protocol, with LangChain's fake model as the server."""

import threading
import time

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from core.errors import ModelError, ModelMissing, UsageError, WindowError
from core.settings import Settings
from core.types import Message, Sampling
from generate.client import EngineClient
from generate.load import load_engine
from generate.remote import RemoteEngine

QUESTION = [Message("system", "Be brief."), Message("user", "Where?")]


def served(*answers, window=1000):
    return RemoteEngine(GenericFakeChatModel(messages=iter(answers)), "fake:model", window)


def test_an_answer_streams():
    writing = served(AIMessage("In the blue box")).generate(QUESTION, Sampling())
    assert list(writing) == ["In", " ", "the", " ", "blue", " ", "box"]
    assert writing.usage.stopped == "end"
    assert writing.usage.answer == 5
    assert writing.usage.total_ms >= writing.usage.first_token_ms > 0


def test_stop_does_not_wait_for_a_silent_server():
    class Silent(GenericFakeChatModel):
        def _stream(self, *args, **kwargs):
            yield next(super()._stream(*args, **kwargs))
            time.sleep(3)

    cancel = threading.Event()
    writing = RemoteEngine(Silent(messages=iter(["One two"])), "silent", 1000).generate(
        QUESTION, Sampling(), cancel=cancel
    )
    pieces = iter(writing)
    assert next(pieces) == "One"
    threading.Timer(0.1, cancel.set).start()
    started = time.perf_counter()
    assert list(pieces) == []
    assert time.perf_counter() - started < 0.4
    assert writing.usage.stopped == "cancelled"


def test_a_failing_server_is_told_by_name():
    with pytest.raises(ModelError, match="fake:model"):
        list(served().generate(QUESTION, Sampling()))


def test_what_does_not_fit_by_the_estimate_is_not_sent():
    with pytest.raises(WindowError, match="about"):
        served(AIMessage("x"), window=200).generate([Message("user", "word " * 200)], Sampling(max_tokens=16))


def test_a_grammar_is_refused():
    with pytest.raises(ModelError, match="grammar"):
        served(AIMessage("x")).generate(QUESTION, Sampling(grammar="root ::= [a]"))


def test_counts_grow_with_the_bytes_of_a_text():
    engine = served()
    assert engine.count_tokens("") == 0
    assert engine.count_tokens("abcdef") == 2
    assert engine.count_tokens("日本") == 2
    assert engine.count_prompt(QUESTION) == 3 + 2 + 16


def test_the_settings_choose(tmp_path):
    assert isinstance(load_engine(Settings(home=tmp_path)), EngineClient)
    with pytest.raises(ModelMissing, match="nobody"):
        load_engine(Settings(home=tmp_path, model="langchain:nobody:model"))
    with pytest.raises(UsageError, match="no model of this machine"):
        EngineClient(Settings(home=tmp_path, model="langchain:nobody:model"))
