"""The models that a process answers with, each loaded at first use and then shared."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import EngineStopped, ModelError
from core.settings import Settings
from core.types import AnswerBy, AnswerChoice

if TYPE_CHECKING:
    from app.query.expansion import ModelExpander
    from app.readers.client import SharedReaders
    from core.protocols import Embedder
    from generate.choice import Choice
    from generate.client import EngineClient
    from generate.remote import RemoteEngine
    from index.embedders.local import LocalEmbedder
    from index.reader.span_reader import ReadsSpans


class Models:
    """The embedder, the span reader and the chat engine of a program, in processes that it shares with others.

    Every method may be called from any thread.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._engine_lock = threading.Lock()
        self._closed = False
        self._embedders: dict[str, Embedder] = {}
        self._engine: EngineClient | RemoteEngine | None = None
        self._replaced: list[EngineClient | RemoteEngine] = []
        self._choice: Choice | None = None
        self._readers: dict[str, SharedReaders] = {}
        self._span_reader: ReadsSpans | ModelError | None = None

    @property
    def embedder(self) -> Embedder:
        """The one that the settings name, of a new library. Raises ModelMissing."""
        return self.embedder_of("")

    def embedder_of(self, made_with: str) -> Embedder:
        """The embedder of a library whose vectors were made with the one of that name; "" for a new library.

        Its process is found or started at first use; where none can be shared, it is loaded here. Raises ModelMissing.
        """
        from index.embed import load_embedder, settings_for_library
        from index.embedders.local import LocalEmbedder

        settings = settings_for_library(self.settings, made_with)
        with self._lock:
            if settings.embedder not in self._embedders:
                found = load_embedder(settings)
                local = found if isinstance(found, LocalEmbedder) else None
                readers = _readers_of(self.settings, local)
                if readers:
                    self._readers[settings.embedder] = readers
                self._embedders[settings.embedder] = _shared(local, readers) if local and readers else found
            return self._embedders[settings.embedder]

    def span_reader(self) -> ReadsSpans:
        """The span reader, beside an embedder in its process. Raises ModelMissing, ModelDamaged."""
        if not self._embedders:
            _ = self.embedder
        with self._lock:
            if self._span_reader is None:
                bundled, readers = self._embedders.get("bundled"), next(iter(self._readers.values()), None)
                self._span_reader = _load_span_reader(self.settings, bundled, readers)
            if isinstance(self._span_reader, ModelError):
                raise self._span_reader.with_traceback(None)
            return self._span_reader

    def start_readers(self, embedder: Embedder | None = None) -> None:
        """Find or start the process of the embedder and the span reader; it loads while this one goes on.

        ``embedder`` is the library's, None for a new library's. Raises ModelMissing, ModelDamaged.
        """
        _ = embedder or self.embedder
        for readers in self._readers.values():
            readers.start()

    @property
    def engine(self) -> EngineClient | RemoteEngine:
        """The chat model's client; its process is found or started at first use.

        Raises ModelMissing and ModelDamaged; EngineStopped after ``close``.
        """
        with self._engine_lock:
            if self._closed:
                raise EngineStopped("the model was closed.", "Start Lectern again.")
            if self._engine is None:
                self._engine = _engine_of(self.settings, self._chosen())
            return self._engine

    @property
    def choice(self) -> Choice:
        """Which model answers, and why where the person could have a better one. Raises ModelMissing, ModelDamaged."""
        with self._engine_lock:
            return self._chosen()

    def answer_by(self, choice: AnswerChoice | None = None) -> AnswerBy:
        """Who phrases the answers where ``choice``, None for the settings', is chosen; no model is loaded for that.

        Raises ModelMissing, ModelDamaged where it hangs on a model that cannot be used.
        """
        from generate.catalogue import skills

        choice = choice or self.settings.answer
        if choice != "auto":
            return choice
        card = self.choice.card
        reads = card.path is None or skills(card.name, card.parameters).reads == "passages"
        return "model" if reads else "words"

    @cached_property
    def expander(self) -> ModelExpander | None:
        """Query expansion by the chat model, or None where the settings switch it off; starts no engine by itself."""
        if self.settings.expand == "none":
            return None
        from app.query.expansion import ModelExpander

        return ModelExpander(lambda: self.engine, self.settings.expand)

    def warm_up(self, embedder: Embedder | None = None) -> None:
        """Load every model that answers, before the first question; None is the embedder of a new library.

        Raises ModelError, EngineStopped.
        """
        from app.query.turn_kinds import prepare

        self._begin_to_load()
        embedder = embedder or self.embedder
        embedder.embed_question("warm-up")
        prepare(embedder)
        with suppress(ModelError):  # the first answer tells the person
            self.span_reader()
        if self.answer_by() == "model":
            self.warm_engine()

    def warm_engine(self) -> None:
        """Load the chat model and let it read what every prompt begins with. Raises ModelError, EngineStopped."""
        from app.answer.draft import prompt_for
        from generate.client import EngineClient

        engine = self.engine
        engine.load()
        if isinstance(engine, EngineClient):
            engine.warm(prompt_for(engine, self.settings.mode).system)

    def _begin_to_load(self) -> None:
        """Start the process of the chat model, if it writes the answers; it loads while this one goes on."""
        at_once = threading.Event()
        at_once.set()
        with suppress(ModelError):  # ``warm_up`` meets it again
            if self.answer_by() == "model":
                self.engine.load(at_once)

    def switch(self, settings: Settings, *, load: bool = False) -> None:
        """Answer with the chat model that ``settings`` name, from the next answer on.

        The former one goes on with the answer that it is writing, until ``end_replaced``. With ``load`` the new one is
        loaded first. Raises ModelMissing, ModelDamaged, EngineStopped; the former one then stays.
        """
        from generate.catalogue import choice as choose

        choice = choose(settings)
        with self._engine_lock:
            if choice.card.path and self._choice is not None and choice.card == self._choice.card:
                self.settings, self._choice = settings, choice
                return
        engine = _engine_of(settings, choice)
        try:
            if load:
                engine.load()
        except BaseException:
            engine.close()
            raise
        with self._engine_lock:
            self.settings = settings
            if self._engine is not None:
                self._replaced.append(self._engine)
            self._engine, self._choice = engine, choice
            closed = self._closed
        if closed:
            self.close()

    def end_replaced(self) -> None:
        """End the models that another has replaced; the answers that they were writing must have ended."""
        with self._engine_lock:
            for engine in self._replaced:
                engine.close()
            self._replaced = []

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
            self._engine, self._replaced = None, []
        for readers in self._readers.values():
            readers.close()

    def _all(self) -> list[EngineClient | RemoteEngine]:
        """The engine in use and those that it replaced."""
        return [*self._replaced, *([self._engine] if self._engine is not None else [])]

    def _chosen(self) -> Choice:
        if self._choice is None:
            from generate.catalogue import choice

            self._choice = choice(self.settings)
        return self._choice


def _engine_of(settings: Settings, choice: Choice) -> EngineClient | RemoteEngine:
    """The engine of the model that was chosen; nothing is loaded yet."""
    from generate.choice import AUTO
    from generate.load import load_engine

    named = settings.model_copy(update={"model": choice.card.called}) if settings.model == AUTO else settings
    return load_engine(named)


def _readers_of(settings: Settings, embedder: LocalEmbedder | None) -> SharedReaders | None:
    """The shared process of the embedder and the span reader, not started yet; None where there is to be none."""
    from app.readers.client import SharedReaders
    from index.bundled import bundled_folder

    if not settings.engine_minutes or (embedder and not embedder.is_described):
        return None
    try:
        spans = bundled_folder(settings.home)
    except ModelError:  # told where the span reader is asked for
        return None
    return SharedReaders(embedder, spans, settings.engine_minutes * 60)


def _shared(local: LocalEmbedder, readers: SharedReaders) -> Embedder:
    from app.readers.client import SharedEmbedder

    return SharedEmbedder(local, readers)


def _load_span_reader(
    settings: Settings, embedder: Embedder | None, readers: SharedReaders | None
) -> ReadsSpans | ModelError:
    """The span reader, or the error that says why it cannot be loaded: it is kept, so that loading is tried once."""
    from app.readers.client import SharedSpanReader
    from index.bundled import bundled_folder
    from index.embedders.packed import BundledEmbedder
    from index.reader.loader import load_beside

    try:
        folder = bundled_folder(settings.home)
        if readers and readers.start():
            return SharedSpanReader(readers, folder)
        return load_beside(embedder if isinstance(embedder, BundledEmbedder) else None, folder)
    except EngineStopped:  # it may run the next time
        raise
    except ModelError as error:
        return error
