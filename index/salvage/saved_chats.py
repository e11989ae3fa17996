"""The conversations that can be read of a damaged library -> a new library."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import Any

from index.salvage.damaged_rows import Remains
from index.store.chats import title_of
from index.store.library import Library
from index.store.stored_answers import by_place, is_readable, texts_in


class ChatRescue:
    """One run over the conversations of a damaged library; the counts say what it saved."""

    def __init__(self, remains: Remains, new: Library) -> None:
        self.chats = self.messages = self.lost_chats = self.lost_messages = 0
        self._remains = remains
        self._new = new

    def run(self) -> None:
        """Put all that can be read into the new library, in order; a chat that lost its title gets another."""
        chats = self._whole("conversations")
        messages = self._whole("messages")
        by_chat: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _, message in sorted(messages.items()):
            if is_readable(message["answer"]):
                by_chat[message["conversation_id"]].append(message)
        for key, said in by_chat.items():
            if key not in chats:
                first = next((one["text"] for one in said if one["role"] == "user"), "")
                times = said[0]["created_at"], said[-1]["created_at"]
                chats[key] = dict(
                    zip(("id", "title", "created_at", "changed_at"), (key, title_of(first), *times), strict=True)
                )
        with self._new.database.writing() as db:
            text_of = texts_in(db)
            for message in chain(*by_chat.values()):
                message["answer"] = by_place(message["answer"], text_of) if message["answer"] else ""
            for table, rows in (("conversations", chats.values()), ("messages", chain(*by_chat.values()))):
                for row in rows:
                    marks = ", ".join("?" * len(row))
                    query = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608
                    db.execute(query, tuple(row.values()))
        saved = {message["id"] for said in by_chat.values() for message in said}
        self.chats, self.messages = len(chats), len(saved)
        self.lost_messages = len(self._known("messages", "messages_conversation") - saved)
        self.lost_chats = len(self._known_chats() - set(chats))

    def _whole(self, table: str) -> dict[Any, dict[str, Any]]:
        return {v["id"]: v for _, v in self._remains.rows(table) if self._remains.is_complete(table, v)}

    def _known(self, table: str, index: str) -> set[object]:
        """The ids of all rows that are or were there, as far as the rows and an index say."""
        rows = {values["id"] for _, values in self._remains.rows(table) if "id" in values}
        return rows | {entry[-1] for entry in self._remains.index(index)}

    def _known_chats(self) -> set[object]:
        rows = {values["id"] for _, values in self._remains.rows("conversations") if "id" in values}
        return rows | {entry[0] for entry in self._remains.index("sqlite_autoindex_conversations_1")}
