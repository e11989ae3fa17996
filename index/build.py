"""Files -> library, the only write path for files: read, chunk, embed, then one transaction per document."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from core.cores import GivingWay
from core.errors import Cancelled, EmbedderMismatch, UnknownDocument
from core.protocols import Embedder
from core.settings import Settings
from core.types import Document
from index.gone_files import emptied, refuse_emptied
from index.ingest_report import IngestReport, Progress, reported, reported_anew
from index.known_files import known_file, known_upload, replaced_version, settle_upload, source_of
from index.own_files import is_own
from index.pace import Pace
from index.passages import PassageEmbedding, Passages
from index.read_ahead import ReadAhead, ReadFile, file_size
from index.recognize import recognized_files
from index.store.file_report import FileReport
from index.store.library import Library
from index.store.records import Entry
from index.store.sources import name_of
from index.store.upload_inbox import is_incoming
from index.store.upload_versions import UploadPlace, place_upload
from ingest.folder import FoundFile, find_files


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
        self.pages = self.chunks = 0
        self.name = ""
        self.is_storing = False
        self.pace = Pace([file_size(found) for found in files])
        self.embed = PassageEmbedding(library, embedder, settings.chunk_tokens, self._pause, self._embeds)

    def run(self) -> IngestReport:
        with ReadAhead(self.files, self.library, self.settings, self.cancel, self.give_way, self._reads) as ahead:
            for files in ahead:
                self.is_storing = True
                try:
                    self._take_in(files, ahead)
                except Cancelled:
                    break
                finally:
                    self.is_storing = False
        if not self.cancel.is_set():
            with suppress(Cancelled):
                self._recognize()
        if self.chunks:
            from index.store.vectors import VectorIndex

            with suppress(Cancelled):  # the index is derived: the next save or search makes it
                VectorIndex(self.library).save(pause=self._pause)
        self._report_progress("")
        return IngestReport(tuple(self.reports), self.pace.seconds, self.embed.embedded, self.cancel.is_set())

    def _recognize(self) -> None:
        """Read the scanned pages of the library's documents, once all else is in. Raises Cancelled."""
        places = {report.document_id: at for at, report in enumerate(self.reports) if report.document_id}

        def told(name: str, page: int) -> None:
            self._report_progress(f"{name}: recognizing page {page}")

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

    def _take_in(self, files: Sequence[ReadFile], ahead: ReadAhead) -> None:
        """Embed the files together, then store and report one after the other. Raises Cancelled."""
        self.pace.takes(len(self.reports), len(files))
        self._report_progress(files[0].name)
        new = [file.document for file in files if file.document is not None and not self.library.has(file.digest)]
        self.embed.ahead(new)
        for read in files:
            file = ahead.as_it_is(read)
            self._report_progress(file.name)
            report = self._report(file)
            self.reports.append(report)
            if self.told is not None:
                self.told(report)
            if is_incoming(self.library.incoming_dir, file.path):
                self.reports[-1] = settle_upload(self.library, report)

    def _report(self, file: ReadFile) -> FileReport:
        """Store one file; returns its report. Raises Cancelled."""
        upload = file.page is None and is_incoming(self.library.incoming_dir, file.path)
        if file.error is not None:
            return FileReport(file.path, file.name, "failed", message=str(file.error))
        with suppress(UnknownDocument):  # another process removed it, or the one that it would replace
            if self.library.has(file.digest):
                return known_upload(self.library, file) if upload else known_file(self.library, file)
            if file.document is not None:
                return self._new(file, file.document, upload=upload)
        message = "a document was removed while this one was added. Add it again."
        return FileReport(file.path, file.name, "failed", message=message)

    def _new(self, file: ReadFile, document: Document, *, upload: bool) -> FileReport:
        place = (
            place_upload(self.library, file.name, document.text, self.added)
            if upload
            else UploadPlace(source_of(file), file.name)
        )
        present = self.library.source_document(place.source)
        named = replace(document, name=place.name)
        chunks = self._store(file, named, place.source)
        self.added.add(document.id)
        retired, note = replaced_version(self.library, present), ""
        if upload and retired:
            note = f"a newer version of '{place.name}'; the earlier one can be brought back until the next files come."
        elif not present and (called := self.library.names_of([document.id]).get(document.id, file.name)) != file.name:
            note = f"called '{called}' here: another file has that name."
        return reported(file, document, chunks, "replaced" if present else "added", note, retired)

    def _store(self, file: ReadFile, document: Document, source: str, *, is_known: bool = False) -> int:
        """Store a document, also where the library changes its embedder meanwhile; returns the number of its chunks."""
        self.name = file.name
        try:
            passages = self._put(file, document, source, is_known=is_known)
        except EmbedderMismatch:
            self.embed.follow()
            passages = self._put(file, document, source, is_known=is_known)
        self.pages += len(document.pages)
        self.chunks += len(passages.chunks)
        return len(passages.chunks)

    def _put(self, file: ReadFile, document: Document, source: str, *, is_known: bool) -> Passages:
        passages = self.embed(document)
        entry = Entry(document, source, file.size, passages.chunks, passages.hashes, file.changed)
        self.library.put([entry], passages.vectors, passages.embedder, are_known=is_known)
        return passages

    def _pause(self) -> None:
        """Wait while an answer is being written. Raises Cancelled where the person has stopped the ingest."""
        self.give_way()
        if self.cancel.is_set():
            raise Cancelled("the ingest was stopped.")

    def _reads(self, name: str, page: int, pages: int) -> None:
        """The reader's place in a file; told where nothing else is done, not while the file before is embedded."""
        if self.progress is not None and not self.is_storing:
            self.progress(replace(self._moment(name), page=page, pages_of_file=pages))

    def _embeds(self, share: float) -> None:
        self.pace.share(share)
        self._report_progress(self.name)

    def _report_progress(self, name: str) -> None:
        self.name = name
        if self.progress is not None:
            self.progress(self._moment(name))

    def _moment(self, name: str) -> Progress:
        rate = self.embed.embedded / self.embed.seconds if self.embed.seconds else 0.0
        done, of = len(self.reports), len(self.files)
        return Progress(done, of, self.pages, self.chunks, rate, self.pace.seconds_left, name)
