"""Reports of an ingest: its progress, and the outcome for every file."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.types import Document
from index.read_ahead import ReadFile

State = Literal["added", "replaced", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """The outcome for one file.

    ``state`` is "replaced" where the file had other content before, and "unchanged" where its content was already in
    the library. ``replaced_version`` is the id of the document that it replaced, "" where none can be brought back.
    ``unreadable`` are the pages without text, as (page number, reason); ``message`` is the error of a failed file.
    ``note`` says what else a person should know: the document's name in the library, or its name before.
    """

    path: Path
    name: str
    state: State
    document_id: str = ""
    pages: int = 0
    characters: int = 0
    chunks: int = 0
    tables: int = 0
    unreadable: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    message: str = ""
    note: str = ""
    replaced_version: str = ""


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
    """The progress of an ingest; ``chunks_per_second`` is the speed of embedding, ``seconds_left`` None if unknown."""

    files_done: int
    files_total: int
    pages: int
    chunks: int
    chunks_per_second: float
    seconds_left: float | None
    file: str


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
