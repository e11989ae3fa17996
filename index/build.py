"""Files -> library, the only write path for files: read, chunk, embed, then one transaction per document."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from core.cores import GivingWay
from core.errors import (
    Cancelled,
    EmbedderMismatch,
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    UnknownDocument,
)
from core.memory import give_back
from core.protocols import Embedder
from core.settings import Settings
from core.types import Document
from index.context import passage_text
from index.gone_files import emptied, refuse_emptied
from index.ingest_report import IngestReport, Progress, reported, reported_anew
from index.library_embedder import follow
from index.own_files import is_own
from index.read_ahead import ReadAhead, ReadFile
from index.recognize import recognized_files
from index.store.embeddings import vector_hash
from index.store.file_report import FileReport, State
from index.store.library import Library
from index.store.naming import numbered
from index.store.records import Entry
from index.store.sources import UPLOAD, WEB, name_of, of_path
from index.store.upload_inbox import drop, is_incoming
from index.store.upload_versions import UploadPlace, place_upload
from ingest.chunk import chunk
from ingest.folder import FoundFile, find_files

BATCH = 32
"""Chunks embedded and saved at a time: about one second of work, which a kill may lose and an answer may wait for."""


class Course(TypedDict, total=False):
    """How an ingest or sync is followed, stopped and gone on with.

    ``progress`` is told how far it is, and ``told`` the report of each file as soon as it is known. Setting ``cancel``
    stops within a second; stored documents stay, and embedded chunks are not embedded again. ``give_way``, called
    before each step, waits while an answer is written. ``before`` are the reports of an ingest that was cut off and
    goes on now: what that replaced can still be brought back.
    """

    progress: Callable[[Progress], None]
    told: Callable[[FileReport], None]
    cancel: threading.Event
    give_way: Callable[[], None]
    before: Sequence[FileReport]


def ingest(
    paths: Iterable[Path],
    library: Library,
    embedder: Embedder,
    settings: Settings,
    *,
    prune: bool = False,
    pages: Sequence[FoundFile] = (),
    **course: Unpack[Course],
) -> IngestReport:
    """Ingest files and folders, and ``pages`` of the web that were fetched. A file that fails stops no other.

    ``prune`` takes out the documents that came from these folders and whose files are gone. Documents that the ingest
    before replaced or took out can no longer be brought back.

    Raises UsageError for a wrong path, and for ``prune`` where a folder has no files left, as where its drive is not
    connected; EmbedderMismatch, LibraryLocked, ModelMissing.
    """
    expanded = [Path(path).expanduser() for path in paths]
    files = [found for found in find_files(expanded) if not is_own(found.path, library, settings)]
    folders = [path for path in expanded if path.is_dir()]
    if prune:
        refuse_emptied(folders, library)
    files += pages
    library.bind_embedder(embedder)
    if not course.get("before"):
        library.forget_replaced_versions()
    cancel = course.setdefault("cancel", threading.Event())
    report = take_in(files, library, embedder, settings, **course)
    gone = {} if cancel.is_set() else library.gone_below(folders)
    prune = bool(gone) and prune and emptied(folders, library) is None  # its drive may have been taken away
    if prune:
        library.drop_sources(gone)
    return replace(report, gone=tuple(gone.values()), pruned=prune)


def take_in(
    files: Sequence[FoundFile], library: Library, embedder: Embedder, settings: Settings, **course: Unpack[Course]
) -> IngestReport:
    """As ``ingest``, of files that were found already; the embedder is the library's, and nothing is forgotten."""
    return _Ingest(files, library, embedder, settings, course).run()


class _Ingest:
    """One run over a list of files, with its reports and measured speeds."""

    def __init__(
        self,
        files: Sequence[FoundFile],
        library: Library,
        embedder: Embedder,
        settings: Settings,
        course: Course,
    ) -> None:
        self.files = files
        self.library = library
        self.embedder = embedder
        self.settings = settings
        self.progress = course.get("progress")
        self.told = course.get("told")
        self.cancel = course.get("cancel") or threading.Event()
        self.give_way = course.get("give_way") or GivingWay(settings.home, self.cancel)
        self.reports: list[FileReport] = []
        before = course.get("before", ())
        self.added = {report.document_id for report in before if report.state in ("added", "replaced")}
        self.started = time.monotonic()
        self.pages = self.chunks = self.embedded = 0
        self.embed_seconds = 0.0
        self.is_storing = False
        self.sizes = [_size(found) for found in files]

    def run(self) -> IngestReport:
        with ReadAhead(self.files, self.library, self.settings, self.cancel, self.give_way, self._reads) as files:
            for file in files:
                self._report_progress(file.name, 0.0)
                self.is_storing = True
                try:
                    report = self._take_in(file)
                except Cancelled:
                    break
                finally:
                    self.is_storing = False
                self.reports.append(report)
                if self.told is not None:
                    self.told(report)
                if is_incoming(self.library.incoming_dir, file.path):
                    self.reports[-1] = self._settle(report)
        if not self.cancel.is_set():
            with suppress(Cancelled):
                self._recognize()
        if self.chunks:
            from index.store.vectors import VectorIndex

            with suppress(Cancelled):  # the index is derived: the next save or search makes it
                VectorIndex(self.library).save(pause=self._pause)
        self._report_progress("", 0.0)
        seconds = time.monotonic() - self.started
        return IngestReport(tuple(self.reports), seconds, self.embedded, self.cancel.is_set())

    def _recognize(self) -> None:
        """Read the scanned pages of the library's documents, once all else is in. Raises Cancelled."""
        places = {report.document_id: at for at, report in enumerate(self.reports) if report.document_id}

        def told(name: str, page: int) -> None:
            self._report_progress(f"{name}: recognizing page {page}", 0.0)

        for file in recognized_files(self.library, self.settings, self.cancel, self.give_way, told):
            at = places.get(file.digest)
            if file.document is not None:
                with suppress(UnknownDocument):  # a person removes it meanwhile
                    for source in self.library.sources_of(file.digest)[:1]:
                        known = {**self.library.metadata_of(file.digest), **file.document.metadata}  # a page's address
                        document = replace(file.document, name=name_of(source), metadata=known)
                        chunks = self._store(file, document, source, is_known=True)
                        if at is not None:
                            self.reports[at] = reported_anew(self.reports[at], file.document, chunks)
            elif at is not None:
                warnings = (*self.reports[at].warnings, f"Its scanned pages were not recognized: {file.error}")
                self.reports[at] = replace(self.reports[at], warnings=warnings)

    def _take_in(self, file: ReadFile) -> FileReport:
        """Ingest one file; returns its report."""
        upload = file.page is None and is_incoming(self.library.incoming_dir, file.path)
        if file.error is not None:
            return FileReport(file.path, file.name, "failed", message=str(file.error))
        with suppress(UnknownDocument):  # another process removed it, or the one that it would replace
            if self.library.has(file.digest):
                return self._known(file, upload=upload)
            if file.document is not None:
                return self._new(file, file.document, upload=upload)
        message = "a document was removed while this one was added. Add it again."
        return FileReport(file.path, file.name, "failed", message=message)

    def _settle(self, report: FileReport) -> FileReport:
        """Move an upload out of its inbox: to the originals, or deleted where its document is not in the library.

        Where the disk refuses, the report gets a warning and the file stays in the inbox.
        """
        try:
            if report.state == "failed" or not self.library.keep_original(report.document_id, report.path):
                drop(report.path)
        except (LibraryLocked, LibraryDamaged):
            raise
        except (LibraryError, OSError) as error:
            return replace(report, warnings=(*report.warnings, str(error)))
        return report

    def _known(self, file: ReadFile, *, upload: bool) -> FileReport:
        """The report of a file whose content is in the library already, maybe under another name."""
        if upload:
            return self._uploaded_again(file)
        source = _source_of(file)
        present = self.library.source_document(source)
        if present == file.digest:
            return FileReport(file.path, file.name, "unchanged", file.digest)
        before = self.library.add_source(file.digest, source, file.name)
        note = f"called '{before}' before." if before else ""
        state: State = "replaced" if present else "unchanged"
        return FileReport(file.path, file.name, state, file.digest, note=note, replaced_version=self._retired(present))

    def _uploaded_again(self, file: ReadFile) -> FileReport:
        before = ""
        if not any(source.startswith(UPLOAD) for source in self.library.sources_of(file.digest)):
            names = (name for name in numbered(file.name) if self.library.source_document(UPLOAD + name) is None)
            name = next(names)
            before = self.library.add_source(file.digest, UPLOAD + name, name)
        present = self.library.names_of([file.digest]).get(file.digest, file.name)
        note = f"in the library already, as '{present}'." if present != file.name else ""
        note = f"called '{before}' before." if before else note
        return FileReport(file.path, file.name, "unchanged", file.digest, note=note)

    def _new(self, file: ReadFile, document: Document, *, upload: bool) -> FileReport:
        place = (
            place_upload(self.library, file.name, document.text, self.added)
            if upload
            else UploadPlace(_source_of(file), file.name)
        )
        present = self.library.source_document(place.source)
        named = replace(document, name=place.name)
        chunks = self._store(file, named, place.source)
        self.added.add(document.id)
        retired, note = self._retired(present), ""
        if upload and retired:
            note = f"a newer version of '{place.name}'; the earlier one can be brought back until the next files come."
        elif not present and (called := self.library.names_of([document.id]).get(document.id, file.name)) != file.name:
            note = f"called '{called}' here: another file has that name."
        return reported(file, document, chunks, "replaced" if present else "added", note, retired)

    def _retired(self, document_id: str | None) -> str:
        """The same id where that document is a replaced version now; else ""."""
        return (
            document_id if document_id in {version.document_id for version in self.library.replaced_versions()} else ""
        )

    def _store(self, file: ReadFile, document: Document, source: str, *, is_known: bool = False) -> int:
        """Store a document, also where the library has changed its embedder since this ingest began."""
        try:
            return self._embed_and_put(file, document, source, is_known=is_known)
        except EmbedderMismatch:
            follow(self.library, self.embedder)
            return self._embed_and_put(file, document, source, is_known=is_known)

    def _embed_and_put(self, file: ReadFile, document: Document, source: str, *, is_known: bool) -> int:
        chunks = chunk(document, self.embedder, self.settings.chunk_tokens)
        texts = [passage_text(document, piece, self.embedder) for piece in chunks]
        hashes = tuple(vector_hash(self.embedder.name, text) for text in texts)
        vectors = self.library.known_vectors(hashes)
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in vectors}
        order = sorted(missing, key=lambda key: len(missing[key]))  # texts of one length fill a batch without padding
        for first in range(0, len(order), BATCH):
            self.give_way()
            if self.cancel.is_set():
                raise Cancelled(f"{file.name} was not embedded to the end.")
            batch = order[first : first + BATCH]
            started = time.monotonic()
            found = dict(zip(batch, self.embedder.embed_passages([missing[key] for key in batch]), strict=True))
            self.embed_seconds += time.monotonic() - started
            self.embedded += len(batch)
            self.library.keep_vectors(found, self.embedder.name)
            vectors.update(found)
            give_back()
            self._report_progress(file.name, (first + len(batch)) / len(order))
        entry = Entry(document, source, file.size, chunks, hashes, file.changed)
        self.library.put([entry], vectors, self.embedder.name, are_known=is_known)
        self.pages += len(document.pages)
        self.chunks += len(chunks)
        return len(chunks)

    def _pause(self) -> None:
        """Wait while an answer is being written. Raises Cancelled where the person has stopped the ingest."""
        self.give_way()
        if self.cancel.is_set():
            raise Cancelled("the index was not made anew.")

    def _reads(self, name: str, page: int, pages: int) -> None:
        """The reader's place in a file; told where nothing else is done, not while the file before is embedded."""
        if self.progress is not None and not self.is_storing:
            self.progress(replace(self._moment(name, 0.0), page=page, pages_of_file=pages))

    def _report_progress(self, name: str, share: float) -> None:
        """Report the progress; ``share``, 0..1, of the present file's chunks are embedded."""
        if self.progress is not None:
            self.progress(self._moment(name, share))

    def _moment(self, name: str, share: float) -> Progress:
        done = len(self.reports)
        sizes = sum(self.sizes[:done]) + (share * self.sizes[done] if done < len(self.sizes) else 0)
        elapsed = time.monotonic() - self.started
        left = elapsed * (sum(self.sizes) - sizes) / sizes if sizes else None
        rate = self.embedded / self.embed_seconds if self.embed_seconds else 0.0
        return Progress(done, len(self.files), self.pages, self.chunks, rate, left, name)


def _source_of(file: ReadFile) -> str:
    return of_path(file.path) if file.page is None else WEB + file.page.address


def _size(found: FoundFile) -> int:
    """The size of a file in bytes; 0 where it cannot be read."""
    try:
        return 0 if found.problem else found.path.stat().st_size
    except OSError:
        return 0
