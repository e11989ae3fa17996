"""`lectern models bench` and `lectern models stop`, as a person runs them, and the engine that the commands share."""

import pytest

from core.settings import load_settings
from core.types import Message, Sampling
from generate.client import EngineClient
from generate.running import running_processes
from generate.speed import measured_speed
from tests.app.programs import Program


def lectern(*arguments):
    program = Program(*arguments)
    out, err = program.communicate(timeout=110)
    assert program.returncode == 0, out + err
    return out


@pytest.fixture
def loaded(home, monkeypatch):
    """A model that another program has loaded and that stays."""
    monkeypatch.setenv("LECTERN_ENGINE_MINUTES", "10")
    with EngineClient(load_settings(), shared=True) as client:
        client.load()
        yield client


def test_what_stays_loaded_is_listed_and_ended(loaded):
    pid = loaded.running().pid
    assert f"process {pid}" in lectern("doctor")
    assert f"(process {pid})" in lectern("models", "stop")
    assert pid not in [engine.pid for engine in running_processes()]
    assert lectern("models", "stop") == "No model is loaded.\n"


def test_a_removed_document_is_forgotten_by_the_loaded_model(home_with, monkeypatch):
    home = home_with("The Marigold was built in 1974. Her tank holds 180 litres. " * 3)
    monkeypatch.setenv("LECTERN_HOME", str(home))
    monkeypatch.setenv("LECTERN_ENGINE_MINUTES", "10")
    with EngineClient(load_settings(), shared=True) as client:
        asked = [Message("user", "The Marigold was built in 1974. " * 40)]
        for reused in (0, 512):
            writing = client.generate(asked, Sampling(max_tokens=2), conversation="c")
            list(writing)
            assert writing.usage.reused == reused
        lectern("docs", "remove", "harbour.md")
        writing = client.generate(asked, Sampling(max_tokens=2), conversation="c")
        list(writing)
        assert writing.usage.reused == 0


def test_bench_says_what_it_means_for_a_question_and_keeps_it(home, monkeypatch):
    monkeypatch.setenv("LECTERN_THREADS", "2")
    said = lectern("models", "bench")
    assert "first word after about" in said
    speed = measured_speed(load_settings())
    assert speed
    assert f"{speed.first_word_s():.1f} s" in said
    assert speed.threads == 2
