"""Reports of an ingest: its progress, and the outcome for every file."""

from dataclasses import dataclass, replace

from core.types import Document
from index.read_ahead import ReadFile
from index.store.file_report import FileReport, State


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The outcomes for all files, in order, without those that a cancelled ingest did not reach.

    ``embedded`` is the number of chunks that were embedded. ``gone`` are the names of files that were ingested from
    these folders before and are no longer there; ``pruned`` is whether their documents were taken out.
    """

    files: tuple[FileReport, ...]
    seconds: float
    embedded: int
    cancelled: bool = False
    gone: tuple[str, ...] = ()
    pruned: bool = False

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """The files that could not be ingested."""
        return tuple(file for file in self.files if file.state == "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an ingest; ``chunks_per_second`` is the speed of embedding, ``seconds_left`` None if unknown.

    ``page`` of ``pages_of_file`` is where the reader is in ``file``; 0 where it reads no pages, or is done with them.
    """

    files_done: int
    files_total: int
    pages: int
    chunks: int
    chunks_per_second: float
    seconds_left: float | None
    file: str
    page: int = 0
    pages_of_file: int = 0


def reported_anew(before: FileReport, document: Document, chunks: int) -> FileReport:
    """The report of a file whose scanned pages have been recognized."""
    return replace(
        before,
        pages=len(document.pages),
        characters=len(document.text),
        chunks=chunks,
        unreadable=tuple((page.number, page.note) for page in document.pages if page.note),
        warnings=document.warnings,
    )


def reported(file: ReadFile, document: Document, chunks: int, state: State, note: str, retired: str) -> FileReport:
    """The report of a file that is in; ``retired`` is the id of the version that it replaced."""
    return FileReport(
        path=file.path,
        name=file.name,
        state=state,
        document_id=document.id,
        pages=len(document.pages),
        characters=len(document.text),
        chunks=chunks,
        tables=len(document.tables),
        unreadable=tuple((page.number, page.note) for page in document.pages if page.note),
        warnings=document.warnings,
        note=note,
        replaced_version=retired,
    )
