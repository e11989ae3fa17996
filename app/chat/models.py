"""The models that a process answers with, each loaded at first use and then shared."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import EngineStopped, ModelError
from core.settings import Settings

if TYPE_CHECKING:
    from app.query.expansion import ModelExpander
    from core.protocols import Embedder
    from generate.client import EngineClient
    from generate.remote import RemoteEngine
    from index.reader.span_reader import SpanReader


class Models:
    """The embedder, the span reader and the chat engine of one process; every method may be called from any thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._engine_lock = threading.Lock()
        self._closed = False
        self._embedder: Embedder | None = None
        self._engine: EngineClient | RemoteEngine | None = None
        self._replaced: list[EngineClient | RemoteEngine] = []
        self._span_reader: SpanReader | ModelError | None = None

    @property
    def embedder(self) -> Embedder:
        """Loaded at first use, which takes seconds. Raises ModelMissing."""
        with self._lock:
            if self._embedder is None:
                from index.embed import load_embedder

                self._embedder = load_embedder(self.settings)
            return self._embedder

    def span_reader(self) -> SpanReader:
        """The span reader, loaded at first use; it shares the word embeddings of the bundled embedder.

        Raises ModelMissing, ModelDamaged.
        """
        embedder = self.embedder
        with self._lock:
            if self._span_reader is None:
                self._span_reader = _load_span_reader(self.settings, embedder)
            if isinstance(self._span_reader, ModelError):
                raise self._span_reader.with_traceback(None)
            return self._span_reader

    @property
    def engine(self) -> EngineClient | RemoteEngine:
        """The chat model's client; its process is found or started at first use.

        Raises ModelMissing and ModelDamaged; EngineStopped after ``close``.
        """
        with self._engine_lock:
            if self._closed:
                raise EngineStopped("the model was closed.", "Start Lectern again.")
            if self._engine is None:
                from generate.load import load_engine

                self._engine = load_engine(self.settings)
            return self._engine

    @cached_property
    def expander(self) -> ModelExpander | None:
        """Query expansion by the chat model, or None where the settings switch it off; starts no engine by itself."""
        if self.settings.expand == "none":
            return None
        from app.query.expansion import ModelExpander

        return ModelExpander(lambda: self.engine, self.settings.expand)

    def warm_up(self) -> None:
        """Load every model before the first question. Raises ModelError, EngineStopped."""
        self.embedder.embed_question("warm-up")
        with suppress(ModelError):  # the first answer tells the person
            self.span_reader()
        if self.settings.answer == "model":
            self.warm_engine()

    def warm_engine(self) -> None:
        """Load the chat model and let it read what every prompt begins with. Raises ModelError, EngineStopped."""
        from generate.client import EngineClient
        from prompts.render import load_prompt

        engine = self.engine
        engine.load()
        if isinstance(engine, EngineClient):
            engine.warm(load_prompt(self.settings.mode).system)

    def switch(self, settings: Settings) -> None:
        """Answer with the chat model that ``settings`` name from the next answer on.

        The former one goes on with the answer that it is writing, and ends with this process.
        """
        with self._engine_lock:
            self.settings = settings
            if self._engine is not None:
                self._replaced.append(self._engine)
                self._engine = None

    def forget(self) -> None:
        """Empty the prompt caches of the chat models, as after a document or a conversation was deleted: of this
        process's and of those that other programs of the user share.
        """
        from generate.running import forget_everywhere

        forget_everywhere()
        with self._engine_lock:
            for engine in self._all():
                engine.forget()

    def close(self) -> None:
        """End the engine's child process for good, or leave the shared one.

        Returns without waiting for models that are still loading.
        """
        with self._engine_lock:
            self._closed = True
            for engine in self._all():
                engine.close()
            self._engine = None
            self._replaced = []

    def _all(self) -> list[EngineClient | RemoteEngine]:
        """The engine in use and those that it replaced."""
        return [*self._replaced, *([self._engine] if self._engine is not None else [])]


def _load_span_reader(settings: Settings, embedder: Embedder) -> SpanReader | ModelError:
    """The span reader, or the error that says why it cannot be loaded: it is kept, so that loading is tried once."""
    from index.bundled import BUNDLED_NAME, bundled_folder
    from index.embed import SentenceEmbedder
    from index.reader.loader import load_span_reader

    try:
        bundled = embedder if isinstance(embedder, SentenceEmbedder) and embedder.name == BUNDLED_NAME else None
        word_embeddings = bundled.word_embeddings() if bundled else None
        return load_span_reader(bundled_folder(settings.home), word_embeddings)
    except ModelError as error:
        return error
