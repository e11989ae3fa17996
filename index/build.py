"""Files -> library: the only write path for documents. Read, chunk, embed, then one transaction per document."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from core.cores import yield_to_generation
from core.errors import Cancelled, DamagedFile, LecternError, UnsupportedFile
from core.protocols import Embedder
from core.settings import Settings
from core.types import Document
from index import uploads
from index.context import passage_text
from index.library import Library
from index.records import Entry
from index.store import vector_hash
from ingest.child import ReaderPool
from ingest.chunk import chunk
from ingest.folder import find_files

BATCH = 32
"""Chunks embedded, then kept, at a time: about a second of work is lost by a kill, and an answer waits no longer."""

State = Literal["added", "replaced", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. ``unreadable`` holds pages without text, as (page number, why); ``message`` an error.

    "replaced": the file had other content before. "unchanged": its content is in the library already.
    """

    path: Path
    name: str
    state: State
    document_id: str = ""
    pages: int = 0
    characters: int = 0
    chunks: int = 0
    unreadable: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every file, in order; those that a cancelled ingest did not come to are left out."""

    files: tuple[FileReport, ...]
    seconds: float
    embedded: int
    cancelled: bool = False

    @property
    def failed(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.state == "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is. ``chunks_per_second`` counts embedded ones; ``seconds_left`` is None while unknown."""

    files_done: int
    files_total: int
    pages: int
    chunks: int
    chunks_per_second: float
    seconds_left: float | None
    file: str


def store_upload(library: Library, name: str, data: bytes) -> Path:
    """Keep an uploaded file in the library's folder under a safe form of its name; give the path to ``ingest``."""
    return uploads.store(library.uploads_dir, name, data)


def ingest(
    paths: Iterable[Path],
    library: Library,
    embedder: Embedder,
    settings: Settings,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    names: Mapping[Path, str] | None = None,
) -> IngestReport:
    """Take files and folders into the library. One bad file never stops the others.

    ``names`` gives files other names than their own. Setting ``cancel`` stops within a second; what was stored stays,
    and what was embedded is not embedded again. Waits before each batch while an answer is being written.

    Raises UsageError for a wrong path, EmbedderMismatch, LibraryLocked, ModelMissing.
    """
    files = [file for file in find_files(paths) if not _is_own(file, library, settings)]
    library.claim(embedder)
    work = _Ingest(files, library, embedder, settings, progress, cancel or threading.Event(), names or {})
    with ReaderPool(settings) as pool:
        return work.run(pool)


def _is_own(file: Path, library: Library, settings: Settings) -> bool:
    """Whether a file is Lectern's: a person may point at a folder that holds its home. Uploads are the person's."""
    resolved = file.resolve()
    return resolved.is_relative_to(settings.home.resolve()) and resolved.parent != library.uploads_dir.resolve()


@dataclass(frozen=True, slots=True)
class _File:
    """A file on its way: its content's hash, and the document or the error; neither where it is in the library.

    ``changed`` is the ISO day of its last change.
    """

    path: Path
    name: str
    source: str
    size: int = 0
    digest: str = ""
    changed: str = ""
    document: Document | None = None
    error: LecternError | None = None


class _Ingest:
    """One run over a list of files."""

    def __init__(
        self,
        files: Sequence[Path],
        library: Library,
        embedder: Embedder,
        settings: Settings,
        progress: Callable[[Progress], None] | None,
        cancel: threading.Event,
        names: Mapping[Path, str],
    ) -> None:
        self.files = files
        self.library = library
        self.embedder = embedder
        self.settings = settings
        self.progress = progress
        self.cancel = cancel
        self.names = names
        self.reports: list[FileReport] = []
        self.started = time.monotonic()
        self.pages = self.chunks = self.embedded = 0
        self.embed_seconds = 0.0
        self.sizes = [path.stat().st_size if path.is_file() else 0 for path in files]

    def run(self, pool: ReaderPool) -> IngestReport:
        for file in self._read_ahead(pool):
            self._report_progress(file.name, 0.0)
            try:
                self.reports.append(self._take_in(file))
            except Cancelled:
                break
        if any(report.state == "replaced" for report in self.reports):
            self.library.scrub()
        if any(report.state in ("added", "replaced") for report in self.reports):
            from index.vectors import VectorIndex

            with suppress(Cancelled):  # the index is derived: the next save or search makes it
                VectorIndex(self.library).save(pause=self._pause)
        self._report_progress("", 0.0)
        seconds = time.monotonic() - self.started
        return IngestReport(tuple(self.reports), seconds, self.embedded, self.cancel.is_set())

    def _read_ahead(self, pool: ReaderPool) -> Iterator[_File]:
        """The files in order, each read while the one before it is embedded."""
        with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
            coming = None
            for path in [*self.files, None]:
                ready, coming = coming, reader.submit(self._read, pool, path) if path else None
                if ready is None:
                    continue
                if self.cancel.is_set():
                    return
                try:
                    yield ready.result()
                except Cancelled:
                    return

    def _read(self, pool: ReaderPool, path: Path) -> _File:
        name = self.names.get(path, path.name)
        source = uploads.source_of(self.library.uploads_dir, path)
        if path.exists() and not path.is_file():  # a pipe or a device: reading it might never end
            return _File(
                path, name, source, error=UnsupportedFile(f"{name} is not a file.", "Name a file or a folder.")
            )
        try:
            facts = path.stat()
            size, changed = facts.st_size, date.fromtimestamp(facts.st_mtime).isoformat()
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if self.library.has(digest):
                return _File(path, name, source, size, digest)
            yield_to_generation(self.settings.home, cancel=self.cancel)
            document = pool.read(path, name, self.cancel)
        except Cancelled:
            raise
        except LecternError as error:
            return _File(path, name, source, error=error)
        except OSError as error:
            return _File(path, name, source, error=_unreadable(name, error))
        return _File(path, name, source, size, document.id, changed, document)

    def _take_in(self, file: _File) -> FileReport:
        former = self.library.source_document(file.source)
        if file.error is not None:
            if former is None:  # a file that never worked is not kept
                uploads.forget(self.library.uploads_dir, file.source)
            return FileReport(file.path, file.name, "failed", message=str(file.error))
        if self.library.has(file.digest):
            state: State = "unchanged"
            if former != file.digest:
                self.library.add_source(file.digest, file.source, file.name)
                state = "replaced" if former else "unchanged"
            return FileReport(file.path, file.name, state, file.digest)
        if file.document is None:  # it was there when it was looked up, and was removed since
            return FileReport(file.path, file.name, "failed", message="removed while it was ingested. Try again.")
        chunks = self._store(file, file.document)
        return _report(file, file.document, chunks, "replaced" if former else "added")

    def _store(self, file: _File, document: Document) -> int:
        chunks = chunk(document, self.embedder, self.settings.chunk_tokens)
        texts = [passage_text(document, part, self.embedder) for part in chunks]
        hashes = tuple(vector_hash(self.embedder.name, text) for text in texts)
        vectors = self.library.known_vectors(hashes)
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in vectors}
        order = sorted(missing, key=lambda key: len(missing[key]))  # texts of one length fill a batch without padding
        for first in range(0, len(order), BATCH):
            yield_to_generation(self.settings.home, cancel=self.cancel)
            if self.cancel.is_set():
                raise Cancelled(f"{file.name} was not embedded to the end.")
            batch = order[first : first + BATCH]
            started = time.monotonic()
            found = dict(zip(batch, self.embedder.embed_passages([missing[key] for key in batch]), strict=True))
            self.embed_seconds += time.monotonic() - started
            self.embedded += len(batch)
            self.library.keep_vectors(found)
            vectors.update(found)
            self._report_progress(file.name, (first + len(batch)) / len(order))
        self.library.put([Entry(document, file.source, file.size, chunks, hashes, file.changed)], vectors)
        self.pages += len(document.pages)
        self.chunks += len(chunks)
        return len(chunks)

    def _pause(self) -> None:
        """Wait while an answer is being written. Raises Cancelled where the person has stopped the ingest."""
        yield_to_generation(self.settings.home, cancel=self.cancel)
        if self.cancel.is_set():
            raise Cancelled("the index was not made anew.")

    def _report_progress(self, name: str, share: float) -> None:
        """Tell how far it is; ``share`` of the present file's chunks are embedded."""
        if self.progress is None:
            return
        done = len(self.reports)
        sizes = sum(self.sizes[:done]) + (share * self.sizes[done] if done < len(self.sizes) else 0)
        elapsed = time.monotonic() - self.started
        left = elapsed * (sum(self.sizes) - sizes) / sizes if sizes else None
        rate = self.embedded / self.embed_seconds if self.embed_seconds else 0.0
        self.progress(Progress(done, len(self.files), self.pages, self.chunks, rate, left, name))


def _unreadable(name: str, error: OSError) -> DamagedFile:
    return DamagedFile(f"{name} cannot be read: {error.strerror}.", "Check that it is there and who may read it.")


def _report(file: _File, document: Document, chunks: int, state: State) -> FileReport:
    return FileReport(
        path=file.path,
        name=file.name,
        state=state,
        document_id=document.id,
        pages=len(document.pages),
        characters=len(document.text),
        chunks=chunks,
        unreadable=tuple((page.number, page.note) for page in document.pages if page.note),
        warnings=document.warnings,
    )
