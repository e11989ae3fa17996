"""Nothing of removed documents stays in the library's files: the word index, the write-ahead log, the vector index."""

from __future__ import annotations

from index.store import vector_files
from index.store.library_folder import LibraryFolder
from index.store.vectors import VectorIndex


def scrub(library: LibraryFolder) -> bool:
    """Merge removed words away, delete or rewrite the saved vector indexes, and truncate the write-ahead log.

    Returns False where a reader of another process keeps the log from being truncated. Raises LibraryError where a file
    cannot be deleted.
    """
    with library.database.writing() as db:
        db.execute("INSERT INTO words (words) VALUES ('optimize')")
        db.execute("INSERT INTO abouts (abouts) VALUES ('optimize')")
    _scrub_vectors(library)
    return library.database.truncate_log()


def _scrub_vectors(library: LibraryFolder) -> None:
    """Delete saved indexes that hold vectors of removed documents; one with lists is written again without them."""
    with vector_files.explained(library):
        try:
            if any(file.lists for file in vector_files.saved(library)):
                VectorIndex(library).save()  # made anew from the rows it would take about a minute
        finally:
            vector_files.delete_stale(library)
