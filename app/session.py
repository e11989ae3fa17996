"""A conversation: its history as it was sent, and each answer saved with its citations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.events import Event
from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from core.types import Mode

if TYPE_CHECKING:
    from index.library import Library
    from index.retrieve import Retriever


class Conversation:
    """Questions asked one after the other; shared by ``lectern chat`` and the page.

    ``chat_id`` names a saved chat to go on with; "" starts one, which is saved with its first answer.
    After that ``chat_id`` is its id.
    """

    def __init__(
        self,
        *,
        library: Library,
        retriever: Retriever,
        embedder: Embedder,
        engine: ChatEngine | None,
        settings: Settings,
        chat_id: str = "",
    ) -> None:
        self.chat_id = chat_id

    def ask(self, question: str, *, mode: Mode | None = None, cancel: threading.Event | None = None) -> Iterator[Event]:
        """The events of ``app.answer.answer``; the turn is saved before ``Answered`` is given out."""
        raise NotImplementedError
