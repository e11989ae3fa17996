"""Uploaded files on their way into the library: on the disk from the moment of the upload until they are ingested.

    incoming/INBOX/NUMBER/NAME    an uploaded file, until its document is in the library
    incoming/INBOX.lock           held by the process that ingests the files of this inbox

A file is deleted or moved away when its document is in, when it is unreadable, or when the person gives it up. What is
to become of it is a job of the library (``index.store.job_queue``); where a process was killed before it had said so,
its lock is free, and the next one makes it a job.
"""

from __future__ import annotations

import re
import shutil
import threading
import unicodedata
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.files import private_folder, write_atomically

_MOST_BYTES = 200
"""Bytes of a file's name; file systems allow 255, and temporary names beside it are longer."""

_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]+')


def safe_name(name: str) -> str:
    """The file name at the end of ``name`` without what file systems refuse: spaces and emoji stay, ``../`` goes.

    >>> safe_name("../../etc/pass wd.txt")
    'pass wd.txt'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    cleaned = "".join(c for c in _UNSAFE.sub("_", last) if unicodedata.category(c) not in ("Cs", "Cn", "Cc"))
    cleaned = cleaned.strip(" ").lstrip(".").rstrip(". ") or "upload"
    stem, dot, suffix = cleaned.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        stem, dot, suffix = cleaned, "", ""
    room = _MOST_BYTES - len((dot + suffix).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + suffix


class UploadInbox:
    """The uploads that one process ingests. Safe to use from many threads."""

    def __init__(self, incoming: Path) -> None:
        """``incoming`` is the library's ``incoming_dir``; nothing is written before the first file comes."""
        self._incoming = incoming
        self._name = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._held: FileLock | None = None
        self._number = 0

    def keep(self, name: str, data: bytes) -> Path:
        """Save an upload under a safe form of its name, in a folder of its own.

        Returns its path, for ``index.build.ingest``. Raises OSError where the disk refuses.
        """
        path = self._place() / safe_name(name)
        write_atomically(path, data)
        return path

    def close(self) -> None:
        """Release the inbox; files that are still in it stay for their job."""
        with self._lock:
            if self._held is None:
                return
            lock = Path(self._held.lock_file)
            if not waiting(self._incoming / self._name):
                shutil.rmtree(self._incoming / self._name, ignore_errors=True)
                lock.unlink(missing_ok=True)
            self._held.release()
            self._held = None

    def _place(self) -> Path:
        """The folder for one more file; the inbox is locked before its first."""
        with self._lock:
            if self._held is None:
                private_folder(self._incoming)
                # Not thread-local: the thread that closes the inbox is another than the one that opened it.
                held = FileLock(self._incoming / f"{self._name}.lock", timeout=0, mode=0o600, thread_local=False)
                held.acquire()
                self._held = held
            self._number += 1
            return self._incoming / self._name / f"{self._number:06}"


def waiting(folder: Path) -> list[Path]:
    """The uploads in one inbox, or in all where ``folder`` is ``incoming_dir``, in the order of their upload."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _is_upload(folder, path))


def left_behind(incoming: Path) -> list[Path]:
    """The uploads whose process has ended."""
    found = []
    for lock, folder in _inboxes(incoming):
        with suppress(Timeout), FileLock(lock, timeout=0, mode=0o600):
            found += waiting(folder)
    return found


def sweep(incoming: Path) -> None:
    """Delete what processes that have ended left of inboxes without a file. Raises OSError."""
    for lock, folder in _inboxes(incoming):
        with suppress(Timeout), FileLock(lock, timeout=0, mode=0o600):
            if not waiting(folder):
                shutil.rmtree(folder, ignore_errors=True)
                lock.unlink(missing_ok=True)


def is_incoming(incoming: Path, path: Path) -> bool:
    """Whether a path is below ``incoming``, that is, an upload."""
    return path.absolute().is_relative_to(incoming.absolute())


def drop(path: Path) -> None:
    """Delete an upload that is ingested or no longer wanted; a missing file is no error."""
    path.unlink(missing_ok=True)
    with suppress(OSError):  # another file came to its folder, or it is gone
        path.parent.rmdir()


def hand_over(incoming: Path, paths: Sequence[Path]) -> None:
    """Move files from elsewhere in the library's folder into an inbox of their own, as if its process had ended.

    A missing file was moved by another process. Raises OSError where the disk refuses.
    """
    if not paths:
        return
    folder = incoming / uuid.uuid4().hex
    private_folder(incoming)
    with FileLock(folder.with_suffix(".lock"), timeout=0, mode=0o600):  # whoever finds them finds all
        for number, path in enumerate(paths, 1):
            place = folder / f"{number:06}"
            private_folder(place)
            with suppress(FileNotFoundError):
                path.replace(place / path.name)


def _inboxes(incoming: Path) -> list[tuple[Path, Path]]:
    """The lock file and the folder of every inbox."""
    folders = sorted(path for path in incoming.glob("*") if path.is_dir())
    return [(folder.with_suffix(".lock"), folder) for folder in folders]


def _is_upload(folder: Path, path: Path) -> bool:
    """Whether a file is a whole upload: not one that a killed process left half-written."""
    return path.relative_to(folder).parts[:-1] != () and not path.name.startswith(".")
