"""Files whose content the library has already, maybe under another name, and uploads that are done."""

from __future__ import annotations

from dataclasses import replace

from core.errors import LibraryDamaged, LibraryError, LibraryLocked
from index.read_ahead import ReadFile
from index.store.file_report import FileReport, State
from index.store.library import Library
from index.store.naming import numbered
from index.store.sources import UPLOAD, WEB, of_path
from index.store.upload_inbox import drop


def source_of(file: ReadFile) -> str:
    return of_path(file.path) if file.page is None else WEB + file.page.address


def known_file(library: Library, file: ReadFile) -> FileReport:
    """The report of a file of which the library has the content; it is one of its sources from now on.

    Raises UnknownDocument where that was removed meanwhile.
    """
    source = source_of(file)
    present = library.source_document(source)
    if present == file.digest:
        return FileReport(file.path, file.name, "unchanged", file.digest)
    before = library.add_source(file.digest, source, file.name)
    note = f"called '{before}' before." if before else ""
    state: State = "replaced" if present else "unchanged"
    retired = replaced_version(library, present)
    return FileReport(file.path, file.name, state, file.digest, note=note, replaced_version=retired)


def known_upload(library: Library, file: ReadFile) -> FileReport:
    """As ``known_file``, of an upload."""
    before = ""
    if not any(source.startswith(UPLOAD) for source in library.sources_of(file.digest)):
        names = (name for name in numbered(file.name) if library.source_document(UPLOAD + name) is None)
        name = next(names)
        before = library.add_source(file.digest, UPLOAD + name, name)
    present = library.names_of([file.digest]).get(file.digest, file.name)
    note = f"in the library already, as '{present}'." if present != file.name else ""
    note = f"called '{before}' before." if before else note
    return FileReport(file.path, file.name, "unchanged", file.digest, note=note)


def replaced_version(library: Library, document_id: str | None) -> str:
    """The same id where that document is a replaced version now; else ""."""
    return document_id if document_id in {version.document_id for version in library.replaced_versions()} else ""


def settle_upload(library: Library, report: FileReport) -> FileReport:
    """Move an upload out of its inbox: to the originals, or deleted where its document is not in the library.

    Where the disk refuses, the report gets a warning and the file stays in the inbox. Raises LibraryLocked,
    LibraryDamaged.
    """
    try:
        if report.state == "failed" or not library.keep_original(report.document_id, report.path):
            drop(report.path)
    except (LibraryLocked, LibraryDamaged):
        raise
    except (LibraryError, OSError) as error:
        return replace(report, warnings=(*report.warnings, str(error)))
    return report
