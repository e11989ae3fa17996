"""A conversation that leaves nothing: its messages are in this process's memory alone, and go with it."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import count
from typing import Protocol

from core.errors import UsageError
from core.messages import _
from index.store.chat_messages import ChatMessage
from index.store.chats import Chat, title_of
from index.store.records import utc_time

PREFIX = "temporary-"
"""How the ids of temporary conversations begin; those of others are hexadecimal."""


class KeepsChats(Protocol):
    """What a conversation needs of the place that holds it, as `index.store.chats.Chats` does on the disk."""

    def create(self, title: str, *messages: ChatMessage, chat_id: str = "") -> str: ...

    def append(self, chat_id: str, *messages: ChatMessage, after: int | None = None) -> None: ...

    def last_message(self, chat_id: str) -> int | None: ...

    def head(self, chat_id: str) -> int: ...

    def load(self, chat_id: str) -> Chat: ...

    def show_version(self, chat_id: str, message: int) -> None: ...


class TemporaryChats:
    """Conversations in memory. An edited question takes the place of the earlier one: there are no versions."""

    def __init__(self) -> None:
        self._chats: dict[str, Chat] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def create(self, title: str, *messages: ChatMessage, chat_id: str = "") -> str:
        """Begin a conversation, or add to the one of that id; returns its id."""
        chat_id = chat_id or f"{PREFIX}{next(self._numbers)}"
        with self._lock:
            self._chats.setdefault(chat_id, Chat(chat_id, title_of(title), ()))
        self.append(chat_id, *messages)
        return chat_id

    def append(self, chat_id: str, *messages: ChatMessage, after: int | None = None) -> None:
        """Add messages after that of number ``after``; what followed it goes. Raises UsageError."""
        chat = self.load(chat_id)
        with self._lock:
            kept = [one for one in chat.messages if after is None or one.id <= after]
            now = utc_time()
            new = [replace(one, id=next(self._numbers), created_at=now) for one in messages]
            self._chats[chat_id] = replace(chat, messages=(*kept, *new))

    def last_message(self, chat_id: str) -> int | None:
        """As of ``Chats``: the number of the last message, None where there is no such conversation."""
        chat = self._chats.get(chat_id)
        return None if chat is None else self._last(chat)

    def head(self, chat_id: str) -> int:
        return self.last_message(chat_id) or 0

    def load(self, chat_id: str) -> Chat:
        """Raises UsageError where there is no such conversation."""
        if chat_id not in self._chats:
            raise UsageError(_("this temporary chat is gone."), _("Nothing of it was kept; start a new one."))
        return self._chats[chat_id]

    def show_version(self, chat_id: str, message: int) -> None:
        """Nothing: an edited question takes the place of the earlier one."""

    def forget(self, chat_id: str) -> None:
        self._chats.pop(chat_id, None)

    @staticmethod
    def _last(chat: Chat) -> int:
        return chat.messages[-1].id if chat.messages else 0
