"""A conversation that was deleted, as it can be put back while the program runs: nothing of it is left on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import UsageError
from index.store.statements import current_generation

if TYPE_CHECKING:
    from index.store.library import Library

TABLES = (
    ("conversations", "id = ?"),
    ("messages", "conversation_id = ?"),
    ("pins", "conversation_id = ?"),
    ("branches", "message_id IN (SELECT id FROM messages WHERE conversation_id = ?)"),
    ("heads", "conversation_id = ?"),
    ("verdicts", "message_id IN (SELECT id FROM messages WHERE conversation_id = ?)"),
)
"""Those that hold a part of a conversation, in the order in which rows may be put back, and which are its rows."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class DeletedChat:
    """The rows of a deleted conversation by table. ``generation`` was the library's when it was deleted."""

    id: str
    title: str
    rows: tuple[tuple[str, Row], ...]
    generation: int


def take_out(library: Library, chat_id: str) -> DeletedChat:
    """Delete a conversation from the disk and return it. Raises UsageError where there is none."""
    with library.database.writing() as db:  # what is noted is what is deleted, at one moment
        found = [
            (table, {key: row[key] for key in row.keys()})  # noqa: SIM118
            for table, which in TABLES
            for row in db.execute(f"SELECT * FROM {table} WHERE {which}", (chat_id,))  # noqa: S608
        ]
        if not found:
            raise UsageError(f"there is no saved chat '{chat_id}'.", "It may have been deleted already.")
        deleted = DeletedChat(chat_id, str(found[0][1]["title"]), tuple(found), current_generation(db))
        db.execute("DELETE FROM conversations WHERE id = ?", (chat_id,))
    library.database.truncate_log()
    return deleted


def put_back(library: Library, deleted: DeletedChat) -> None:
    """Save the conversation again as it was.

    Raises UsageError where documents were changed since: it may quote what was removed.
    """
    with library.database.writing() as db:
        if current_generation(db) != deleted.generation:
            raise UsageError(
                "the chat cannot be brought back: documents were added or removed since.", "Ask its questions again."
            )
        for table, row in deleted.rows:
            marks = ", ".join("?" * len(row))
            db.execute(
                f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
                tuple(row.values()),
            )
