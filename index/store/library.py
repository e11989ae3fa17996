"""The library: documents, chunks, vectors and words in one SQLite file. The FAISS index is derived from it.

One transaction adds, replaces or removes a document together with all that belongs to it. Every such transaction raises
the library's ``generation``, by which other processes notice the change.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import EmbedderMismatch, NoDocuments, UnknownDocument
from core.facets import Facets
from core.files import private_folder
from core.messages import _
from core.protocols import Embedder
from core.settings import DEFAULT_LIBRARY, Settings
from index.store import (
    embeddings,
    job_queue,
    older_uploads,
    originals,
    reembedding,
    removals,
    replaced,
    statements,
    stored_facets,
    upload_inbox,
)
from index.store.damage import refuse_emptied
from index.store.database import Database
from index.store.document_queries import DocumentQueries
from index.store.naming import settle_name
from index.store.quotes import redact_quotes
from index.store.records import Entry, check_tag, utc_time
from index.store.sources import is_gone, of_path, path_of
from index.store.stored_answers import keep_texts
from ingest.recognition.lines import Recognized, recognized_page

if TYPE_CHECKING:
    from typing import Self

FILE = "library.sqlite"
"""The database of a library, in the library's folder."""

ABANDONED = timedelta(days=1)
"""Age at which vectors without a document are deleted; until then a cancelled or killed ingest can reuse them."""

LIBRARIES_NAMED = 8
"""Of the others, where one is empty."""


def no_documents(folder: Path) -> NoDocuments:
    """The error that tells a person how documents come into the library of that folder, and which others there are."""
    library = folder.name
    named = "" if library == DEFAULT_LIBRARY else f" --library '{library}'"
    hint = f"Run: lectern ingest PATH{named}"
    if others := [name for name in _names_in(folder.parent) if name != library]:
        listed = ", ".join(others[:LIBRARIES_NAMED]) + (", ..." if len(others) > LIBRARIES_NAMED else "")
        hint += (
            f"   There are other libraries: {listed}. Name one with --library, or for good: lectern library use NAME"
        )
    return NoDocuments(_("there are no documents in the library '{name}' yet.", name=library), hint)


def list_libraries(settings: Settings) -> list[str]:
    """The names of the libraries in this home, sorted."""
    return _names_in(settings.libraries_dir)


def _names_in(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob(f"*/{FILE}"))


def recorded_embedder(settings: Settings) -> str:
    """The name of the embedder that the library's file names, which may be damaged; "" where none can be read."""
    path = settings.libraries_dir / settings.library / FILE
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            return reembedding.embedder_of(db)
    except sqlite3.Error:
        return ""


class Library(DocumentQueries):
    """One named library. Any number of threads and processes may use it at once."""

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False) -> Self:
        """Open the library that the settings name; with ``create`` it is made where it does not exist.

        Finishes what a killed process left undone. Raises NoDocuments where the library does not exist, LibraryDamaged,
        LibraryLocked, or LibraryError for a library of a later version of the program.
        """
        path = settings.libraries_dir / settings.library / FILE
        if not create and not path.exists():
            raise no_documents(path.parent)
        private_folder(path.parent)
        refuse_emptied(path)
        library = cls(Database(path))
        older_uploads.settle(library)
        removals.finish_or_wait(library)
        removals.drop_states_of_others(library)
        return library

    # The embedder and its vectors

    def bind_embedder(self, embedder: Embedder) -> None:
        """Make this the embedder of the library's vectors. Raises EmbedderMismatch if they are from another one."""
        known = self.embedder_name
        if not known:
            with self.database.writing() as db:
                db.execute("INSERT OR IGNORE INTO meta VALUES ('embedder', ?)", (embedder.name,))
                db.execute("INSERT OR IGNORE INTO meta VALUES ('dimension', ?)", (str(embedder.dimension),))
        self.check_embedder(embedder)

    def check_embedder(self, embedder: Embedder) -> None:
        """Raises EmbedderMismatch where the library's vectors came from another embedder."""
        known = self.embedder_name
        if known and (known, self.dimension) != (embedder.name, embedder.dimension):
            raise self._mismatch(embedder.name, known)

    def _refuse_former(self, db: sqlite3.Connection, embedder: str) -> None:
        """Raises EmbedderMismatch where the library has changed from this embedder to another one; "" is any."""
        known = reembedding.embedder_of(db)
        if embedder and embedder != known:
            raise self._mismatch(embedder, known)

    def _mismatch(self, name: str, known: str) -> EmbedderMismatch:
        return EmbedderMismatch(
            f"the library '{self.name}' was built with the embedder '{known}', not '{name}'.",
            "Use that embedder (LECTERN_EMBEDDER), ingest into another library with --library NAME, or change the "
            "embedder of this one with `lectern docs reembed`.",
        )

    def take_reembedded(self, embedder: Embedder) -> bool:
        """Change to ``embedder``, in one transaction, where each chunk has its new vector (``index.reembed``).

        False, and nothing is changed, where one has not. Replaced versions, whose vectors are the former embedder's,
        can no longer be brought back.
        """
        with self.database.writing() as db:
            if not reembedding.is_whole(db, embedder.name):
                return False
            if replaced.list_replaced(db):
                self._forget_replaced(db)
            reembedding.switch(db, embedder.name, embedder.dimension, statements.next_generation(db))
        removals.finish_or_wait(self)
        return True

    def known_vectors(self, hashes: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The stored vectors, of shape (dimension,), by hash; hashes without one are left out."""
        with self.database.reading() as db:
            return embeddings.load_vectors(db, hashes)

    def keep_vectors(self, vectors: Mapping[bytes, NDArray[np.float32]], embedder: str = "") -> None:
        """Save vectors ahead of their document, so that an ingest that is killed does not compute them twice.

        ``embedder`` is the name of theirs, as for ``put``.
        """
        with self.database.writing() as db:
            self._refuse_former(db, embedder)
            embeddings.save_vectors(db, vectors, utc_time())

    # Jobs

    @cached_property
    def jobs(self) -> job_queue.JobQueue:
        """What is to be taken in, and how far that is."""
        return job_queue.JobQueue(self.database)

    def adopt_uploads(self) -> int | None:
        """Make a job of the uploads that no job names, as their process was killed; None where there are none.

        Raises OSError where the disk refuses.
        """
        with self.database.writing() as db:  # another process that starts sees the same files
            named = job_queue.named_paths(db)
            paths = [path for path in upload_inbox.left_behind(self.incoming_dir) if path not in named]
            found = job_queue.add_job(db, paths) if paths else None
        upload_inbox.sweep(self.incoming_dir)
        return found

    # Adding documents

    def put(
        self,
        entries: Sequence[Entry],
        vectors: Mapping[bytes, NDArray[np.float32]],
        embedder: str = "",
        *,
        are_known: bool = False,
    ) -> None:
        """Add documents with their chunks, vectors and words in one transaction.

        An entry replaces the document of the same id and the document that came from the same source before. A document
        that has no source left becomes a replaced version. ``embedder`` is the name of the vectors' embedder: raises
        EmbedderMismatch, and adds nothing, where the library has changed to another one since. With ``are_known`` they
        are documents of the library that were read anew: raises UnknownDocument where one was removed since.
        """
        from ingest.facets.read import read_facets  # where it is needed: most commands put nothing

        rows = [statements.prepare(entry) for entry in entries]
        facets = [read_facets(entry.document) for entry in entries]
        with self.database.writing() as db:
            self._refuse_former(db, embedder)
            for entry in entries if are_known else ():
                if not db.execute("SELECT 1 FROM documents WHERE id = ?", (entry.document.id,)).fetchone():
                    raise UnknownDocument(f"{entry.document.name} was removed while it was read anew.")
            generation = statements.next_generation(db)
            embeddings.save_vectors(db, vectors, utc_time())
            keep_texts(db, [entry.document.id for entry in entries if statements.has_other_text(db, entry.document)])
            for entry, chunk_rows, read in zip(entries, rows, facets, strict=True):
                statements.put(db, entry, chunk_rows, generation)
                stored_facets.save(db, entry.document.id, read)

    def add_source(self, document_id: str, source: str, name: str) -> str:
        """Record that a document in the library also came from ``source``, a file called ``name``.

        The document that came from there before may become a replaced version. Sources of the document whose files are
        gone from the disk are dropped: the file was renamed or moved.

        Returns the document's former name where this changes its name, else "". Raises UnknownDocument.
        """
        gone = [known for known in self.sources_of(document_id) if known != source and is_gone(known)]
        with self.database.writing() as db:
            generation = statements.next_generation(db)
            row = db.execute("SELECT name FROM documents WHERE id = ?", (document_id,)).fetchone()
            if row is None:
                raise UnknownDocument(f"{name} was removed while it was added.", "Add it again.")
            statements.set_source(db, source, document_id, name, generation)
            statements.drop_sources(db, gone, generation)
            settle_name(db, document_id)
            (present,) = db.execute("SELECT name FROM documents WHERE id = ?", (document_id,)).fetchone()
        return str(row[0]) if row[0] != present else ""

    def note_pages(self, document_id: str, before: Collection[str], note: str) -> None:
        """Give the pages of a document that have a note of ``before`` this one."""
        with self.database.writing() as db:
            statements.next_generation(db)  # what is known of the pages is cached by it
            statements.note_pages(db, document_id, before, note)
            db.execute("DELETE FROM recognized_pages WHERE document_id = ?", (document_id,))

    def recognized_pages(self, document_id: str) -> dict[str, Recognized]:
        """The pages of a document whose text is recognized already though not all of it is, by place ("0:12")."""
        with self.database.reading() as db:
            rows = db.execute("SELECT place, page FROM recognized_pages WHERE document_id = ?", (document_id,))
            return {row["place"]: recognized_page(json.loads(row["page"])) for row in rows}

    def keep_recognized(self, document_id: str, place: str, page: Recognized) -> None:
        """Keep what was recognized on a page until the document is put with all of its pages; not once it is removed"""
        with self.database.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO recognized_pages SELECT id, ?, ? FROM documents WHERE id = ?",
                (place, json.dumps(asdict(page)), document_id),
            )

    def keep_original(self, document_id: str, path: Path) -> bool:
        """Move an uploaded file to the originals, or delete it where its document has an original.

        Returns False, and does nothing, where the document is not in the library. Raises LibraryError, LibraryLocked.
        """
        return originals.keep_original(self, document_id, path)

    def tag(self, document_ids: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add tags to documents and remove tags from them. Tags that differ only in case are the same tag.

        Ids that are no longer in the library are skipped.
        Raises UsageError for a tag that is empty, too long, or more than one line.
        """
        added, taken = [check_tag(tag) for tag in add], [check_tag(tag) for tag in remove]
        with self.database.writing() as db:
            statements.next_generation(db)  # results of filters are cached by it
            for document_id in document_ids:
                statements.set_tags(db, document_id, added, taken)

    def give_facets(self, document_id: str, facets: Facets) -> None:
        """Save what a person says a document is; ``Facets()`` takes it back. It counts instead of what was read.

        It stays for this content, also where it is ingested again.
        """
        with self.database.writing() as db:
            statements.next_generation(db)  # choices of documents are cached by it
            stored_facets.give(db, document_id, facets)

    # Folders

    def watch(self, folders: Iterable[Path]) -> None:
        """Remember the folders that the library follows."""
        sources = json.dumps([of_path(folder) for folder in folders], ensure_ascii=False)
        with self.database.writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('watched', ?)", (sources,))

    def watched(self) -> list[Path]:
        """The folders that the library follows, as they were last named."""
        with self.database.reading() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'watched'").fetchone()
        return [path for source in json.loads(row[0]) if (path := path_of(source))] if row else []

    # Replaced versions

    def drop_sources(self, sources: Iterable[str]) -> list[str]:
        """Drop the sources whose files are no longer there; returns the ids of the documents without a source left.

        These documents are among ``replaced_versions`` until the next ingest.
        """
        with self.database.writing() as db:
            return statements.drop_sources(db, sources, statements.next_generation(db))

    def bring_back(self, document_id: str) -> str:
        """Put one of ``replaced_versions`` back, beside its newer version where there is one; returns its name.

        Raises UnknownDocument.
        """
        from ingest.facets.read import read_facets

        with self.database.writing() as db:
            if document_id not in {version.document_id for version in replaced.list_replaced(db)}:
                raise UnknownDocument(
                    _("that version can no longer be brought back."),
                    _("Files that were added later have taken its place; add the file again."),
                )
            entry, tags = replaced.take_back(db, document_id)
            statements.put(db, entry, statements.prepare(entry), statements.next_generation(db))
            stored_facets.save(db, document_id, read_facets(entry.document))
            statements.set_tags(db, document_id, tags)
        return entry.document.name

    def forget_replaced_versions(self, keep: Collection[str] = ()) -> None:
        """Delete all replaced versions for good, with their bytes on the disk; those whose ids are in ``keep`` stay."""
        if all(version.document_id in keep for version in self.replaced_versions()):
            return
        with self.database.writing() as db:
            self._forget_replaced(db, keep)
        removals.finish_or_wait(self)  # it begins an ingest, which needs nothing of it

    def _forget_replaced(self, db: sqlite3.Connection, keep: Collection[str] = ()) -> None:
        known = replaced.list_replaced(db)
        going = {version.document_id for version in known} - set(keep)
        versions = [version for version in known if {version.document_id, version.successor} & going]
        redact_quotes(db, [version.document_id for version in versions if not version.successor])
        keep_texts(db, [version.document_id for version in versions if version.successor])
        forgotten = replaced.forget(db, [version.document_id for version in versions])
        job_queue.forget_documents(db, forgotten)
        removals.note(db, forgotten)
        stored_facets.forget_given(db)

    def move_sources(self, moves: Iterable[statements.Move]) -> None:
        """Record that files of documents were moved or renamed, also where files have changed places.

        A document whose place another one took, and that has no other source, becomes a replaced version.
        """
        with self.database.writing() as db:
            statements.move_sources(db, moves, statements.next_generation(db))

    # Removing documents

    def remove(self, name_or_id: str) -> None:
        """Remove a document with all that belongs to it, also its bytes in the library's files.

        Raises UnknownDocument, LibraryLocked, or LibraryError where the disk refuses: the next opening tries again.
        """
        self.remove_ids([self.find(name_or_id)])

    def remove_ids(self, document_ids: Sequence[str], *, quotes: bool = False) -> None:
        """Remove documents by id, in one transaction; ids that are not in the library are skipped.

        With ``quotes``, quotes of them in saved chats and kept questions about them are removed too
        (``index.store.quotes.count_quotes`` counts these). Raises as ``remove``.
        """
        names = self.names_of(document_ids).values() if quotes else ()
        with self.database.writing() as db:
            generation = statements.next_generation(db)
            for document_id in document_ids:
                statements.remove_document(db, document_id, generation)
            forgotten = replaced.forget(db, document_ids)
            job_queue.forget_documents(db, [*document_ids, *forgotten])
            stored_facets.forget_given(db)
            redact_quotes(db, [*document_ids, *forgotten], quotes=quotes)
            embeddings.remove_unused_vectors(db, before=utc_time(ago=ABANDONED))
            removals.note(db, [*document_ids, *forgotten], removed=document_ids, questions_about=names)
        removals.finish(self)

    def drop_states_of_others(self) -> None:
        """Delete what models kept of documents that are not here; after they were made to forget what was removed."""
        removals.drop_states_of_others(self)
