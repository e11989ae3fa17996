"""The originals of files that came through the browser: kept in the library's folder, a folder for each document."""

import re
import shutil
import unicodedata
from contextlib import suppress
from pathlib import Path

from core.errors import LibraryError
from core.files import private_folder

_MOST_BYTES = 200
"""Of a file's name; file systems take 255, and temporary names beside it need some."""

_ID_CHARACTERS = 16
"""Of a document's id, which is the SHA-256 of its file: 64 bits tell any person's files apart."""

_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]+')


def safe_name(name: str) -> str:
    """The last part of ``name`` without what file systems refuse: spaces and emoji stay, ``../`` goes.

    >>> safe_name("../../etc/pass wd.txt")
    'pass wd.txt'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    cleaned = "".join(c for c in _UNSAFE.sub("_", last) if unicodedata.category(c) not in ("Cs", "Cn", "Cc"))
    cleaned = cleaned.strip(" ").lstrip(".").rstrip(". ") or "upload"
    stem, dot, suffix = cleaned.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        stem, dot, suffix = cleaned, "", ""
    room = _MOST_BYTES - len((dot + suffix).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + suffix


def folder_of(uploads: Path, document_id: str) -> Path:
    """Where the original of a document lies, or would lie."""
    return uploads / document_id[:_ID_CHARACTERS]


def has_original(uploads: Path, document_id: str) -> bool:
    """Whether the original of a document lies there; a process that was killed may have left its folder empty."""
    return any(folder_of(uploads, document_id).glob("*"))


def keep(uploads: Path, document_id: str, path: Path) -> None:
    """Move an uploaded file, of which the document is in the library, to where originals are kept.

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


def forget(uploads: Path, document_id: str) -> None:
    """Delete the original of a document, where it has one. Raises OSError where the disk refuses."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder_of(uploads, document_id))
