"""SHA-256 of files: computed, and where it was found right, noted so that it is computed again only after a change."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.files import write_atomically


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_once(notes: Path, file: Path, sha256: str, verify: Callable[[], None]) -> None:
    """Call ``verify``, which raises where ``file`` is not the one with that SHA-256 (hex), unless it was found whole.

    What was found is noted in the JSON file ``notes`` by size, time and sum. Raises OSError where there is no ``file``.
    """
    if _noted(notes).get(str(file)) != _mark(file, sha256):
        verify()
        note_checked(notes, file, sha256)


def note_checked(notes: Path, file: Path, sha256: str) -> None:
    """Note that ``file`` was found to be the one with that SHA-256; it is then not checked until it changes."""
    with suppress(OSError):  # no space, or a home that is only read: checked again next time
        found = {**_noted(notes), str(file): _mark(file, sha256)}
        write_atomically(notes, json.dumps(found, indent=1).encode())


def _mark(file: Path, sha256: str) -> str:
    stat = file.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}:{sha256}"


def _noted(notes: Path) -> dict[str, object]:
    try:
        found = json.loads(notes.read_text())
    except (OSError, ValueError):  # missing or torn: check again
        return {}
    return found if isinstance(found, dict) else {}
