"""The file that a document was read from, where it is still there and still the same."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.digests import sha256_of
from index.store.originals import folder_of
from index.store.sources import path_of

if TYPE_CHECKING:
    from index.store.library import Library


def original_of(library: Library, document_id: str) -> Path | None:
    """The file whose bytes the document was read from; None where it is gone, has changed, or was inside another."""
    kept = sorted(folder_of(library.uploads_dir, document_id).glob("*"))
    named = (path_of(source) for source in library.sources_of(document_id))
    paths = [*kept, *(path for path in named if path is not None)]
    return next((path for path in paths if _digest_of(path) == document_id), None)


def _digest_of(path: Path) -> str:
    try:
        state = path.stat()
        return _digest(path, state.st_mtime_ns, state.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=1000)
def _digest(path: Path, _changed: int, _size: int) -> str:
    return sha256_of(path)
