"""The models of a process: closing them waits for nothing that is being loaded."""

import threading
import time

import pytest

from app.chat.models import Models
from core.errors import EngineStopped
from core.settings import load_settings


def test_models_are_closed_while_one_is_being_loaded(home, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_given, **_named) -> None:
        begun.set()
        go_on.wait(30)

    monkeypatch.setattr("index.reader.loader.load_span_reader", slow)
    models = Models(load_settings(engine_minutes=0))
    monkeypatch.setattr(type(models.embedder), "word_embeddings", lambda _self: None)
    thread = threading.Thread(target=models.span_reader)
    thread.start()
    try:
        assert begun.wait(30)
        started = time.monotonic()
        models.close()
        assert time.monotonic() - started < 5
        assert thread.is_alive()
        with pytest.raises(EngineStopped):  # what waits for the loading to end starts no process any more
            _ = models.engine
    finally:
        go_on.set()
        thread.join()
