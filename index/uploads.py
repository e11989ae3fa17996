"""Files that came through the browser: kept in the library's folder under a safe form of their name."""

import re
import unicodedata
from pathlib import Path

from core.files import write_atomically

PREFIX = "upload:"
_MOST_BYTES = 200
"""Of a file's name; file systems take 255, and temporary names beside it need some."""

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


def store(folder: Path, name: str, data: bytes) -> Path:
    """Keep an uploaded file; one of the same name is replaced in one step. Returns where it lies."""
    path = folder / safe_name(name)
    write_atomically(path, data)
    return path


def source_of(folder: Path, path: Path) -> str:
    """How the library names where ``path`` came from: 'upload:NAME' below ``folder``, else the absolute path."""
    absolute = path.absolute()
    return f"{PREFIX}{absolute.name}" if absolute.parent == folder.absolute() else str(absolute)


def forget(folder: Path, source: str) -> None:
    """Delete the stored file of an upload; other sources are the person's own files and stay."""
    if source.startswith(PREFIX):
        (folder / safe_name(source.removeprefix(PREFIX))).unlink(missing_ok=True)
