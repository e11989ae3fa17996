"""Reads files in order, ahead of those being embedded; each as it was at one moment."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Self

from core.digests import sha256_of
from core.errors import Cancelled, LecternError, ReadError
from core.settings import Settings
from core.types import Document
from index.store.library import Library
from ingest.child import Heard, ReaderPool
from ingest.folder import FoundFile, shown
from ingest.web.page import WebPage

_TRIES = 2
"""Attempts to read a file that changes meanwhile: a program that saves it is done by the second."""

TOGETHER = 32
"""Most files that are read ahead, and handed on together: of one chunk each they fill a batch of the embedder."""

TOGETHER_BYTES = 32 * 1024
"""Most that these have together; a larger file is read ahead, and handed on, alone."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: the hash of its content, and its document or the error; neither where the library has it.

    ``changed`` is the ISO day of its last change; ``size`` is in bytes. ``page`` is the page of the web that it is.
    """

    path: Path
    name: str
    size: int = 0
    digest: str = ""
    changed: str = ""
    document: Document | None = None
    error: LecternError | None = None
    page: WebPage | None = None


class _Ending(threading.Event):
    """An event that also counts as set while ``cancel`` is set."""

    def __init__(self, cancel: threading.Event) -> None:
        super().__init__()
        self._cancel = cancel

    def is_set(self) -> bool:
        return super().is_set() or self._cancel.is_set()


class ReadAhead:
    """A context that yields the files in order, those that are read by then together. To be iterated once.

    At its end reading stops and its processes end.
    """

    def __init__(
        self,
        files: Sequence[FoundFile],
        library: Library,
        settings: Settings,
        cancel: threading.Event,
        give_way: Callable[[], None],
        told: Callable[[str, int, int], None] = lambda _name, _page, _pages: None,
    ) -> None:
        """``told`` is called with the name of the file that is read, and the page that the reader is at, of how many.

        It is called by another thread, of a file ahead of the one that was yielded last.
        """
        self._told = told
        self._files = files
        self._library = library
        self._give_way = give_way
        self._ending = _Ending(cancel)
        self._pool = ReaderPool(settings)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._reader.shutdown(cancel_futures=True)  # waits for what is being read, which ends within a moment
        self._pool.close()

    def __iter__(self) -> Iterator[list[ReadFile]]:
        waiting = deque((found, file_size(found)) for found in self._files)
        coming: deque[tuple[Future[ReadFile], int]] = deque()
        while waiting or coming:
            self._submit(waiting, coming)
            first, size = coming.popleft()
            self._submit(waiting, coming)  # what is read while these are embedded
            try:
                files = [first.result()]
                while (
                    coming
                    and len(files) < TOGETHER
                    and coming[0][0].done()
                    and (size := size + coming[0][1]) <= TOGETHER_BYTES
                ):
                    files.append(coming.popleft()[0].result())
            except Cancelled:
                return
            if self._ending.is_set():
                return
            yield files

    def as_it_is(self, file: ReadFile) -> ReadFile:
        """The file; read now where it was not, as the library had its document, which has left since. Raises Cancelled.

        To be called when it is taken in: files before it may have taken the place of that document.
        """
        if file.document is not None or file.error is not None or self._library.has(file.digest):
            return file
        return self._reader.submit(self._read, FoundFile(file.path, page=file.page)).result()

    def _submit(self, waiting: deque[tuple[FoundFile, int]], coming: deque[tuple[Future[ReadFile], int]]) -> None:
        """Have as many read as may be handed on together, but one in any case."""
        room = TOGETHER_BYTES - sum(size for _, size in coming)
        while waiting and (not coming or (len(coming) < TOGETHER and waiting[0][1] <= room)):
            found, size = waiting.popleft()
            room -= size
            coming.append((self._reader.submit(self._read, found), size))

    def _read(self, found: FoundFile) -> ReadFile:
        if found.page is not None:
            return self._fetched(found, found.page)
        name = shown(Path(found.path.name))
        if found.problem is not None:
            return ReadFile(found.path, name, error=found.problem)
        try:
            return self._stable(found.path, name)
        except Cancelled:
            raise
        except LecternError as error:
            return ReadFile(found.path, name, error=error)
        except OSError as error:
            return ReadFile(found.path, name, error=_unreadable(name, error))

    def _fetched(self, found: FoundFile, page: WebPage) -> ReadFile:
        """A page of the web, read from the file that it was fetched to."""
        file = self._read(replace(found, page=None))
        document = file.document
        if document is not None:
            document = replace(document, metadata={**document.metadata, **page.metadata()})
        return replace(file, name=page.name, changed=page.day, document=document, page=page)

    def _reads(self, name: str, page: int, pages: int) -> None:
        self._told(name, page, pages)
        self._give_way()

    def _stable(self, path: Path, name: str) -> ReadFile:
        """The file as it was at one moment. Raises ReadError where it keeps changing."""
        for _ in range(_TRIES):
            before = path.stat()
            digest = sha256_of(path)
            document = None
            if not self._library.has(digest):
                self._give_way()
                document = self._pool.read(path, name, self._ending, Heard(reads=partial(self._reads, name)))
            if _moment(before) == _moment(path.stat()) and _is_of(document, digest):
                changed = date.fromtimestamp(before.st_mtime).isoformat()
                return ReadFile(path, name, before.st_size, digest, changed, document)
        raise ReadError(f"{name} changes while it is read.", "Add it again when the program that writes it is done.")


def _is_of(document: Document | None, digest: str) -> bool:
    """Whether a document was read from the content with this hash; True for None."""
    return document is None or document.id == digest


def file_size(found: FoundFile) -> int:
    """The size of a file in bytes; 0 where it cannot be read."""
    try:
        return 0 if found.problem else found.path.stat().st_size
    except OSError:
        return 0


def _moment(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _unreadable(name: str, error: OSError) -> ReadError:
    reason = error.strerror or type(error).__name__
    return ReadError(f"{name} cannot be read: {reason}.", "Check that it is there and who may read it.")
