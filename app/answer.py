"""A question and a library -> an answer in which every sentence is tied to what supports it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.events import Event
from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from core.types import Message, Mode

if TYPE_CHECKING:
    from index.library import Library
    from index.retrieve import Retriever


def answer(
    question: str,
    *,
    library: Library,
    retriever: Retriever,
    embedder: Embedder,
    engine: ChatEngine | None,
    settings: Settings,
    history: Sequence[Message] = (),
    mode: Mode | None = None,
    conversation: str = "",
    cancel: threading.Event | None = None,
    search_for: str = "",
) -> Iterator[Event]:
    """Answer ``question`` from the library's documents; the last event is ``Answered``.

    ``engine`` None answers with the evidence alone. ``history`` holds the earlier turns as they were sent.
    ``search_for`` is searched instead of the question, where a follow-up does not say what it is about.
    Setting ``cancel`` or closing the iterator ends the model's work; a cancelled answer keeps what was written.

    Raises UsageError (empty question), NoDocuments, WindowError (a question too long), EngineStopped.
    """
    raise NotImplementedError
