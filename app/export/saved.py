"""A saved conversation -> its export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.export.content import Export, export_of
from index.store.chats import Chats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.types import Answer
    from index.store.chat_messages import ChatMessage
    from index.store.library import Library


def export_chat(library: Library, chat_id: str) -> Export:
    """The conversation, of its branches the one that is shown. Raises UsageError where there is none."""
    chat = Chats(library).load(chat_id)
    return export_of(chat.title, _turns(chat.messages))


def _turns(messages: Sequence[ChatMessage]) -> Iterator[tuple[str, Answer | None]]:
    question = ""
    for message in messages:
        if message.role == "user":
            question = message.text
        else:
            yield question, message.answer
