"""A library -> one archive with its documents, chats, questions and settings, as they are at one moment."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from core.errors import OutputError, UsageError
from core.settings import Settings
from core.types import Chunk
from index.archive import layout
from index.archive.layout import ChatRow, DocumentRow, Manifest, MessageRow, VerdictRow
from index.store import statements
from index.store.kept_questions import kept_questions
from index.store.library import Library
from index.store.originals import folder_of
from index.store.records import to_document, utc_time
from index.store.stored_answers import texts_in, with_texts


@dataclass(frozen=True, slots=True)
class Exported:
    documents: int
    chats: int
    questions: int
    originals: int
    size: int
    """Bytes of the archive."""


def export(library: Library, settings: Settings, path: Path) -> Exported:
    """Write the archive to ``path``, whole or not at all; only its user may read it.

    Versions that were replaced, and models, stay out. Raises UsageError where something is there already, OutputError
    where the disk refuses.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already.", "Name another file, or move it away first.")
    try:
        with _written_whole(path) as archive, library.database.reading() as db:
            _write(archive, layout.MANIFEST, _manifest(library).model_dump_json().encode())
            ids = _write_documents(archive, db)
            _write_vectors(archive, db)
            chats = _write_chats(archive, db)
            questions = kept_questions(library.folder)
            lines = (json.dumps(asdict(one), ensure_ascii=False).encode() + b"\n" for one in questions)
            _write(archive, layout.QUESTIONS, b"".join(lines))
            if (file := settings.home / "settings.toml").is_file():
                _write(archive, layout.SETTINGS, file.read_bytes())
            originals = sum(_write_original(archive, library, document_id) for document_id in ids)
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror}.", "Make room, or name another.") from error
    return Exported(len(ids), chats, len(questions), originals, path.stat().st_size)


@contextmanager
def _written_whole(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that takes its name when all of it is on the disk."""
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # unlike a rename it replaces nothing that came meanwhile
    except FileExistsError as error:
        raise UsageError(f"{path} is there already.", "Name another file, or move it away first.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(name, content)


def _manifest(library: Library) -> Manifest:
    return Manifest(
        format=layout.FORMAT,
        library=library.name,
        embedder=library.embedder_name,
        dimension=library.dimension,
        made=utc_time(),
        program=version("lectern"),
    )


def _write_documents(archive: zipfile.ZipFile, db: sqlite3.Connection) -> list[str]:
    """Write all documents, one at a time; returns their ids."""
    tags = statements.all_tags(db)
    ids = [str(row[0]) for row in db.execute("SELECT id FROM documents ORDER BY number")]
    with archive.open(layout.DOCUMENTS, "w", force_zip64=True) as file:
        for document_id in ids:
            row = _document_row(db, document_id, tags.get(document_id, ()))
            file.write(row.model_dump_json().encode() + b"\n")
    return ids


def _document_row(db: sqlite3.Connection, document_id: str, tags: tuple[str, ...]) -> DocumentRow:
    row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    chunks = db.execute("SELECT * FROM chunks WHERE document_id = ? ORDER BY ordinal", (document_id,)).fetchall()
    sources = db.execute("SELECT source, name FROM sources WHERE document_id = ? ORDER BY source", (document_id,))
    day = db.execute("SELECT day FROM dates WHERE document_id = ?", (document_id,)).fetchone()
    given = db.execute("SELECT facets FROM given_facets WHERE document_id = ?", (document_id,)).fetchone()
    return DocumentRow(
        id=document_id,
        document=to_document(row),
        chunks=tuple(
            Chunk(
                document_id,
                c["ordinal"],
                c["start"],
                c["end"],
                c["text"],
                tuple(json.loads(c["headings"])),
                c["tokens"],
            )
            for c in chunks
        ),
        hashes=tuple(chunk["embedding"].hex() for chunk in chunks),
        sources=tuple((source, name) for source, name in sources),
        tags=tags,
        size=row["size"],
        day=day[0] if day else "",
        added_at=row["added_at"],
        given=given[0] if given else "",
    )


def _write_vectors(archive: zipfile.ZipFile, db: sqlite3.Connection) -> None:
    """Write the vectors of all chunks, each once."""
    rows = db.execute("SELECT hash, vector FROM embeddings WHERE hash IN (SELECT embedding FROM chunks) ORDER BY hash")
    with archive.open(layout.VECTORS, "w", force_zip64=True) as file:
        for key, vector in rows:
            file.write(key + vector)


def _write_chats(archive: zipfile.ZipFile, db: sqlite3.Connection) -> int:
    """Write all conversations; returns their number."""
    text_of = texts_in(db)
    chats = db.execute(
        "SELECT *, id IN (SELECT conversation_id FROM pins) AS pinned FROM conversations ORDER BY created_at, id"
    ).fetchall()
    with archive.open(layout.CHATS, "w", force_zip64=True) as file:
        for chat in chats:
            rows = db.execute(
                "SELECT m.*, v.verdict, v.reason, v.settings, v.given_at FROM messages m"
                " LEFT JOIN verdicts v ON v.message_id = m.id WHERE conversation_id = ? ORDER BY m.id",
                (chat["id"],),
            )
            messages = tuple(
                MessageRow(
                    role=row["role"],
                    text=row["text"],
                    sent=row["sent"],
                    answer=with_texts(row["answer"], text_of) if row["answer"] else "",
                    created_at=row["created_at"],
                    verdict=VerdictRow(**{key: row[key] for key in VerdictRow.model_fields})
                    if row["verdict"]
                    else None,
                )
                for row in rows
            )
            kept = {key: chat[key] for key in ("id", "title", "created_at", "changed_at")}
            line = ChatRow(**kept, pinned=bool(chat["pinned"]), messages=messages)
            file.write(line.model_dump_json().encode() + b"\n")
    return len(chats)


def _write_original(archive: zipfile.ZipFile, library: Library, document_id: str) -> bool:
    """Write the file that a document was uploaded as, where it is kept."""
    for path in sorted(folder_of(library.uploads_dir, document_id).glob("*")):
        archive.write(path, f"{layout.ORIGINALS}{document_id}/{path.name}")
        return True
    return False
