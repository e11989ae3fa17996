"""Finds the files at and below the paths that a person named."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import ReadError, UnsupportedFile, UsageError
from ingest.ignore import IgnoreRules
from ingest.web.page import WebPage

SKIPPED_FOLDERS = frozenset(
    ("node_modules", "__pycache__", "__MACOSX", "venv", "site-packages", "$RECYCLE.BIN", "System Volume Information")
)
"""Folders of programs' own files that are skipped, besides those whose names begin with a dot."""

SKIPPED_FILES = frozenset(("Thumbs.db", "desktop.ini"))
"""Files that programs leave behind, besides those whose names begin with a dot or "~$" (Office's locks)."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be read, or with ``problem``, why the path cannot be read.

    ``page`` is the page of the web that it was fetched from, None for a person's own file.
    """

    path: Path
    problem: ReadError | None = None
    page: WebPage | None = None


def find_files(paths: Iterable[Path]) -> list[FoundFile]:
    """The files named by ``paths`` and those below its folders, each once: as named, folders sorted by name.

    Files named themselves are always there. Below folders hidden ones, what programs leave behind and what a
    .lecternignore names are skipped; links are followed, each folder once. What stands at a path but cannot be read (a
    pipe, a link that leads nowhere, a folder that is closed) is found with its problem. What a file holds is told when
    it is read.

    Raises UsageError naming the first of ``paths`` that does not exist, or a .lecternignore that cannot be read.
    """
    found: dict[str, FoundFile] = {}
    visited: set[tuple[int, int]] = set()
    for named in paths:
        path = Path(named).expanduser()
        if not os.path.lexists(path):
            raise UsageError(f"{shown(named)}: no such file or folder.", "Check the spelling, or give the full path.")
        for one in _below(path, IgnoreRules(), visited) if path.is_dir() else (_examined(path),):
            found.setdefault(os.path.realpath(one.path), one)
    return list(found.values())


def shown(path: Path) -> str:
    """The path as text that can be shown and kept; bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _below(folder: Path, rules: IgnoreRules, visited: set[tuple[int, int]]) -> Iterator[FoundFile]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in visited:
            return
        visited.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        yield FoundFile(folder, _closed(folder, error))
        return
    rules = rules.within(folder)
    for name in names:
        path = folder / name
        is_folder = path.is_dir()
        if name.startswith((".", "~$")) or name in (SKIPPED_FOLDERS if is_folder else SKIPPED_FILES):
            continue
        if rules.leaves_out(path, is_folder=is_folder):
            continue
        if is_folder:
            yield from _below(path, rules, visited)
        else:
            yield _examined(path)


def _examined(path: Path) -> FoundFile:
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        return FoundFile(path, _closed(path, error))
    if kind == stat.S_IFREG:
        return FoundFile(path)
    what = _KINDS.get(kind, "something else")
    return FoundFile(path, UnsupportedFile(f"{shown(path)} is not a file but {what}.", "Name a file or a folder."))


def _closed(path: Path, error: OSError) -> ReadError:
    reason = error.strerror or type(error).__name__
    return ReadError(f"{shown(path)} cannot be read: {reason}.", "Check that it is there and who may read it.")
