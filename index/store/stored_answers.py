"""Answers as a saved chat stores them: JSON that holds a passage by its place, not by its text.

The text of a passage stands in its document already. Stored is the first half of its SHA-256 ("digest"), so that a
document which was read anew into another text is never quoted for it. Only what the library does not hold, as a version
that a later ingest let go, is stored with its text ("text").
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.types import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

TextOf = Callable[[str], str | None]
"""A document's id -> its text; None where the library does not hold it."""

_KEPT = 8
"""Texts of documents held at once while many answers are read: those of one question and of the one before it."""


def texts_in(db: sqlite3.Connection) -> TextOf:
    """The texts of the library's documents and of the versions that can still be brought back."""

    @lru_cache(maxsize=_KEPT)
    def text_of(document_id: str) -> str | None:
        row = db.execute(
            "SELECT text FROM documents WHERE id = ?1"
            " UNION ALL SELECT document ->> '$.text' FROM former WHERE document_id = ?1",
            (document_id,),
        ).fetchone()
        return None if row is None else str(row[0])

    return text_of


def to_stored(answer: Answer, text_of: TextOf) -> str:
    """The JSON of an answer, without the texts that ``text_of`` gives."""
    return by_place(_answers().dump_json(answer).decode(), text_of)


def from_stored(stored: str, text_of: TextOf) -> Answer:
    """The answer of a stored JSON, without the passages whose text is nowhere. Raises ValueError for another text."""
    parsed = json.loads(stored)
    _fill(parsed, text_of)
    if isinstance(parsed, dict) and "passages" in parsed:
        parsed["passages"] = [passage for passage in _passages(parsed) if "text" in passage]
    return _answers().validate_python(parsed)


def with_texts(stored: str, text_of: TextOf) -> str:
    """A stored answer with the texts that ``text_of`` gives, so that it can be read where the library is not."""
    parsed = json.loads(stored)
    _fill(parsed, text_of)
    return json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))


def count_passages(stored: str) -> int:
    """How many passages a stored answer names, whether their texts are there or not."""
    return len(_passages(json.loads(stored)))


def by_place(stored: str, text_of: TextOf) -> str:
    """A stored answer without the texts that ``text_of`` gives; what is no JSON of an answer stays as it is."""
    try:
        parsed = json.loads(stored)
        for passage in _passages(parsed):
            if "text" in passage and _slice(passage, text_of) == passage["text"]:
                passage["digest"] = _digest(passage.pop("text"))
    except (ValueError, TypeError):  # a damaged row; whoever opens the chat is told
        return stored
    return json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))


def keep_texts(db: sqlite3.Connection, document_ids: Iterable[str]) -> None:
    """Store the passages of these documents with their texts: the library is about to let the documents go."""
    text_of = texts_in(db)
    for document_id in document_ids:
        rows = db.execute("SELECT id, answer FROM messages WHERE instr(answer, ?)", (document_id,)).fetchall()
        for message_id, stored in rows:
            parsed = json.loads(stored)
            for passage in _passages(parsed):
                if passage["document_id"] == document_id and (text := _slice(passage, text_of)) is not None:
                    passage["text"] = text
            kept = json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))
            db.execute("UPDATE messages SET answer = ? WHERE id = ?", (kept, message_id))


def is_readable(stored: str) -> bool:
    """Whether a stored answer, "" for a question, can be shown again."""
    try:
        return not stored or bool(from_stored(stored, lambda _: None))
    except ValueError:
        return False


@lru_cache
def _answers() -> TypeAdapter[Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def _passages(parsed: Any) -> list[dict[str, Any]]:
    found = parsed.get("passages", []) if isinstance(parsed, dict) else []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _fill(parsed: Any, text_of: TextOf) -> None:
    """Give the passages of a stored answer the texts that they name by their place."""
    for passage in _passages(parsed):
        if "text" not in passage:
            text = _slice(passage, text_of)
            if text is not None and _digest(text) == passage.get("digest"):
                passage["text"] = text


def _slice(passage: dict[str, Any], text_of: TextOf) -> str | None:
    text = text_of(str(passage.get("document_id")))
    return None if text is None else text[passage.get("start") : passage.get("end")]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
