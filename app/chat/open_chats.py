"""The conversations that are open in the page: kept outside of its sessions, so that a reload finds them again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from app.chat.chat_turns import Choices
from app.chat.jobs import AnswerJob
from app.chat.open_chat import OpenChat
from core.errors import UsageError
from index.store.chats import Chats, new_id
from index.store.deleted_chats import DeletedChat, take_out

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary

MAX_OPEN = 200
"""Conversations kept in memory. Beyond it the one unused for longest is let go, unless it is being answered in; it is
opened again from the library."""

CLOSE_S = 4.0
"""Seconds that all answers together get to end when the program does; the model needs 0.2."""


class OpenChats:
    """The open conversations of one library by id. Sessions that open the same conversation share one ``OpenChat``."""

    def __init__(self, opened: OpenLibrary) -> None:
        self._opened = opened
        self._chats = Chats(opened.library)
        self._open: OrderedDict[str, OpenChat] = OrderedDict()
        self._lock = threading.Lock()

    def new(self) -> OpenChat:
        """A new, empty conversation; it is held open here once a question is asked in it."""
        return OpenChat(self._opened, new_id())

    def get(self, key: str) -> OpenChat:
        """The open conversation of that id, else the saved one, opened. Raises UsageError where there is neither."""
        with self._lock:
            chat = self._open.get(key) or OpenChat(self._opened, key, saved=True)
            if self._gone(chat):
                raise UsageError(
                    f"there is no such conversation in the library '{self._opened.library.name}'.",
                    "It may have been deleted, or belong to another library.",
                )
            return self._keep(chat)

    def ask(self, chat: OpenChat, question: str, choices: Choices) -> OpenChat:
        """Ask in the conversation and return it; where it was deleted meanwhile, ask in a new one and return that."""
        with self._lock:
            chat = self._open.get(chat.key) or chat
            chat = self._keep(self.new() if self._gone(chat) else chat)
            chat.ask(question, choices)
            return chat

    def delete(self, chat_id: str) -> None:
        """Delete a saved conversation, and stop the answers that are being written in it."""
        with self._lock:
            chat = self._open.pop(chat_id, None)
        if chat:
            chat.stop()
        self._chats.delete(chat_id)
        self._opened.models.forget()

    def take_out(self, chat_id: str) -> DeletedChat:
        """Delete a saved conversation as ``delete`` does, and return it as it can be put back. Raises UsageError."""
        with self._lock:
            chat = self._open.pop(chat_id, None)
        if chat:
            chat.stop()
        deleted = take_out(self._opened.library, chat_id)
        self._opened.models.forget()
        return deleted

    def jobs(self) -> list[AnswerJob]:
        """All answers that are being written or wait, and perhaps some that have ended."""
        with self._lock:
            return [job for chat in self._open.values() for job in chat.jobs()]

    def stop(self) -> list[AnswerJob]:
        """Stop all answers; returns their jobs without waiting for their end."""
        with self._lock:
            return [job for chat in self._open.values() for job in chat.stop()]

    def close(self) -> None:
        """Stop all answers, and wait up to ``CLOSE_S`` until what was written is saved."""
        until = time.monotonic() + CLOSE_S
        for job in self.stop():
            job.wait(max(0.0, until - time.monotonic()))

    def _gone(self, chat: OpenChat) -> bool:
        """Whether a saved conversation was deleted from the library; such a one is closed here too."""
        gone = chat.saved and self._chats.last_message(chat.key) is None
        if gone:
            self._open.pop(chat.key, None)
        return gone

    def _keep(self, chat: OpenChat) -> OpenChat:
        """Hold it open as the one used last; beyond ``MAX_OPEN`` the one unused for longest is let go."""
        self._open[chat.key] = chat
        self._open.move_to_end(chat.key)
        if len(self._open) > MAX_OPEN:
            idle = (key for key, other in self._open.items() if other is not chat and not other.busy)
            if oldest := next(idle, None):
                del self._open[oldest]
        return chat
