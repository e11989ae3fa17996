"""What a person said of an answer: useful or not, and why; it goes with its conversation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from index.store.records import utc_time

if TYPE_CHECKING:
    from index.store.library import Library

Verdict = Literal["useful", "useless"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on the answer that is message ``message``. Its prompt, passages and model are that message's.

    ``settings`` are those that the answer was made with.
    """

    message: int
    verdict: Verdict
    reason: str
    settings: Mapping[str, object]


def give(library: Library, feedback: Feedback) -> None:
    """Save the verdict in place of an earlier one; one on a message that was deleted meanwhile is dropped."""
    with library.database.writing() as db:
        db.execute(
            "INSERT OR REPLACE INTO verdicts SELECT id, ?, ?, ?, ? FROM messages WHERE id = ?",
            (feedback.verdict, feedback.reason, json.dumps(dict(feedback.settings)), utc_time(), feedback.message),
        )


def take_back(library: Library, message: int) -> None:
    """Delete the verdict on an answer, if there is one."""
    with library.database.writing() as db:
        db.execute("DELETE FROM verdicts WHERE message_id = ?", (message,))


def of_chat(library: Library, chat_id: str) -> dict[int, Feedback]:
    """The verdicts on the answers of a conversation, by the number of their message."""
    with library.database.reading() as db:
        rows = db.execute(
            "SELECT v.* FROM verdicts v JOIN messages m ON m.id = v.message_id WHERE m.conversation_id = ?", (chat_id,)
        ).fetchall()
    return {
        row["message_id"]: Feedback(
            row["message_id"], cast(Verdict, row["verdict"]), row["reason"], json.loads(row["settings"])
        )
        for row in rows
    }
