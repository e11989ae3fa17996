"""Originals as older versions of the program kept them: side by side in uploads/, under their file names."""

from __future__ import annotations

import logging
from pathlib import Path

from core.digests import sha256_of
from core.errors import LibraryDamaged, LibraryError
from index.store import originals, upload_inbox
from index.store.library_folder import LibraryFolder

log = logging.getLogger(__name__)


def settle(library: LibraryFolder) -> None:
    """Move each to the folder of its document; one without a document is ingested again.

    The hash of the file tells its document, since a newer version may have the same name. A file that the disk does not
    let go is logged and stays for the next opening. Raises LibraryDamaged.
    """
    strays = []
    for path in sorted(library.uploads_dir.glob("*")):
        try:
            if path.name.startswith(".") or not path.is_file():
                continue
            document_id = sha256_of(path)
            if not originals.keep_original(library, document_id, path):
                strays.append(path)
        except LibraryDamaged:
            raise
        except FileNotFoundError:  # another process that opens the library brought it there
            continue
        except (LibraryError, OSError) as error:
            _say_left(path, error)
    try:
        upload_inbox.hand_over(library.incoming_dir, strays)
    except OSError as error:
        _say_left(library.uploads_dir, error)


def _say_left(path: Path, error: Exception) -> None:
    log.warning("%s is brought to its document when the library is opened next: %s", path, error)
