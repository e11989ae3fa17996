"""Originals as older versions of the program left them: side by side in the library's folder, under their names."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import LibraryDamaged, LibraryError
from index.store import incoming

if TYPE_CHECKING:
    from index.store.library import Library

log = logging.getLogger(__name__)


def settle(library: Library) -> None:
    """Bring each to where the original of its document is looked for; one of no document is taken in anew.

    Which document it belongs to is told by its content: its name may be that of a newer version by now. What the disk
    refuses stays for the next opening. Raises LibraryDamaged.
    """
    strays = []
    for path in sorted(library.uploads_dir.glob("*")):
        try:
            if path.name.startswith(".") or not path.is_file():
                continue
            with path.open("rb") as file:
                document_id = hashlib.file_digest(file, "sha256").hexdigest()
            if not library.keep_original(document_id, path):
                strays.append(path)
        except LibraryDamaged:
            raise
        except FileNotFoundError:  # another process that opens the library brought it there
            continue
        except (LibraryError, OSError) as error:
            _say_left(path, error)
    try:
        incoming.hand_over(library.incoming_dir, strays)
    except OSError as error:
        _say_left(library.uploads_dir, error)


def _say_left(path: Path, error: Exception) -> None:
    log.warning("%s is brought to its document when the library is opened next: %s", path, error)
