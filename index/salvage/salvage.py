"""A damaged library's file -> a new one with all that can be read; the damaged one is kept beside it.

Documents are put into the new library as by an ingest, conversations are copied.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import EmbedderMismatch, LibraryError, LibraryLocked, ModelError
from core.files import private_folder
from core.protocols import Embedder
from core.settings import Settings
from index.build import ingest
from index.salvage.damaged_rows import Remains
from index.salvage.documents import DocumentRescue, Lost
from index.salvage.saved_chats import ChatRescue
from index.salvage.sqlite_pages import Pages
from index.store import originals
from index.store.database import Database
from index.store.library import FILE, Library
from index.store.sources import UPLOAD, of_path
from index.store.upload_inbox import UploadInbox, drop

_LOCKED_FROM, _LOCKED_BYTES = 0x4000_0000, 512
"""The bytes that SQLite's processes lock to read and to write a file, as its format lays down."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The outcome of ``salvage``. ``kept`` is the damaged file; counts are of what was saved, except ``lost_*``.

    ``remade`` counts the saved documents whose chunks or vectors had to be made again. ``replaced`` are the ids of
    replaced versions, which can no longer be brought back.
    """

    kept: Path
    documents: int
    remade: int
    lost: tuple[Lost, ...]
    chats: int
    messages: int
    lost_chats: int
    lost_messages: int
    replaced: frozenset[str] = frozenset()


def salvage(settings: Settings, load_embedder: Callable[[], Embedder]) -> Salvaged:
    """Save what can be read of the library that the settings name into a new file, which replaces the damaged one.

    The damaged file is kept. A kill leaves either the damaged file in place or the new one. ``load_embedder`` is called
    only where chunks or vectors must be made again; where it raises ModelError, these documents are lost.

    Raises LibraryLocked where another process has the library open, LibraryError where the disk is full or refuses, and
    ModelError where the embedder's name is lost and the embedder of the settings cannot be loaded.
    """
    folder = settings.libraries_dir / settings.library
    file = folder / FILE
    try:
        with _locked(file) as stream:
            for left in folder.glob(".salvage-*"):  # of a salvage that was killed
                shutil.rmtree(left, ignore_errors=True)
            building = folder / f".salvage-{secrets.token_hex(4)}"
            building.mkdir(mode=0o700)
            try:
                remains = Remains(Pages(stream, _log_of(file)))
                with Library(Database(building / FILE)) as new:
                    documents = DocumentRescue(remains, new, folder / "uploads", settings, load_embedder)
                    documents.run()
                    chats = ChatRescue(remains, new)
                    chats.run()
                    new.database.truncate_log()
                kept = _exchange(file, building / FILE, stream)
            finally:
                shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        raise LibraryError(
            f"the library in {folder} cannot be repaired: {error.strerror}.",
            "Check the disk's free space and the permissions; the damaged file is where it was.",
        ) from error
    return Salvaged(
        kept,
        documents.saved,
        documents.remade,
        tuple(documents.lost),
        chats.chats,
        chats.messages,
        chats.lost_chats,
        chats.lost_messages,
        frozenset(documents.replaced),
    )


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """The outcome of ``read_again``: files that were ingested again, documents lost for good, uploads put aside."""

    names: tuple[str, ...]
    lost: tuple[Lost, ...]
    aside: tuple[Path, ...]


def read_again(
    salvaged: Salvaged, library: Library, load_embedder: Callable[[], Embedder], settings: Settings
) -> ReadAgain:
    """Ingest the files of lost documents again, where the files still exist.

    An upload that cannot be read is moved beside the damaged file: an ingest would delete it as unreadable.
    """
    aside = _put_aside(salvaged, library)
    named = [Path(source) for lost in salvaged.lost for source in lost.sources if Path(source).is_absolute()]
    inbox = UploadInbox(library.incoming_dir)
    waiting = {inbox.keep(copy.name, copy.read_bytes()): copy for copy in aside if not _is_replaced(copy, salvaged)}
    paths = [*waiting, *(path for path in named if path.is_file())]
    read: list[Path] = []
    with suppress(ModelError, EmbedderMismatch):
        reports = ingest(paths, library, load_embedder(), settings).files if paths else ()
        read = [report.path for report in reports if report.state != "failed"]
    for path, copy in waiting.items():
        drop(path)
        if path in read:
            drop(copy)
    inbox.close()
    with suppress(OSError):  # it is not there, or holds what could not be read
        _beside(salvaged.kept, "-uploads").rmdir()
    sources = {UPLOAD + path.name if path in waiting else of_path(path) for path in read}
    return ReadAgain(
        tuple(path.name for path in read),
        tuple(lost for lost in salvaged.lost if not sources & set(lost.sources)),
        tuple(copy for copy in aside if copy.exists()),
    )


def _put_aside(salvaged: Salvaged, library: Library) -> list[Path]:
    """Move originals of documents that are not in the new library beside the damaged file; returns their new paths."""
    known = {originals.folder_of(library.uploads_dir, record.id) for record in library.documents()}
    aside = []
    for path in sorted(library.uploads_dir.glob("*/*")):
        if path.parent not in known:
            copy = _beside(salvaged.kept, "-uploads") / path.parent.name / path.name
            private_folder(copy.parent)
            path.replace(copy)
            path.parent.rmdir()
            aside.append(copy)
    return aside


def _is_replaced(copy: Path, salvaged: Salvaged) -> bool:
    return any(copy.parent == originals.folder_of(copy.parent.parent, document_id) for document_id in salvaged.replaced)


@contextmanager
def _locked(file: Path) -> Iterator[BinaryIO]:
    """The damaged file, opened and locked against other processes by SQLite's own locks. Raises LibraryLocked."""
    import fcntl

    with file.open("r+b") as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKED_BYTES, _LOCKED_FROM)
        except BlockingIOError as error:
            raise LibraryLocked(
                f"another process has the library '{file.parent.name}' open.",
                "End it (lectern serve, lectern chat, an ingest), and run the repair again.",
            ) from error
        yield stream


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _log_of(file: Path) -> Path:
    """The write-ahead log of the damaged file, also where an exchange was killed after it had moved the log."""
    for kept in sorted(file.parent.glob(f"{FILE}.damaged-*")):
        if not kept.name.endswith(("-wal", "-shm")) and kept.samefile(file):
            return _beside(kept, "-wal")
    return _beside(file, "-wal")


def _exchange(file: Path, new: Path, stream: BinaryIO) -> Path:
    """Give the new file the damaged one's name; returns the path under which the damaged one is kept.

    The old write-ahead log is moved first, since SQLite would apply it to the new file. It is found again through the
    damaged file's second name, which is made before.
    """
    log = _log_of(file)
    if log != _beside(file, "-wal"):
        kept = log.with_name(log.name.removesuffix("-wal"))
    else:
        kept = _free_name(_beside(file, f".damaged-{time.strftime('%Y%m%d-%H%M%S')}"))
        _keep(file, kept, stream)
        if log.exists():
            log.replace(_beside(kept, "-wal"))
    _beside(file, "-shm").unlink(missing_ok=True)
    new.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept


def _keep(file: Path, kept: Path, stream: BinaryIO) -> None:
    """Give the damaged file a second name, or a copy where the file system knows no second names."""
    try:
        kept.hardlink_to(file)
    except OSError:
        stream.seek(0)
        with kept.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
            copy.flush()
            os.fsync(copy.fileno())


def _free_name(path: Path) -> Path:
    number, found = 1, path
    while found.exists():
        number += 1
        found = _beside(path, f"-{number}")
    return found
