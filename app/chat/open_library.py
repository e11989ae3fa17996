"""An open library together with the models that answer from it."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from app.chat.models import Models
from core.settings import Settings

if TYPE_CHECKING:
    from app.answer.services import Services
    from app.chat.conversation import Conversation
    from app.chat.open_documents import OpenDocuments
    from app.chat.temporary import KeepsChats
    from core.protocols import ChatEngine
    from index.library_embedder import LibraryEmbedder
    from index.search.parameters import SearchParameters
    from index.search.retriever import Retriever
    from index.store.library import Library


class OpenLibrary:
    """One library, its retriever and the models; a context manager that closes what it opened."""

    def __init__(
        self,
        settings: Settings,
        models: Models | None = None,
        *,
        create: bool = False,
        parameters: SearchParameters | None = None,
    ) -> None:
        """Open the library that the settings name, with ``create`` also one that does not exist yet.

        ``models`` handed in by the caller stay open on ``close``. ``parameters`` are the search's where a measurement
        varies them, None for those that the program uses. Raises LibraryError where the library cannot be opened.
        """
        from index.store.library import Library

        self.settings = settings
        self.models = models or Models(settings)
        self._parameters = parameters
        self._owns_models = models is None
        self.library: Library = Library.open(settings, create=create)

    @cached_property
    def embedder(self) -> LibraryEmbedder:
        """The library's own, also once the library has changed to another. Raises ModelError."""
        from index.library_embedder import LibraryEmbedder

        return LibraryEmbedder(self.library, self.models.embedder_of)

    def local_embedder(self) -> LibraryEmbedder:
        """The library's own, computed in this process: it can give way to others' answers. Raises ModelError."""
        from index.embed import load_embedder, settings_for_library
        from index.library_embedder import LibraryEmbedder

        return LibraryEmbedder(
            self.library, cache(lambda made_with: load_embedder(settings_for_library(self.settings, made_with)))
        )

    @cached_property
    def retriever(self) -> Retriever:
        from index.search.parameters import DEFAULTS
        from index.search.retriever import Retriever

        parameters = self._parameters or DEFAULTS
        return Retriever(self.library, self.embedder, self.settings, self.models.expander, parameters)

    @cached_property
    def open_documents(self) -> OpenDocuments:
        """The documents that the person keeps open, in all conversations of this program over the library."""
        from app.chat.open_documents import OpenDocuments

        return OpenDocuments(self.library, self.models)

    def services(self, engine: ChatEngine | None) -> Services:
        """What the stages of an answer work with; ``engine`` None answers with the evidence alone.

        Raises ModelError where the embedder cannot be loaded.
        """
        from app.answer.services import Services

        return Services(
            library=self.library,
            retriever=self.retriever,
            embedder=self.embedder,
            engine=engine,
            settings=self.settings,
            load_span_reader=self.models.span_reader,
        )

    def conversation(
        self, chat_id: str = "", *, with_model: bool = True, new_id: str = "", chats: KeepsChats | None = None
    ) -> Conversation:
        """The saved conversation ``chat_id``; with "" a new one, which will be saved under the id ``new_id``.

        ``chats`` is where it is kept, None for the library. Raises ModelError where a model that is needed cannot be
        loaded.
        """
        from app.chat.conversation import Conversation

        engine = self.models.engine if with_model else None
        return Conversation(self.services(engine), chat_id=chat_id, new_id=new_id, chats=chats)

    def close(self) -> None:
        self.library.close()
        if self._owns_models:
            self.models.close()

    def __enter__(self) -> OpenLibrary:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
