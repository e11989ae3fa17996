"""The steps of a removal after its transaction: originals, what a model kept of them and kept questions are deleted,
the disk's files scrubbed.

They are noted in the transaction that removes the rows, and the note is deleted when all are done: what a killed
process left is finished by the next one that opens the library.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TypedDict

from core.digests import sha256_of
from core.errors import LibraryDamaged, LibraryError, LibraryLocked
from core.state_files import drop_states
from index.store import originals, upload_inbox
from index.store.document_queries import DocumentQueries
from index.store.kept_questions import forget_about
from index.store.replaced import is_known
from index.store.scrub import scrub

log = logging.getLogger(__name__)

_KEY = "unfinished:"


class _Todo(TypedDict):
    gone: list[str]
    removed: list[str]
    questions_about: list[str]


def note(
    db: sqlite3.Connection, gone: Iterable[str], removed: Iterable[str] = (), questions_about: Iterable[str] = ()
) -> None:
    """Note that the originals of documents are to be deleted and the disk's files scrubbed.

    ``gone`` are the ids of documents whose originals are deleted. ``removed`` are the ids of documents that a person
    removed: uploads of these that killed processes left behind are deleted too. ``questions_about`` are names of
    documents about which kept questions are deleted.
    """
    todo = _Todo(gone=[*gone], removed=[*removed], questions_about=[*questions_about])
    db.execute("INSERT INTO meta VALUES (?, ?)", (_KEY + uuid.uuid4().hex, json.dumps(todo)))


def finish(library: DocumentQueries) -> None:
    """Carry out all notes. A step that the disk refuses stays noted, and all others are done.

    A note also stays, empty, until the log could be truncated (``index.store.scrub``). Raises LibraryError,
    LibraryLocked, LibraryDamaged.
    """
    notes = _noted(library)
    if not notes:
        return
    refused: list[OSError | LibraryError] = []
    left = {key: _carry_out(library, todo, refused) for key, todo in notes.items()}
    scrubbed = scrub(library)
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


def finish_or_wait(library: DocumentQueries) -> None:
    """As ``finish``, but what cannot be done now is logged and waits for the next opening. Raises LibraryDamaged."""
    try:
        finish(library)
    except LibraryDamaged:
        raise
    except LibraryLocked:  # another process is at it
        log.info("what removals left to do in %s waits: another process is writing", library.name)
    except (LibraryError, OSError) as error:
        log.warning("what removals left to do in %s waits for the next opening: %s", library.name, error)


def drop_states_of_others(library: DocumentQueries) -> None:
    """Delete what models kept of documents that are not in the library: one may have been removed while it was read.

    What the disk refuses waits for the next opening.
    """
    try:
        drop_states(library.open_dir, lambda document_id: not library.has(document_id))
    except OSError as error:
        log.warning("what a model kept of documents of %s could not be deleted: %s", library.name, error)


def yet_to_delete(library: DocumentQueries) -> list[str]:
    """The ids of removed documents whose originals are not deleted yet."""
    return [document_id for todo in _noted(library).values() for document_id in todo["gone"]]


def _noted(library: DocumentQueries) -> dict[str, _Todo]:
    with library.database.reading() as db:
        rows = db.execute("SELECT key, value FROM meta WHERE key LIKE ? ORDER BY key", (f"{_KEY}%",)).fetchall()
    return {row["key"]: json.loads(row["value"]) for row in rows}


def _carry_out(library: DocumentQueries, todo: _Todo, refused: list[OSError | LibraryError]) -> _Todo:
    """Carry out one note; returns the steps that are left, and appends their errors to ``refused``."""

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
        "gone": [key for key in gone if not is_done(partial(_delete_original, library, key))],
        "removed": [] if is_done(partial(_drop_left_behind, library, removed)) else removed,
        "questions_about": [] if is_done(partial(forget_about, library.folder, about)) else about,
    }


def _delete_original(library: DocumentQueries, document_id: str) -> None:
    with library.database.writing() as db:  # so that the document does not come in meanwhile
        if not is_known(db, document_id):
            originals.forget(library.uploads_dir, document_id)
            drop_states(library.open_dir, lambda one: one == document_id)


def _drop_left_behind(library: DocumentQueries, removed: list[str]) -> None:
    """Delete uploads of killed processes whose documents were removed."""
    for path in upload_inbox.left_behind(library.incoming_dir) if removed else ():
        with suppress(FileNotFoundError):  # another process took it over
            document_id = sha256_of(path)
            if document_id in removed and not library.has(document_id):
                upload_inbox.drop(path)
