"""The originals of uploaded files, each in a folder of its document: uploads/ID/NAME."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from core.errors import LibraryError
from core.files import private_folder
from index.store import replaced, upload_inbox
from index.store.library_folder import LibraryFolder

_ID_CHARACTERS = 16
"""The first characters of a document's id that name its folder: 64 bits of the SHA-256 of its file."""


def folder_of(uploads: Path, document_id: str) -> Path:
    """The folder for the original of a document, whether it has one or not."""
    return uploads / document_id[:_ID_CHARACTERS]


def has_original(uploads: Path, document_id: str) -> bool:
    """Whether the original of a document is kept. A process that was killed may have left its folder empty."""
    return any(folder_of(uploads, document_id).glob("*"))


def keep(uploads: Path, document_id: str, path: Path) -> None:
    """Move an uploaded file to the folder of its document.

    Raises LibraryError where the disk refuses; the file then stays where it is.
    """
    target = folder_of(uploads, document_id) / path.name
    try:
        private_folder(target.parent)
        path.replace(target)
    except OSError as error:
        raise LibraryError(
            f"the original of {path.name} could not be kept: {error.strerror}.", f"Check who may write to {uploads}."
        ) from error


def keep_original(library: LibraryFolder, document_id: str, path: Path) -> bool:
    """Move an uploaded file to the originals, or delete it where its document has an original.

    Returns False, and does nothing, where the document is not in the library. Raises LibraryError, LibraryLocked.
    """
    with library.database.writing() as db:  # so that nobody removes the document meanwhile
        if not replaced.is_known(db, document_id):
            return False
        if has_original(library.uploads_dir, document_id):
            upload_inbox.drop(path)
        else:
            keep(library.uploads_dir, document_id, path)
    return True


def forget(uploads: Path, document_id: str) -> None:
    """Delete the original of a document, where it has one. Raises OSError where the disk refuses."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder_of(uploads, document_id))
