"""What a removal has yet to do once its rows are gone: originals, kept questions, bytes that linger on the disk.

It is noted in the transaction that removes the rows, and the note goes when all is done: what a killed process left is
finished by the next one that opens the library.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from index.store import incoming, uploads
from index.store.kept_questions import forget_about

if TYPE_CHECKING:
    from index.store.library import Library

_KEY = "unfinished:"


def note(
    db: sqlite3.Connection, gone: Iterable[str], removed: Iterable[str] = (), questions_about: Iterable[str] = ()
) -> None:
    """Note that the originals of ``gone``, ids of documents, are to be deleted, and the disk's files scrubbed.

    So are uploads left behind by killed processes that hold one of ``removed``, ids too: their documents are in, and a
    person removed them. Kept questions about documents of the names in ``questions_about`` go as well.
    """
    value = json.dumps({"gone": [*gone], "removed": [*removed], "questions_about": [*questions_about]})
    db.execute("INSERT INTO meta VALUES (?, ?)", (_KEY + uuid.uuid4().hex, value))


def finish(library: Library) -> None:
    """Do what is noted; nothing where nothing is. Raises LibraryLocked, OSError where the disk refuses."""
    with library.database.reading() as db:
        rows = db.execute("SELECT key, value FROM meta WHERE key LIKE ? ORDER BY key", (f"{_KEY}%",)).fetchall()
    if not rows:
        return
    for row in rows:
        todo = json.loads(row["value"])
        _delete_files(library, todo["gone"], set(todo["removed"]))
        if todo["questions_about"]:
            forget_about(library.folder, todo["questions_about"])
    library.scrub()
    with library.database.writing() as db:
        db.executemany("DELETE FROM meta WHERE key = ?", ((row["key"],) for row in rows))
    library.database.truncate_log()  # the notes may hold names


def _delete_files(library: Library, gone: Iterable[str], removed: set[str]) -> None:
    with library.database.writing() as db:  # so that no document of them comes in meanwhile
        for document_id in gone:
            if not is_known(db, document_id):
                uploads.forget(library.uploads_dir, document_id)
    if removed:
        for path in incoming.left_behind(library.incoming_dir):
            with path.open("rb") as file:
                document_id = hashlib.file_digest(file, "sha256").hexdigest()
            if document_id in removed and not library.has(document_id):
                incoming.drop(path)


def is_known(db: sqlite3.Connection, document_id: str) -> bool:
    """Whether a document is in the library, or was replaced and can be brought back."""
    query = "SELECT 1 FROM documents WHERE id = ?1 UNION SELECT 1 FROM former WHERE document_id = ?1"
    return bool(db.execute(query, (document_id,)).fetchone())
