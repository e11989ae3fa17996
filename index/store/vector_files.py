"""The files beside a library that hold its vector index: written atomically, checked when read, deleted by a removal.

The name of a file holds the library's identity, the generation that it was built from, and the number of lists of the
index. For example "vectors-1f3a-17-0.faiss" is an exact index (0 lists) of generation 17.

The files hold vectors of removed documents at no time, although no process waits for another and any may be killed:

- A writer creates its temporary file, *then* checks whether documents were removed since its generation, and only then
  writes, to the file that it opened and not by name.
- A removal commits first, *then* deletes all files of earlier generations, also temporary ones (``delete_stale``).

There are two cases. If the temporary file was created before the removal deletes files, it is deleted too, and the
writer's rename fails. If it was created later, the removal is already committed, and the writer sees it before it
writes a byte.
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import LibraryError
from index.store import faiss_index
from index.store.library_folder import LibraryFolder

VECTORS = "vectors-*.faiss"
"""Derived index files beside the library's database; deleting them loses nothing."""

_NAME = re.compile(
    r"\.?vectors-(?P<identity>[0-9a-f]+)-(?P<generation>\d+)(?:-(?P<lists>\d+))?\.faiss(?:\.[0-9a-f]+\.tmp)?"
)

_SEAL = b"lectern-crc32:"
"""A file ends with this and the CRC-32 of all bytes before it: FAISS may crash when it reads a damaged file."""

_STEP = 1 << 20
"""Bytes read or written at a time."""

_STALE_S = 3600.0
"""Age in seconds from which a temporary file is deleted: the process that wrote it was killed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved index: its file, the library and the generation that it was built from, and its number of lists.

    ``lists`` is 0 for an exact index. ``begun`` is True for a temporary file, which is not complete.
    """

    path: Path
    identity: str
    generation: int
    lists: int
    begun: bool

    @property
    def age(self) -> tuple[int, int]:
        """A key that sorts files from old to new; of one generation the file with more lists is newer."""
        return self.generation, self.lists


def saved(library: LibraryFolder) -> list[Saved]:
    """The saved indexes of this library, newest first."""
    found = [file for file in _all_files(library.folder) if file.identity == library.identity and not file.begun]
    return sorted(found, key=lambda file: file.age, reverse=True)


def read(path: Path) -> faiss_index.Index:
    """The index in a file; None if the file is missing, unreadable or damaged. A damaged file is deleted."""
    import faiss

    try:
        with path.open("rb") as file:
            whole = _is_sealed(file)
        if whole:
            return faiss.read_index(str(path))
        path.unlink(missing_ok=True)
    except (OSError, RuntimeError):  # FAISS's own for a file that another process has just deleted
        return None
    return None


def write(library: LibraryFolder, index: faiss_index.Index, generation: int) -> bool:
    """Save an index that was built from ``generation``, then delete stale files (``delete_stale``).

    Returns False and saves nothing if documents were removed since, or if another library has replaced this one.
    Raises OSError, for example for a full disk.
    """
    name = f"vectors-{library.identity}-{generation}-{faiss_index.lists_of(index)}.faiss"
    target = library.folder / name
    if not target.exists() and not _write_new(library, index, generation, target):
        return False
    delete_stale(library)
    return True


def delete_stale(library: LibraryFolder) -> None:
    """Keep only the newest file, if it has no vectors of removed documents, and temporary files of running writers.

    The folder is listed until two listings in a row show nothing to delete: a file that is being renamed may be missing
    from one of them. Raises OSError.
    """
    clean = 0
    while clean < 2:
        files = _all_files(library.folder)
        standing = _standing(library)  # only then: no file is from a later generation than this
        if standing is None or standing.identity != library.identity:
            return
        superfluous = _superfluous(files, standing)
        for file in superfluous:
            file.path.unlink(missing_ok=True)
        clean = 0 if superfluous else clean + 1


def discard(library: LibraryFolder) -> None:
    """Delete all saved indexes; the next search makes its own from the library. Raises OSError."""
    for file in _all_files(library.folder):
        file.path.unlink(missing_ok=True)


@contextmanager
def explained(library: LibraryFolder) -> Iterator[None]:
    """Raise an OSError of the block as a LibraryError that says what to do."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"the files of the vector index in {library.folder} cannot be written or deleted: {error.strerror}.",
            "Check the disk's free space and the folder's permissions, then run `lectern doctor --repair`.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Standing:
    """The library's current identity and generation. ``removed`` is the generation of the last removal, or 0."""

    identity: str
    generation: int
    removed: int


def _standing(library: LibraryFolder) -> _Standing | None:
    """The state of the library that is now at this path; it may have replaced the one that ``library`` has open.

    None if the file is missing or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{library.database.path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute(
                "SELECT (SELECT value FROM meta WHERE key = 'identity'),"
                " (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'generation'),"
                " (SELECT ifnull(max(generation), 0) FROM removed)"
            ).fetchone()
    except sqlite3.Error:
        return None
    return None if None in row else _Standing(*row)


def _write_new(library: LibraryFolder, index: faiss_index.Index, generation: int, target: Path) -> bool:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            standing = _standing(library)
            if standing is None or standing.identity != library.identity or standing.removed > generation:
                return False
            _write_sealed(index, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except FileNotFoundError:  # deleted because of a removal meanwhile
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _write_sealed(index: faiss_index.Index, file: BinaryIO) -> None:
    import faiss

    checksum = 0

    def write_block(block: bytes) -> int:
        nonlocal checksum
        checksum = zlib.crc32(block, checksum)
        return file.write(block)

    faiss.write_index(index, faiss.PyCallbackIOWriter(write_block, _STEP))  # type: ignore[attr-defined]
    file.write(_SEAL + checksum.to_bytes(4, "little"))


def _is_sealed(file: BinaryIO) -> bool:
    left = file.seek(0, os.SEEK_END) - len(_SEAL) - 4
    file.seek(0)
    checksum = 0
    while left > 0 and (block := file.read(min(left, _STEP))):
        checksum = zlib.crc32(block, checksum)
        left -= len(block)
    return left == 0 and file.read() == _SEAL + checksum.to_bytes(4, "little")


def _all_files(folder: Path) -> list[Saved]:
    """All index files, temporary ones first: one that is renamed meanwhile is listed under its final name."""
    found = []
    for path in [*folder.glob(f".{VECTORS}.*.tmp"), *folder.glob(VECTORS)]:
        match = _NAME.fullmatch(path.name)
        about = (match["identity"], int(match["generation"]), int(match["lists"] or 0)) if match else ("", 0, 0)
        found.append(Saved(path, *about, begun=path.name.startswith(".")))
    return found


def _superfluous(files: list[Saved], standing: _Standing) -> list[Saved]:
    """The files to delete: all except the newest file since the last removal and the temporary files since then."""
    known = [
        file
        for file in files
        if file.identity == standing.identity and standing.removed <= file.generation <= standing.generation
    ]
    newest = max((file for file in known if not file.begun), key=lambda file: file.age, default=None)
    kept = [file for file in known if (not _is_stale(file.path) if file.begun else file is newest)]
    return [file for file in files if file not in kept]


def _is_stale(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _STALE_S
    except FileNotFoundError:  # its process has just finished it
        return False
