"""What stands in an archive of a library, a zip of its own: rows as JSON lines, vectors, originals; no model.

    manifest.json         format, name of the library, embedder and length of its vectors, time
    documents.jsonl       a document a line, with its chunks, sources, tags and what a person said it is
    vectors.bin           each 32 bytes of hash and the vector, float32, little-endian
    chats.jsonl           a conversation a line, with its messages
    questions.jsonl       the person's own questions
    settings.toml         those of Lectern's home
    originals/ID/NAME     files that were uploaded, and pages of the web

No database and nothing pickled: what is taken in goes the way of any document, and each value is checked.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.settings import LIBRARY_NAME
from core.types import Chunk, Document

FORMAT = 1
"""Raised where an older program could not read the archive."""

MANIFEST = "manifest.json"
DOCUMENTS = "documents.jsonl"
VECTORS = "vectors.bin"
CHATS = "chats.jsonl"
QUESTIONS = "questions.jsonl"
SETTINGS = "settings.toml"
ORIGINALS = "originals/"

HASH_BYTES = 32
_ID = r"^\w[\w .:@+=-]{0,199}$"
"""A document's id names folders: no separators, nothing hidden."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Manifest(_Row):
    format: int
    library: str = Field(pattern=LIBRARY_NAME)
    embedder: str = Field(max_length=500)
    dimension: int = Field(ge=0, le=65_536)
    made: str = Field(max_length=40)
    program: str = Field(max_length=40)


class DocumentRow(_Row):
    """A document with all that is its own. ``hashes`` are of its chunks' vectors, in hexadecimal."""

    id: str = Field(pattern=_ID)
    document: Document
    chunks: tuple[Chunk, ...]
    hashes: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    tags: tuple[str, ...] = ()
    size: int = Field(ge=0)
    day: str = Field(default="", max_length=10)
    added_at: str = Field(max_length=40)
    given: str = ""


class VerdictRow(_Row):
    verdict: Literal["useful", "useless"]
    reason: str
    settings: str
    given_at: str = Field(max_length=40)


class MessageRow(_Row):
    role: Literal["user", "assistant"]
    text: str
    sent: str
    answer: str
    created_at: str = Field(max_length=40)
    verdict: VerdictRow | None = None


class ChatRow(_Row):
    id: str = Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")
    title: str
    created_at: str = Field(max_length=40)
    changed_at: str = Field(max_length=40)
    pinned: bool = False
    messages: tuple[MessageRow, ...] = ()
