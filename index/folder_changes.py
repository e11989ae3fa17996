"""What has changed in folders since the library took them in, told by the content of their files."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.digests import sha256_of
from core.errors import Cancelled, UsageError
from core.settings import Settings
from index.gone_files import refuse_emptied
from index.own_files import is_own
from index.store.library import Library
from index.store.sources import is_gone, name_of, of_path, path_of
from index.store.statements import Move
from ingest.folder import FoundFile, find_files, shown
from ingest.ignore import is_left_out


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What an ingest of the folders would change.

    ``added`` are files whose place is new, ``changed`` those with other content at a known place. ``moved`` documents
    have another place now, ``gone`` files are deleted and ``left_out`` ones named in a .lecternignore; both are names
    of documents by source. ``digests`` are the hashes of all files that are there.
    """

    added: tuple[FoundFile, ...] = ()
    changed: tuple[FoundFile, ...] = ()
    moved: tuple[Move, ...] = ()
    gone: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    unchanged: int = 0
    digests: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.moved or self.gone or self.left_out)

    def without(self, passed_over: Callable[[FoundFile], bool]) -> FolderChanges:
        """The same without the files, added or changed, that are to be passed over."""
        added, changed = (tuple(f for f in files if not passed_over(f)) for files in (self.added, self.changed))
        return replace(self, added=added, changed=changed)

    def without_gone(self) -> FolderChanges:
        """The same without what would be taken out."""
        return replace(self, gone={}, left_out={})


class Digests:
    """The hashes of files' contents; a file whose inode, size and times are as before is not read again."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}

    def of(self, path: Path) -> str:
        """The SHA-256 of a file, in hexadecimal. Raises OSError."""
        status = path.stat()
        moment = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known = self._known.get(path)
        if known is None or known[0] != moment:
            known = self._known[path] = (moment, sha256_of(path))
        return known[1]


def find_changes(
    folders: Sequence[Path],
    library: Library,
    settings: Settings,
    *,
    digests: Digests | None = None,
    cancel: threading.Event | None = None,
) -> FolderChanges:
    """Compare folders with what the library has of them; nothing is changed.

    Raises UsageError for what is no folder, and for one that documents came from and where no file is left, as where
    its drive is not connected; Cancelled.
    """
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{shown(folder)} is a file.", "Name a folder; a file is added by `lectern ingest FILE`.")
    files = [found for found in find_files(folders) if not is_own(found.path, library, settings)]
    refuse_emptied(folders, library)
    there = _hashed(files, digests or Digests(), cancel or threading.Event())
    known = library.files()
    moved = _moved({source: digest for source, (_, digest) in there.items()}, known)
    places = {move.source for move in moved}
    added: list[FoundFile] = []
    changed: list[FoundFile] = []
    for source, (found, digest) in there.items():
        if source not in places and (not digest or known.get(source) != digest):
            (changed if source in known else added).append(found)
    left = set(known) - set(there) - {move.before for move in moved}
    gone = {source: name for source, name in library.gone_below(folders).items() if source in left}
    out = sorted(source for source in left - set(gone) if _is_left_out(source, folders))
    names = library.names_of([known[source] for source in out])
    return FolderChanges(
        tuple(added),
        tuple(changed),
        moved,
        gone,
        {source: names[known[source]] for source in out},
        len(there) - len(added) - len(changed) - len(moved),
        frozenset(digest for _, digest in there.values()),
    )


def _hashed(files: Iterable[FoundFile], digests: Digests, cancel: threading.Event) -> dict[str, tuple[FoundFile, str]]:
    """Each file with the hash of its content, by source; "" where it cannot be read."""
    there = {}
    for found in files:
        if cancel.is_set():
            raise Cancelled("the folders were not looked through to the end.")
        digest = ""
        if found.problem is None:
            try:
                digest = digests.of(found.path)
            except OSError:
                digest = ""  # reading it tells the person why
        there[of_path(found.path)] = (found, digest)
    return there


def _moved(there: Mapping[str, str], known: Mapping[str, str]) -> tuple[Move, ...]:
    """The documents whose file is at another place: the content is there, and no longer where it was.

    ``there`` and ``known`` are the hashes of files by source, now and in the library. A place of the same name is
    taken before others.
    """
    came: dict[str, list[str]] = {}
    for source, digest in there.items():
        if digest and known.get(source) != digest:
            came.setdefault(digest, []).append(source)
    moves = []
    for before, digest in known.items():
        if not came.get(digest) or (there[before] == digest if before in there else not is_gone(before)):
            continue
        source = min(came[digest], key=lambda place: (os.path.basename(place) != os.path.basename(before), place))  # noqa: PTH119
        came[digest].remove(source)
        moves.append(Move(digest, before, source, name_of(source)))
    return tuple(moves)


def _is_left_out(source: str, folders: Sequence[Path]) -> bool:
    """Whether a .lecternignore in one of these folders names a file of the library."""
    path = path_of(source)
    for folder in folders:
        place = path_of(of_path(folder)) or folder
        if path is not None and path.is_relative_to(place):
            return is_left_out(path, place)
    return False
