"""What a removal has yet to do once its rows are gone: originals, kept questions, bytes that linger on the disk.

It is noted in the transaction that removes the rows, and the note goes when all is done: what a killed process left is
finished by the next one that opens the library.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from core.errors import LibraryDamaged, LibraryError, LibraryLocked
from index.store import incoming, uploads
from index.store.kept_questions import forget_about

if TYPE_CHECKING:
    from index.store.library import Library

log = logging.getLogger(__name__)

_KEY = "unfinished:"


class _Todo(TypedDict):
    gone: list[str]
    removed: list[str]
    questions_about: list[str]


def note(
    db: sqlite3.Connection, gone: Iterable[str], removed: Iterable[str] = (), questions_about: Iterable[str] = ()
) -> None:
    """Note that the originals of ``gone``, ids of documents, are to be deleted, and the disk's files scrubbed.

    So are uploads left behind by killed processes that hold one of ``removed``, ids too: their documents are in, and a
    person removed them. Kept questions about documents of the names in ``questions_about`` go as well.
    """
    todo = _Todo(gone=[*gone], removed=[*removed], questions_about=[*questions_about])
    db.execute("INSERT INTO meta VALUES (?, ?)", (_KEY + uuid.uuid4().hex, json.dumps(todo)))


def finish(library: Library) -> None:
    """Do what is noted; nothing where nothing is. What the disk refuses stays noted, and all else is done.

    A note also stays, empty, until the log could be cut (``Library.scrub``). Raises LibraryError, LibraryLocked,
    LibraryDamaged.
    """
    notes = _noted(library)
    if not notes:
        return
    refused: list[OSError | LibraryError] = []
    left = {key: _carry_out(library, todo, refused) for key, todo in notes.items()}
    scrubbed = library.scrub()
    with library.database.writing() as db:
        for key, todo in left.items():
            if scrubbed and not any(todo.values()):
                db.execute("DELETE FROM meta WHERE key = ?", (key,))
            else:
                db.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(todo), key))
    library.database.truncate_log()  # the notes may hold names
    if refused:
        reason = refused[0].message if isinstance(refused[0], LibraryError) else str(refused[0])
        raise LibraryError(
            f"not all that was removed could be deleted from the disk: {reason}",
            f"Check who may write to {library.folder}; it is deleted when the library is opened next.",
        ) from refused[0]


def finish_or_wait(library: Library) -> None:
    """As ``finish``; what cannot be done now is logged and waits. Raises LibraryDamaged."""
    try:
        finish(library)
    except LibraryDamaged:
        raise
    except LibraryLocked:  # another process is at it
        log.info("what removals left to do in %s waits: another process is writing", library.name)
    except (LibraryError, OSError) as error:
        log.warning("what removals left to do in %s waits for the next opening: %s", library.name, error)


def yet_to_delete(library: Library) -> list[str]:
    """The ids of documents whose originals a removal has yet to delete."""
    return [document_id for todo in _noted(library).values() for document_id in todo["gone"]]


def _noted(library: Library) -> dict[str, _Todo]:
    with library.database.reading() as db:
        rows = db.execute("SELECT key, value FROM meta WHERE key LIKE ? ORDER BY key", (f"{_KEY}%",)).fetchall()
    return {row["key"]: json.loads(row["value"]) for row in rows}


def _carry_out(library: Library, todo: _Todo, refused: list[OSError | LibraryError]) -> _Todo:
    """Do what one note asks for; returns what of it is left to do, and adds why to ``refused``."""

    def is_done(step: Callable[[], None]) -> bool:
        try:
            step()
        except (LibraryLocked, LibraryDamaged):
            raise
        except (LibraryError, OSError) as error:
            refused.append(error)
            return False
        return True

    gone, removed, about = todo["gone"], todo["removed"], todo["questions_about"]
    return {
        "gone": [one for one in gone if not is_done(partial(_delete_original, library, one))],
        "removed": [] if is_done(partial(_drop_left_behind, library, removed)) else removed,
        "questions_about": [] if is_done(partial(forget_about, library.folder, about)) else about,
    }


def _delete_original(library: Library, document_id: str) -> None:
    with library.database.writing() as db:  # so that the document does not come in meanwhile
        if not is_known(db, document_id):
            uploads.forget(library.uploads_dir, document_id)


def _drop_left_behind(library: Library, removed: list[str]) -> None:
    """Drop uploads of killed processes that hold a document which was removed."""
    for path in incoming.left_behind(library.incoming_dir) if removed else ():
        with suppress(FileNotFoundError):  # another process took it over
            with path.open("rb") as file:
                document_id = hashlib.file_digest(file, "sha256").hexdigest()
            if document_id in removed and not library.has(document_id):
                incoming.drop(path)


def is_known(db: sqlite3.Connection, document_id: str) -> bool:
    """Whether a document is in the library, or was replaced and can be brought back."""
    query = "SELECT 1 FROM documents WHERE id = ?1 UNION SELECT 1 FROM former WHERE document_id = ?1"
    return bool(db.execute(query, (document_id,)).fetchone())
