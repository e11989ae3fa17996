"""A receipt for a document that was removed: what went and from where, checked by a search of the raw files.

Stretches of the text and vectors are noted before. Afterwards every byte of the library's files is searched for them:
pages of the database that are free, its write-ahead log, saved vectors, originals, what models kept. What is found and
also stands in another document, or in a chat whose quotes the person kept, is told apart by a query.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.state_files import header_of, state_files
from index.store import kept_questions
from index.store.library import Library
from index.store.originals import folder_of

STRETCHES = 32
"""Stretches of a text that are looked for, spread over all of it."""

STRETCH = 40
"""Characters of each: what no other text is likely to hold, and short beside a page of the database (4 KiB), at whose
end a stretch may be cut."""

VECTORS = 8
"""Vectors that are looked for, each by its first bytes."""

VECTOR_BYTES = 64

_BLOCK = 1 << 22
"""Bytes of a file searched at a time."""

_NO_STRETCH = frozenset('"\\\n\t\r')
"""What JSON writes otherwise than the text has it."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Traces:
    """What a document has in a library's files before it is removed."""

    document_id: str
    characters: int
    chunks: int
    tables: int
    originals: tuple[Path, ...]
    states: int
    stretches: tuple[str, ...]
    vectors: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was found in the files after a removal.

    ``left`` names the files that still hold some of the document; ``quoted`` is True where only chats, questions or
    other documents do, which keep these words as their own.
    """

    traces: Traces
    files: int
    size: int
    left: tuple[str, ...]
    quoted: bool


def traces_of(library: Library, document_id: str) -> Traces:
    """Note what there is of a document. Raises UnknownDocument."""
    document = library.document(document_id)
    with library.database.reading() as db:
        rows = db.execute(
            "SELECT vector FROM chunks JOIN embeddings ON hash = embedding WHERE document_id = ?", (document_id,)
        ).fetchall()
    kept = sorted(folder_of(library.uploads_dir, document_id).glob("*"))
    return Traces(
        document_id,
        len(document.text),
        len(rows),
        len(document.tables),
        tuple(kept),
        sum(_holds(path, document_id) for path in state_files(library.open_dir)),
        tuple(_stretches(document.text)),
        tuple(dict.fromkeys(row[0][:VECTOR_BYTES] for row in _spread(rows, VECTORS))),
    )


def receipt(library: Library, traces: Traces, also: Iterable[Path] = ()) -> Receipt:
    """Search the library's files, and the files below the folders ``also``, for what a removed document had there."""
    wanted = {text.encode(): text for text in traces.stretches} | {vector: vector for vector in traces.vectors}
    places = sorted(_files([library.folder, *also]))
    holding: dict[str, set[str | bytes]] = {}
    size = 0
    for path in places:
        searched, found = _search(path, list(wanted))
        size += searched
        if found:
            holding[_shown(path, library.folder)] = {wanted[one] for one in found}
    with library.database.reading() as db:
        mine = {trace for traces_ in holding.values() for trace in traces_ if not _is_another_s(db, trace)}
    left = {name for name, found in holding.items() if found & mine and name != kept_questions.FILE}
    left |= {_shown(path, library.folder) for path in traces.originals if path.exists()}
    left |= {path.name for path in state_files(library.open_dir) if _holds(path, traces.document_id)}
    return Receipt(traces, len(places), size, tuple(sorted(left)), bool(holding) and not left)


def _stretches(text: str) -> Iterator[str]:
    """Stretches of one line each, spread over the text; the longest of a text that has none of that length."""
    lines = [(at, line) for at, line in _lines(text) if len(line) >= STRETCH]
    if not lines:
        yield from sorted({line for _, line in _lines(text) if len(line) >= STRETCH // 4}, key=len)[-STRETCHES:]
        return
    for _, line in _spread(lines, STRETCHES):
        first = (len(line) - STRETCH) // 2
        yield line[first : first + STRETCH]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The runs of characters that are stored as they are, with their offsets."""
    first = 0
    for at, sign in enumerate(text + "\n"):
        if sign in _NO_STRETCH:
            if line := text[first:at].strip():
                yield first, line
            first = at + 1


def _spread(items: Sequence[T], most: int) -> list[T]:
    return [items[len(items) * at // most] for at in range(most)] if len(items) > most else list(items)


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _search(path: Path, wanted: Sequence[bytes]) -> tuple[int, set[bytes]]:
    """The bytes of a file, and which of ``wanted`` stand in it; a file that is gone meanwhile holds none."""
    found: set[bytes] = set()
    overlap = max(map(len, wanted), default=1) - 1
    size, end = 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                size += len(block)
                window = end + block
                found |= {one for one in wanted if one not in found and one in window}
                end = window[-overlap:] if overlap else b""
    except FileNotFoundError:
        return 0, set()
    return size, found


def _is_another_s(db: sqlite3.Connection, trace: str | bytes) -> bool:
    """Whether other documents, chats or versions that can be brought back hold the same words, or the same vector."""
    if isinstance(trace, bytes):
        query = "SELECT 1 FROM embeddings WHERE substr(vector, 1, ?2) = ?1 LIMIT 1"
        return db.execute(query, (trace, len(trace))).fetchone() is not None
    held = (
        "SELECT 1 FROM documents WHERE instr(text, ?1) UNION ALL"
        " SELECT 1 FROM messages WHERE instr(text || ' ' || sent || ' ' || answer, ?1) UNION ALL"
        " SELECT 1 FROM former WHERE instr(document, ?1) LIMIT 1"
    )
    return db.execute(held, (trace,)).fetchone() is not None


def _holds(path: Path, document_id: str) -> bool:
    """Whether a model's kept state holds a document."""
    try:
        return document_id in header_of(path).get("documents", [])
    except FileNotFoundError:
        return False


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
