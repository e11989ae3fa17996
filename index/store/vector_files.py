"""The files beside a library that hold its vector index: whole or not there, checked when read, gone with a removal.

A file's name carries the library's identity, the generation it was built from and the index's number of lists. Nobody
waits for anybody; a removal is final all the same, whichever process sleeps or dies at whichever moment:

- A writer makes its temporary file, *then* asks whether something was removed since its generation, and only then
  writes, through the open file and never by name.
- Who removes commits first, *then* deletes all files of earlier generations, temporary ones too (``tidy``).

So a temporary file is either there to be deleted, and its writer finds it gone when it would take the final name, or
it was made after the commit, and its writer learns of that before the first byte.
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from index.store import faiss_index
from index.store.library import VECTORS

if TYPE_CHECKING:
    from index.store.library import Library

_NAME = re.compile(
    r"\.?vectors-(?P<identity>[0-9a-f]+)-(?P<generation>\d+)(?:-(?P<lists>\d+))?\.faiss(?:\.[0-9a-f]+\.tmp)?"
)

_SEAL = b"lectern-crc32:"
"""Stands at the end of a file, before the CRC-32 of all that precedes it: FAISS may crash on bytes that are not its."""

_STEP = 1 << 20
"""Bytes read, and written, at a time."""

_STALE_S = 3600.0
"""Seconds after which a half-written file belongs to a process that was killed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved index: its file, the library and the generation that it was built from, its lists (0: exact).

    ``begun``: a temporary file.
    """

    path: Path
    identity: str
    generation: int
    lists: int
    begun: bool

    @property
    def age(self) -> tuple[int, int]:
        """Larger for a newer file; of one generation, the one with more lists is the newer."""
        return self.generation, self.lists


def saved(library: Library) -> list[Saved]:
    """The saved indexes of this very library, newest first."""
    found = [one for one in _all_files(library.folder) if one.identity == library.identity and not one.begun]
    return sorted(found, key=lambda one: one.age, reverse=True)


def read(path: Path) -> faiss_index.Index:
    """The index in a file. None where it is gone or may not be read, or is damaged, and then is deleted."""
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


def write(library: Library, index: faiss_index.Index, generation: int) -> bool:
    """Save an index that stands at ``generation``, then ``tidy``.

    False, and nothing is saved, where documents were removed since, or another library has taken this one's place.
    Raises OSError, for a full disk for example.
    """
    name = f"vectors-{library.identity}-{generation}-{faiss_index.lists_of(index)}.faiss"
    target = library.folder / name
    if not target.exists() and not _write_new(library, index, generation, target):
        return False
    tidy(library)
    return True


def tidy(library: Library) -> None:
    """Delete the files that hold vectors of removed documents, and all others but the newest. Raises OSError.

    Files that a writer is renaming may escape one look at the folder, but not two.
    """
    clean = 0
    while clean < 2:
        files = _all_files(library.folder)
        standing = _standing(library)  # only then: no file is from a later generation than this
        if standing is None or standing.identity != library.identity:
            return
        superfluous = _superfluous(files, standing)
        for one in superfluous:
            one.path.unlink(missing_ok=True)
        clean = 0 if superfluous else clean + 1


def discard(library: Library) -> None:
    """Delete all saved indexes; the next search makes its own from the library. Raises OSError."""
    for one in _all_files(library.folder):
        one.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the library's file says at this moment. ``removed`` is the generation of the last removal, or 0."""

    identity: str
    generation: int
    removed: int


def _standing(library: Library) -> _Standing | None:
    """Read from the file that has the library's name, which need not be the one that ``library`` has open.

    None where there is none, or none that can be read.
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


def _write_new(library: Library, index: faiss_index.Index, generation: int, target: Path) -> bool:
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

    def write_part(part: bytes) -> int:
        nonlocal checksum
        checksum = zlib.crc32(part, checksum)
        return file.write(part)

    faiss.write_index(index, faiss.PyCallbackIOWriter(write_part, _STEP))  # type: ignore[attr-defined]
    file.write(_SEAL + checksum.to_bytes(4, "little"))


def _is_sealed(file: BinaryIO) -> bool:
    left = file.seek(0, os.SEEK_END) - len(_SEAL) - 4
    file.seek(0)
    checksum = 0
    while left > 0 and (part := file.read(min(left, _STEP))):
        checksum = zlib.crc32(part, checksum)
        left -= len(part)
    return left == 0 and file.read() == _SEAL + checksum.to_bytes(4, "little")


def _all_files(folder: Path) -> list[Saved]:
    """Temporary files first: one that is renamed between the two looks is seen under its final name."""
    found = []
    for path in [*folder.glob(f".{VECTORS}.*.tmp"), *folder.glob(VECTORS)]:
        match = _NAME.fullmatch(path.name)
        about = (match["identity"], int(match["generation"]), int(match["lists"] or 0)) if match else ("", 0, 0)
        found.append(Saved(path, *about, begun=path.name.startswith(".")))
    return found


def _superfluous(files: list[Saved], standing: _Standing) -> list[Saved]:
    """All but the newest, and those that are being written, of a generation that the library had since a removal."""
    known = [
        one
        for one in files
        if one.identity == standing.identity and standing.removed <= one.generation <= standing.generation
    ]
    newest = max((one for one in known if not one.begun), key=lambda one: one.age, default=None)
    kept = [one for one in known if (not _is_stale(one.path) if one.begun else one is newest)]
    return [one for one in files if one not in kept]


def _is_stale(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _STALE_S
    except FileNotFoundError:  # its process has just finished it
        return False
