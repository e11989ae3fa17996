"""The conversations that are open in the page: kept outside of its sessions, so that a reload finds them again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from app.chat.chat_turns import Choices
from app.chat.jobs import AnswerJob
from app.chat.open_chat import OpenChat
from app.chat.temporary import PREFIX, TemporaryChats
from core.errors import UsageError
from core.messages import _
from index.store.chats import Chats, new_id
from index.store.deleted_chats import DeletedChat, take_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.chat.open_library import OpenLibrary

MAX_OPEN = 200
"""Conversations kept in memory. Beyond it the one unused for longest is let go, unless it is being answered in; it is
opened again from the library."""

CLOSE_S = 4.0
"""Seconds that all answers together get to end when the program does; the model needs 0.2."""


class OpenChats:
    """The open conversations of one library by id. Sessions that open the same conversation share one ``OpenChat``."""

    def __init__(self, opened: OpenLibrary, before_ask: Callable[[], None] = lambda: None) -> None:
        """``before_ask`` is called when a person asks: what runs in the background gives way."""
        self._opened = opened
        self._before_ask = before_ask
        self._chats = Chats(opened.library)
        self._open: OrderedDict[str, OpenChat] = OrderedDict()
        self._memory = TemporaryChats()
        self._lock = threading.Lock()

    def new(self, *, temporary: bool = False) -> OpenChat:
        """A new, empty conversation; it is held open here once a question is asked in it.

        A ``temporary`` one is never saved: it is gone when it is forgotten, or the program ends.
        """
        if temporary:
            return OpenChat(self._opened, PREFIX + new_id(), memory=self._memory)
        return OpenChat(self._opened, new_id())

    def forget(self, key: str) -> None:
        """End a temporary conversation: nothing of it is left, in the model's process neither."""
        with self._lock:
            chat = self._open.pop(key, None)
        if chat:
            chat.stop()
        self._memory.forget(key)
        self._opened.models.forget()

    def get(self, key: str) -> OpenChat:
        """The open conversation of that id, else the saved one, opened. Raises UsageError where there is neither."""
        with self._lock:
            chat = self._open.get(key)
            if chat is None and key.startswith(PREFIX):
                raise UsageError(_("this temporary chat is gone."), _("Nothing of it was kept; start a new one."))
            chat = chat or OpenChat(self._opened, key, saved=True)
            if self._gone(chat):
                raise UsageError(
                    _("there is no such conversation in the library '{name}'.", name=self._opened.library.name),
                    _("It may have been deleted, or belong to another library."),
                )
            return self._keep(chat)

    def ask(self, chat: OpenChat, question: str, choices: Choices) -> OpenChat:
        """Ask in the conversation and return it; where it was deleted meanwhile, ask in a new one and return that."""
        self._before_ask()
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
        if chat.temporary:
            return False
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
