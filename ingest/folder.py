"""Files below the paths that a person named."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import UsageError

SKIPPED_FOLDERS = frozenset(
    ("node_modules", "__pycache__", "__MACOSX", "venv", "site-packages", "$RECYCLE.BIN", "System Volume Information")
)
"""Folders that programs fill, beside all whose names begin with a dot."""

SKIPPED_FILES = frozenset(("Thumbs.db", "desktop.ini"))
"""Files that programs leave behind, beside all whose names begin with a dot or "~$" (Office's locks)."""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files named by ``paths`` and those below its folders, each once: as named, folders sorted by name.

    Files named themselves are always there. Below folders hidden ones and what programs leave behind are skipped;
    links are followed, each folder once. What a file holds is told when it is read: one without a reader is reported
    then, not dropped here. Raises UsageError naming the first path that does not exist or cannot be read.
    """
    found: dict[Path, Path] = {}
    visited: set[tuple[int, int]] = set()
    for given in paths:
        path = Path(given).expanduser()
        try:
            files = list(_below(path, visited)) if path.is_dir() else [path]
            for file in files:
                found.setdefault(file.resolve(strict=file is path), file)
        except FileNotFoundError as error:
            raise UsageError(
                f"{given}: no such file or folder.", "Check the spelling, or give the full path."
            ) from error
        except OSError as error:
            raise UsageError(f"{given} cannot be read: {error.strerror}.", "Check who may read it.") from error
    return list(found.values())


def _below(folder: Path, visited: set[tuple[int, int]]) -> Iterator[Path]:
    status = folder.stat()
    if (status.st_dev, status.st_ino) in visited:
        return
    visited.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        path = folder / name
        if name.startswith((".", "~$")):
            continue
        if path.is_dir():
            if name not in SKIPPED_FOLDERS:
                yield from _below(path, visited)
        elif (path.is_file() or path.is_symlink()) and name not in SKIPPED_FILES:
            yield path
