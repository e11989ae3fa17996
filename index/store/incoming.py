"""Uploaded files that are on their way into the library: kept on the disk from the moment a person gives them.

    incoming/DESK/NUMBER/NAME     a file as it was given, until its document is in the library
    incoming/DESK.lock            held by the process that takes the desk's files in

A file leaves when its document is in, when it turned out to be unreadable, or when the person pressed Stop. A process
that was killed holds no lock any more: the next one takes its files over.
"""

from __future__ import annotations

import logging
import shutil
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.files import private_folder, write_atomically
from index.store.uploads import safe_name

log = logging.getLogger(__name__)


class Desk:
    """The uploads that one process takes in. Safe to use from many threads."""

    def __init__(self, incoming: Path) -> None:
        """``incoming`` is the library's folder for them; nothing is written before the first file comes."""
        self._incoming = incoming
        self._name = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._held: FileLock | None = None
        self._number = 0

    def keep(self, name: str, data: bytes) -> Path:
        """Keep a file under a safe form of its name, apart from all others; give the path to ``index.build.ingest``.

        Raises OSError where the disk refuses.
        """
        path = self._place() / safe_name(name)
        write_atomically(path, data)
        return path

    def take_over(self, refused: list[OSError] | None = None) -> list[Path]:
        """The files that processes which are gone have left behind, in order; they are this desk's from here on.

        Files that the disk does not give up stay where they are; why is logged, and added to ``refused``.
        """
        taken: list[Path] = []
        refused = [] if refused is None else refused
        with _noted(refused):
            for lock, folder in _desks(self._incoming):
                with _noted(refused), suppress(Timeout), FileLock(lock, timeout=0, mode=0o600):
                    self._take(folder, taken)
                    shutil.rmtree(folder, ignore_errors=True)
                    lock.unlink(missing_ok=True)
        return taken

    def _take(self, folder: Path, taken: list[Path]) -> None:
        """Move the files of a desk to this one, and add them to ``taken`` one by one. Raises OSError."""
        for path in waiting(folder):
            target = self._place() / path.name
            private_folder(target.parent)
            path.replace(target)
            taken.append(target)

    def close(self) -> None:
        """Give up the desk: files that are still there are the next process's."""
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
        """A folder for one more file; the desk is locked before its first."""
        with self._lock:
            if self._held is None:
                private_folder(self._incoming)
                # Not thread-local: the thread that closes the desk is another than the one that opened it.
                held = FileLock(self._incoming / f"{self._name}.lock", timeout=0, mode=0o600, thread_local=False)
                held.acquire()
                self._held = held
            self._number += 1
            return self._incoming / self._name / f"{self._number:06}"


@contextmanager
def _noted(refused: list[OSError]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.warning("uploads that were left behind could not be taken over: %s", error)
        refused.append(error)


def waiting(folder: Path) -> list[Path]:
    """The files below a desk, or below all of them, in the order in which they came."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _is_upload(folder, path))


def left_behind(incoming: Path) -> list[Path]:
    """The files that no living process takes in."""
    found = []
    for lock, folder in _desks(incoming):
        with suppress(Timeout), FileLock(lock, timeout=0, mode=0o600):
            found += waiting(folder)
    return found


def is_incoming(incoming: Path, path: Path) -> bool:
    """Whether a file is an upload on its way in."""
    return path.absolute().is_relative_to(incoming.absolute())


def drop(path: Path) -> None:
    """Delete an upload that is in, or that nobody wants any more; one that is gone is fine."""
    path.unlink(missing_ok=True)
    with suppress(OSError):  # another file came to its folder, or it is gone
        path.parent.rmdir()


def hand_over(incoming: Path, paths: Sequence[Path]) -> None:
    """Put files that lie elsewhere in the library's folder where the next process takes them over.

    One that is gone was put there by another process. Raises OSError where the disk refuses.
    """
    if not paths:
        return
    folder = incoming / uuid.uuid4().hex
    private_folder(incoming)
    with FileLock(folder.with_suffix(".lock"), timeout=0, mode=0o600):  # whoever takes them over takes all
        for number, path in enumerate(paths, 1):
            place = folder / f"{number:06}"
            private_folder(place)
            with suppress(FileNotFoundError):
                path.replace(place / path.name)


def _desks(incoming: Path) -> list[tuple[Path, Path]]:
    """The lock and the folder of every desk."""
    folders = sorted(path for path in incoming.glob("*") if path.is_dir())
    return [(folder.with_suffix(".lock"), folder) for folder in folders]


def _is_upload(folder: Path, path: Path) -> bool:
    """Not so what a killed process left half-written."""
    return path.relative_to(folder).parts[:-1] != () and not path.name.startswith(".")
