"""Conversations with their answers and citations, in the library's own file: they reopen as they were."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from core.errors import LibraryDamaged, UsageError
from core.messages import _
from core.types import Answer, Citation
from index.store import branches
from index.store.chat_messages import ChatMessage
from index.store.quotes import without_gone
from index.store.records import utc_time
from index.store.stored_answers import TextOf, count_passages, from_stored, texts_in, to_stored

if TYPE_CHECKING:
    from index.store.library import Library

SourceState = Literal["same", "changed", "gone"]

_TITLE = 80
"""Characters of a title made from a question: one line of a list."""


@dataclass(frozen=True, slots=True)
class ChatRecord:
    """A conversation as the list of chats shows it; times are UTC, ISO 8601. A ``pinned`` one stands first."""

    id: str
    title: str
    created_at: str
    changed_at: str
    messages: int
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation with its messages in order."""

    id: str
    title: str
    messages: tuple[ChatMessage, ...]


def new_id() -> str:
    """An id that no conversation has."""
    return uuid.uuid4().hex


class Chats:
    """The conversations of one library. Safe to use from many threads and processes."""

    def __init__(self, library: Library) -> None:
        self._database = library.database

    def create(self, title: str, *messages: ChatMessage, chat_id: str = "") -> str:
        """Save a new conversation with its first messages, in one transaction; returns its id.

        ``title`` may be the first question: it is cut to one line. ``chat_id`` is one of ``new_id`` that the
        conversation was known by before; "" makes one. Where it was saved meanwhile, the messages are added to it.
        Nothing is kept of documents that were removed meanwhile.
        """
        chat_id, now = chat_id or new_id(), utc_time()
        with self._database.writing() as db:
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at",
                (chat_id, title_of(title), now, now),
            )
            before = branches.head_of(db, chat_id)
            branches.connect(db, chat_id, _insert(db, chat_id, messages), before)
        return chat_id

    def append(self, chat_id: str, *messages: ChatMessage, after: int | None = None) -> None:
        """Save further messages, all or none, with nothing of documents that were removed meanwhile.

        They follow the message ``after``, 0 for none, None for the last that is shown. Raises UsageError where the
        conversation was deleted.
        """
        with self._database.writing() as db:
            _touch(db, "UPDATE conversations SET changed_at = ? WHERE id = ?", (utc_time(), chat_id))
            before = branches.head_of(db, chat_id) if after is None else after
            branches.connect(db, chat_id, _insert(db, chat_id, messages), before)

    def head(self, chat_id: str) -> int:
        """The number of the last message that is shown; 0 where there is none."""
        with self._database.reading() as db:
            return branches.head_of(db, chat_id)

    def show_version(self, chat_id: str, message: int) -> None:
        """Show the branch of this version of a question, to its newest message; one that is gone is fine."""
        with self._database.writing() as db:
            follows = branches.followed(db, chat_id)
            if message in follows:
                branches.show(db, chat_id, branches.last_after(message, follows))

    def last_message(self, chat_id: str) -> int | None:
        """The number of the conversation's last message, 0 where it has none; None where it is not saved.

        Messages are never changed by further ones, so that a conversation with the same last message has no new turn.
        """
        with self._database.reading() as db:
            row = db.execute(
                "SELECT (SELECT ifnull(max(id), 0) FROM messages WHERE conversation_id = conversations.id)"
                " FROM conversations WHERE id = ?",
                (chat_id,),
            ).fetchone()
        return None if row is None else int(row[0])

    def list(self) -> list[ChatRecord]:
        """All conversations, those that are pinned first, then the one changed last."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT *, (SELECT count(*) FROM messages WHERE conversation_id = conversations.id) AS messages,"
                " id IN (SELECT conversation_id FROM pins) AS pinned"
                " FROM conversations ORDER BY pinned DESC, changed_at DESC, id"
            )
            values = ({key: row[key] for key in row.keys()} for row in rows)  # noqa: SIM118
            return [ChatRecord(**{**one, "pinned": bool(one["pinned"])}) for one in values]

    def find(self, words: str) -> tuple[ChatRecord, ...]:
        """The conversations whose title, questions or answers hold all of these words, in whatever case."""
        wanted = words.casefold().split()
        with self._database.reading() as db:
            texts = db.execute(
                "SELECT c.id, c.title || ' ' || ifnull(group_concat(m.text, ' '), '') AS words FROM conversations c"
                " LEFT JOIN messages m ON m.conversation_id = c.id GROUP BY c.id"
            )
            found = {row["id"] for row in texts if all(word in row["words"].casefold() for word in wanted)}
        return tuple(record for record in self.list() if record.id in found)

    def pin(self, chat_id: str, *, pinned: bool) -> None:
        """Let the conversation stand first in the list, or where its day has it. One that is not there is fine."""
        with self._database.writing() as db:
            db.execute("DELETE FROM pins WHERE conversation_id = ?", (chat_id,))
            if pinned:
                db.execute("INSERT INTO pins SELECT id FROM conversations WHERE id = ?", (chat_id,))

    def load(self, chat_id: str) -> Chat:
        """A conversation, of its branches the one that is shown; what it quotes bears the documents' names of today.

        A passage whose document is gone without a trace is left out, and the question that may have been sent with it
        is as the person wrote it.

        Raises UsageError where there is no such conversation.
        """
        with self._database.reading() as db:
            names = dict(db.execute("SELECT id, name FROM documents").fetchall())
            row = db.execute("SELECT title FROM conversations WHERE id = ?", (chat_id,)).fetchone()
            found = db.execute("SELECT * FROM messages WHERE conversation_id = ? ORDER BY id", (chat_id,)).fetchall()
            if row is None:
                raise _unknown(chat_id)
            text_of, messages = texts_in(db), list[ChatMessage]()
            follows = branches.followed(db, chat_id)
            shown = {*branches.way_to(branches.head_of(db, chat_id), follows)}
            for stored in found:
                if stored["id"] not in shown:
                    continue
                message, whole = _message(stored, names, text_of)
                if message.role == "user":
                    message = replace(message, versions=branches.versions(message.id, follows))
                if not whole:
                    messages[-1:] = [replace(question, sent=question.text) for question in messages[-1:]]
                messages.append(message)
        return Chat(chat_id, row["title"], tuple(messages))

    def rename(self, chat_id: str, title: str) -> None:
        """Raises UsageError where there is no such conversation."""
        with self._database.writing() as db:
            _touch(db, "UPDATE conversations SET title = ? WHERE id = ?", (title_of(title), chat_id))

    def delete(self, chat_id: str) -> None:
        """Delete a conversation with its messages, so that their bytes are gone; one that is not there is fine."""
        with self._database.writing() as db:
            db.execute("DELETE FROM conversations WHERE id = ?", (chat_id,))
        self._database.truncate_log()

    def source_states(self, citations: Iterable[Citation]) -> dict[str, SourceState]:
        """``source_state`` of all quoted documents, by their ids."""
        cited = {citation.document_id: citation for citation in citations}
        return {document_id: self.source_state(citation) for document_id, citation in cited.items()}

    def source_state(self, citation: Citation) -> SourceState:
        """Whether the quoted version is still in the library, another version of the file is, or neither."""
        with self._database.reading() as db:
            if db.execute("SELECT 1 FROM documents WHERE id = ?", (citation.document_id,)).fetchone():
                return "same"
            named = db.execute(
                "SELECT 1 FROM documents WHERE name = ?1 UNION SELECT 1 FROM sources WHERE name = ?1", (citation.file,)
            ).fetchone()
        return "changed" if named else "gone"


def _insert(db: sqlite3.Connection, chat_id: str, messages: tuple[ChatMessage, ...]) -> list[int]:
    """Save the messages; returns their numbers."""
    now, text_of = utc_time(), texts_in(db)
    rows = [
        (
            chat_id,
            message.role,
            message.text,
            message.sent,
            to_stored(message.answer, text_of) if message.answer else "",
            message.created_at or now,
        )
        for message in without_gone(db, messages)
    ]
    statement = "INSERT INTO messages (conversation_id, role, text, sent, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)"
    return [int(db.execute(statement, row).lastrowid or 0) for row in rows]


def renamed(answer: Answer, names: Mapping[str, str]) -> Answer:
    """The answer with its documents called as ``names``, by their ids, has them; others keep their names."""

    def present(citation: Citation) -> Citation:
        return replace(citation, file=names.get(citation.document_id, citation.file))

    words = answer.words
    return replace(
        answer,
        sentences=tuple(replace(s, citations=tuple(map(present, s.citations))) for s in answer.sentences),
        evidence=tuple(map(present, answer.evidence)),
        passages=tuple(replace(p, file=names.get(p.document_id, p.file)) for p in answer.passages),
        words=replace(words, file=names.get(words.document_id, words.file)) if words else None,
    )


def _message(row: sqlite3.Row, names: Mapping[str, str], text_of: TextOf) -> tuple[ChatMessage, bool]:
    """The message of a row, and whether all passages of its answer are there. Raises LibraryDamaged."""
    answer, whole = None, True
    try:
        if row["answer"]:
            answer = renamed(from_stored(row["answer"], text_of), names)
            whole = len(answer.passages) == count_passages(row["answer"])
    except ValueError as error:
        raise LibraryDamaged(
            _("the saved answer of {time} cannot be read.", time=row["created_at"]),
            _("Delete that conversation and ask again."),
        ) from error
    return ChatMessage(row["role"], row["text"], row["sent"], answer, row["created_at"], row["id"]), whole


def _touch(db: sqlite3.Connection, statement: str, values: tuple[str, str]) -> None:
    if not db.execute(statement, values).rowcount:
        raise _unknown(values[1])


def _unknown(chat_id: str) -> UsageError:
    return UsageError(f"there is no saved chat '{chat_id}'.", "It may have been deleted; start a new one.")


def title_of(text: str) -> str:
    """A conversation's title made from its first question: one line."""
    line = " ".join(text.split()) or "Untitled"
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rstrip() + "…"
