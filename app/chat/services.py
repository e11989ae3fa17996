"""What answering needs, each loaded at first use and then shared: library, embedder, retriever, engine."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import EngineStopped, ModelError
from core.settings import Settings

if TYPE_CHECKING:
    from app.chat.conversation import Conversation
    from app.query.expansion import ModelExpander
    from core.protocols import Embedder
    from generate.client import EngineClient
    from generate.remote import RemoteEngine
    from index.reader.span_reader import SpanReader
    from index.search.retriever import Retriever
    from index.store.library import Library


class Models:
    """The embedder and the chat engine of one process; safe to ask for from many threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._engine_lock = threading.Lock()
        self._closed = False
        self._embedder: Embedder | None = None
        self._engine: EngineClient | RemoteEngine | None = None
        self._reader: SpanReader | ModelError | None = None

    @property
    def embedder(self) -> Embedder:
        """Loaded at first use, which takes seconds. Raises ModelMissing."""
        with self._lock:
            if self._embedder is None:
                from index.embed import load_embedder

                self._embedder = load_embedder(self.settings)
            return self._embedder

    def span_reader(self) -> SpanReader:
        """The reader that points at words, loaded once, over the embedder's word embeddings where it is the bundled.

        Raises ModelMissing, ModelDamaged.
        """
        embedder = self.embedder
        with self._lock:
            if self._reader is None:
                self._reader = _load_reader(self.settings, embedder)
            if isinstance(self._reader, ModelError):
                raise self._reader.with_traceback(None)
            return self._reader

    @property
    def engine(self) -> EngineClient | RemoteEngine:
        """The chat model's client; its child process starts at first use.

        Raises ModelMissing, ModelDamaged, EngineStopped once all was closed.
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
        """Writes what else to search for, where the settings ask for it. The engine starts at the first question."""
        if self.settings.expand == "none":
            return None
        from app.query.expansion import ModelExpander

        return ModelExpander(lambda: self.engine, self.settings.expand)

    def warm_up(self) -> None:
        """Load all ahead of the first question. Raises ModelError, EngineStopped."""
        self.embedder.embed_question("warm-up")
        with suppress(ModelError):  # the first answer says so
            self.span_reader()
        if self.settings.answer == "model":
            self.engine.load()

    def forget(self) -> None:
        """Let the chat model keep nothing of what it read: a document or a conversation was deleted."""
        with self._engine_lock:
            if self._engine is not None:
                self._engine.forget()

    def close(self) -> None:
        """End the engine's child process; none is started again. Does not wait for what is being loaded."""
        with self._engine_lock:
            self._closed = True
            if self._engine is not None:
                self._engine.close()
                self._engine = None


class Desk:
    """One library, open, with the models to ask it; a context manager that closes the library."""

    def __init__(self, settings: Settings, models: Models | None = None, *, create: bool = False) -> None:
        """Raises LibraryError where the library cannot be opened; ``create`` makes one that does not exist."""
        from index.store.library import Library

        self.settings = settings
        self.models = models or Models(settings)
        self._owns_models = models is None
        self.library: Library = Library.open(settings, create=create)

    @cached_property
    def retriever(self) -> Retriever:
        from index.search.retriever import Retriever

        return Retriever(self.library, self.models.embedder, self.settings, self.models.expander)

    def conversation(self, chat_id: str = "", *, with_model: bool = True, new_id: str = "") -> Conversation:
        """A conversation over this library: the saved one of that id, or for "" one that is saved as ``new_id``."""
        from app.chat.conversation import Conversation

        return Conversation(
            library=self.library,
            retriever=self.retriever,
            embedder=self.models.embedder,
            engine=self.models.engine if with_model else None,
            settings=self.settings,
            chat_id=chat_id,
            new_id=new_id,
            load_reader=self.models.span_reader,
        )

    def close(self) -> None:
        self.library.close()
        if self._owns_models:
            self.models.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _load_reader(settings: Settings, embedder: Embedder) -> SpanReader | ModelError:
    """The reader, or why there is none: it is looked for once."""
    from index.bundled import BUNDLED_NAME, bundled_folder
    from index.embed import SentenceEmbedder
    from index.reader.loader import load_span_reader

    try:
        known = embedder if isinstance(embedder, SentenceEmbedder) and embedder.name == BUNDLED_NAME else None
        words = known.word_embeddings() if known else None
        return load_span_reader(bundled_folder(settings.home), words)
    except ModelError as error:
        return error
