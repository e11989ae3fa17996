"""An open library together with the models that answer from it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from app.chat.models import Models
from core.settings import Settings

if TYPE_CHECKING:
    from app.chat.conversation import Conversation
    from index.search.retriever import Retriever
    from index.store.library import Library


class OpenLibrary:
    """One library, its retriever and the models; a context manager that closes what it opened."""

    def __init__(self, settings: Settings, models: Models | None = None, *, create: bool = False) -> None:
        """Open the library that the settings name, with ``create`` also one that does not exist yet.

        ``models`` given by the caller stay open on ``close``. Raises LibraryError where the library cannot be opened.
        """
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
        """The saved conversation ``chat_id``; with "" a new one, which will be saved under the id ``new_id``.

        Raises ModelError where a model that is needed cannot be loaded.
        """
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

    def __enter__(self) -> OpenLibrary:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
