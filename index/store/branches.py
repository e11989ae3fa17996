"""Branches of a saved conversation: a question that is edited keeps its earlier versions, each with what followed it.

A message follows the one that was saved before it, unless ``branches`` says which. What is shown is the way from the
first message to the head: the last message of all, unless ``heads`` names another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence


def followed(db: sqlite3.Connection, chat_id: str) -> dict[int, int]:
    """For each message of a conversation, in order of their numbers, the one that it follows; 0 for none."""
    said = dict(
        db.execute(
            "SELECT message_id, follows FROM branches"
            " WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = ?)",
            (chat_id,),
        ).fetchall()
    )
    before, found = 0, dict[int, int]()
    for (message,) in db.execute("SELECT id FROM messages WHERE conversation_id = ? ORDER BY id", (chat_id,)):
        found[message] = said.get(message, before)
        before = message
    return found


def head_of(db: sqlite3.Connection, chat_id: str) -> int:
    """The last message of the branch that is shown; 0 where the conversation has none."""
    row = db.execute(
        "SELECT ifnull("
        " (SELECT message_id FROM heads JOIN messages ON id = message_id WHERE heads.conversation_id = ?1),"
        " ifnull((SELECT max(id) FROM messages WHERE conversation_id = ?1), 0))",
        (chat_id,),
    ).fetchone()
    return int(row[0])


def way_to(head: int, follows: Mapping[int, int]) -> list[int]:
    """The messages from the first one to ``head``, in order."""
    way = []
    while head in follows:
        way.append(head)
        head = follows[head]
    return way[::-1]


def versions(message: int, follows: Mapping[int, int]) -> tuple[int, ...]:
    """All messages that follow the same one as ``message``, itself included; () where it is the only one."""
    beside = tuple(other for other, before in follows.items() if before == follows[message])
    return beside if len(beside) > 1 else ()


def last_after(message: int, follows: Mapping[int, int]) -> int:
    """The newest message that has ``message`` on its way; itself where none has."""
    after = {message}
    for other, before in follows.items():  # which is in order: what a message follows comes before it
        if before in after:
            after.add(other)
    return max(after)


def connect(db: sqlite3.Connection, chat_id: str, messages: Sequence[int], after: int) -> None:
    """Let the new ``messages`` follow ``after``, each the one before it, and show their branch."""
    follows = followed(db, chat_id)
    for message in messages:
        if follows[message] != after:
            db.execute("INSERT INTO branches VALUES (?, ?)", (message, after))
        after = message
    show(db, chat_id, after)


def show(db: sqlite3.Connection, chat_id: str, head: int) -> None:
    """Let the branch that ends with ``head`` be the one that is shown."""
    db.execute("INSERT OR REPLACE INTO heads VALUES (?, ?)", (chat_id, head))


def take_out(db: sqlite3.Connection, chat_id: str, message: int) -> None:
    """Delete a message of a conversation; what followed it follows the one before it."""
    follows, shown = followed(db, chat_id), head_of(db, chat_id)
    before = follows[message]
    after = [(other, before) for other, place in follows.items() if place == message]
    db.executemany("INSERT OR REPLACE INTO branches VALUES (?, ?)", after)
    db.execute("DELETE FROM messages WHERE id = ?", (message,))
    if shown == message:
        show(db, chat_id, before)
