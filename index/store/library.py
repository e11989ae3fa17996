"""The library: documents, chunks, vectors and words in one SQLite file, which is the truth; FAISS is derived from it.

One transaction makes a document appear, change or vanish with all that belongs to it. Every such transaction raises
the library's ``generation``, by which other processes notice.
"""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import EmbedderMismatch, NoDocuments, UnknownDocument
from core.files import private_folder
from core.protocols import Embedder
from core.settings import DEFAULT_LIBRARY, Settings
from core.types import Document
from index import older_uploads
from index.search.filter_values import DAY
from index.store import embeddings, incoming, removals, replaced, statements, uploads
from index.store.damage import refuse_emptied
from index.store.database import Database
from index.store.naming import settle_name
from index.store.quotes import withdraw
from index.store.records import Counts, DocumentRecord, Entry, check_tag, to_document, to_record, utc_time
from index.store.replaced import Former
from index.store.sources import is_gone, of_path, path_of
from index.store.stored_answers import keep_texts

if TYPE_CHECKING:
    from typing import Self

    from index.store.check import Problem

FILE = "library.sqlite"
VECTORS = "vectors-*.faiss"
"""Derived index files beside the library's; deleting them loses nothing."""


ABANDONED = timedelta(days=1)
"""How long vectors without a document wait for the ingest that was cancelled or killed to go on."""


def no_documents(library: str) -> NoDocuments:
    """The error that says how documents come into that library."""
    named = "" if library == DEFAULT_LIBRARY else f" --library '{library}'"
    return NoDocuments(f"there are no documents in the library '{library}' yet.", f"Run: lectern ingest PATH{named}")


class Library:
    """One named library. Safe to use from many threads; any number of processes may open it at once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.folder = database.path.parent
        self.name = self.folder.name

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False) -> Self:
        """The library that the settings name; with ``create`` it is made where it does not exist.

        Raises NoDocuments where it does not exist, LibraryDamaged, LibraryLocked, or LibraryError for one of a later
        version of the program.
        """
        path = settings.libraries_dir / settings.library / FILE
        if not create and not path.exists():
            raise no_documents(settings.library)
        private_folder(path.parent)
        refuse_emptied(path)
        library = cls(Database(path))
        older_uploads.settle(library)
        removals.finish_or_wait(library)
        return library

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def uploads_dir(self) -> Path:
        """Where the originals of uploaded documents are kept."""
        return self.folder / "uploads"

    @property
    def incoming_dir(self) -> Path:
        """Where uploaded files wait until their documents are in."""
        return self.folder / "incoming"

    @property
    def generation(self) -> int:
        """Raised by every change of the documents, by whichever process."""
        return int(self._meta("generation"))

    @cached_property
    def identity(self) -> str:
        """Tells this library from another one made later at the same place."""
        return self._meta("identity")

    def _meta(self, key: str) -> str:
        with self.database.reading() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    # Documents

    def documents(self) -> list[DocumentRecord]:
        """All documents, by name."""
        with self.database.reading() as db:
            sources: dict[str, list[str]] = {}
            for row in db.execute("SELECT document_id, source FROM sources ORDER BY source"):
                sources.setdefault(row["document_id"], []).append(row["source"])
            tags = statements.all_tags(db)
            rows = db.execute(
                "SELECT id, name, title, media_type, page_count, characters, size, added_at, warnings,"  # noqa: S608
                f" {DAY} AS day, (SELECT count(*) FROM chunks WHERE document_id = d.id) AS chunk_count"
                " FROM documents d ORDER BY name, id"
            )
            return [to_record(row, tuple(sources.get(row["id"], ())), tags.get(row["id"], ())) for row in rows]

    def names(self) -> list[str]:
        """The names of all documents, each once, in order."""
        with self.database.reading() as db:
            return [str(row[0]) for row in db.execute("SELECT DISTINCT name FROM documents ORDER BY name")]

    def tags(self) -> list[str]:
        """The tags that documents have, each once whatever its case, in order."""
        with self.database.reading() as db:
            rows = db.execute("SELECT min(tag) FROM tags GROUP BY casefold(tag) ORDER BY casefold(tag)")
            return [str(row[0]) for row in rows]

    def has(self, document_id: str) -> bool:
        with self.database.reading() as db:
            return bool(db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone())

    def find(self, name_or_id: str) -> str:
        """The id of the document with this id, the beginning of an id (8 characters or more), name or source.

        Raises UnknownDocument, with names that look alike as its hint, also where two documents have the name.
        """
        with self.database.reading() as db:
            found = statements.find_documents(db, name_or_id)
            names = [row[0] for row in db.execute("SELECT name FROM documents ORDER BY name")] if not found else []
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(document_id[:12] for document_id in found)
            raise UnknownDocument(f"{len(found)} documents are called '{name_or_id}'.", f"Give an id: {ids}")
        near = difflib.get_close_matches(name_or_id, names, n=3, cutoff=0.4)
        hint = f"Did you mean: {', '.join(near)}?" if near else "Run `lectern docs list` to see what is there."
        raise UnknownDocument(f"no document '{name_or_id}' in the library.", hint)

    def document(self, name_or_id: str) -> Document:
        """The whole document. Raises UnknownDocument."""
        document_id = self.find(name_or_id)
        with self.database.reading() as db:
            row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise UnknownDocument(f"the document '{name_or_id}' was just removed.", "Ask again.")
        return to_document(row)

    def text(self, document_id: str) -> str:
        """The text of the document with this id. Raises UnknownDocument."""
        with self.database.reading() as db:
            row = db.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise UnknownDocument("the document is no longer in the library.", "Ask again.")
        return str(row[0])

    def source_document(self, source: str) -> str | None:
        """The id of the document that came from ``source``, or None."""
        with self.database.reading() as db:
            return statements.source_document(db, source)

    def sources_of(self, document_id: str) -> list[str]:
        """Where a document came from (``index.store.sources``), in order."""
        with self.database.reading() as db:
            return statements.sources_of(db, document_id)

    def gone_below(self, folders: Iterable[Path]) -> dict[str, str]:
        """The files below these folders that documents came from and that are no longer there: source -> name."""
        places = [path_of(of_path(folder)) or folder for folder in folders]
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT source, documents.name FROM sources JOIN documents ON id = document_id ORDER BY source"
            ).fetchall()
        below = {
            row["source"]: row["name"]
            for row in rows
            if (path := path_of(row["source"])) is not None and any(path.is_relative_to(place) for place in places)
        }
        return {source: name for source, name in below.items() if is_gone(source)}

    def names_of(self, document_ids: Iterable[str]) -> dict[str, str]:
        """What those of these documents that are there are called, by their ids."""
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT id, name FROM documents WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(document_ids)),),
            )
            return {str(row["id"]): str(row["name"]) for row in rows}

    def counts(self) -> Counts:
        with self.database.reading() as db:
            row = db.execute(
                "SELECT (SELECT count(*) FROM documents), (SELECT ifnull(sum(page_count), 0) FROM documents),"
                " (SELECT ifnull(sum(characters), 0) FROM documents), (SELECT count(*) FROM chunks),"
                " (SELECT count(*) FROM embeddings), (SELECT count(*) FROM conversations)"
            ).fetchone()
        return Counts(*row)

    # Changes

    def claim(self, embedder: Embedder) -> None:
        """Note which embedder made the vectors, or check that it is this one. Raises EmbedderMismatch."""
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
            raise EmbedderMismatch(
                f"the library '{self.name}' was built with the embedder '{known}', not '{embedder.name}'.",
                "Use that embedder (LECTERN_EMBEDDER), or ingest into another library with --library NAME.",
            )

    @property
    def embedder_name(self) -> str:
        """The embedder whose vectors the library holds; "" before the first."""
        return self._meta("embedder")

    @property
    def dimension(self) -> int:
        """The length of its vectors; 0 before the first."""
        return int(self._meta("dimension") or 0)

    def known_vectors(self, hashes: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The vectors, of shape (dimension,), that are there already for these hashes."""
        with self.database.reading() as db:
            return embeddings.load_vectors(db, hashes)

    def keep_vectors(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Save vectors ahead of their document, so that an ingest that is killed does not compute them twice."""
        with self.database.writing() as db:
            embeddings.save_vectors(db, vectors, utc_time())

    def put(self, entries: Sequence[Entry], vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Add documents with their chunks, vectors and words in one transaction.

        A document of the same id is replaced, and so is what came from the same source before; a document that no
        source names any more vanishes.
        """
        rows = [statements.prepare(entry) for entry in entries]
        with self.database.writing() as db:
            generation = statements.next_generation(db)
            embeddings.save_vectors(db, vectors, utc_time())
            for entry, chunk_rows in zip(entries, rows, strict=True):
                statements.put(db, entry, chunk_rows, generation)

    def add_source(self, document_id: str, source: str, name: str) -> str:
        """Note that a document that is there also came from ``source``; what came from it before may vanish.

        Sources whose files are gone from the disk are dropped: the file was renamed or moved. Returns what the document
        was called before where it is called otherwise now, else "".
        """
        gone = [one for one in self.sources_of(document_id) if one != source and is_gone(one)]
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

    def drop_sources(self, sources: Iterable[str]) -> list[str]:
        """Take files out that are no longer there; returns the ids of the documents that vanished with them.

        These are among ``former`` until the next ingest.
        """
        with self.database.writing() as db:
            return statements.drop_sources(db, sources, statements.next_generation(db))

    def keep_original(self, document_id: str, path: Path) -> bool:
        """Move an upload to where originals are kept, or drop it where its document has one.

        False, and nothing is done, where the document is not in the library. Raises LibraryError, LibraryLocked.
        """
        with self.database.writing() as db:  # so that nobody removes the document meanwhile
            if not removals.is_known(db, document_id):
                return False
            if uploads.has_original(self.uploads_dir, document_id):
                incoming.drop(path)
            else:
                uploads.keep(self.uploads_dir, document_id, path)
        return True

    # What was replaced or taken out

    def former(self) -> list[Former]:
        """What the last ingest replaced or took out, by name."""
        with self.database.reading() as db:
            return replaced.list_former(db)

    def bring_back(self, document_id: str) -> str:
        """Put one of ``former`` back, beside the newer one if there is one; returns what it is called.

        Raises UnknownDocument.
        """
        with self.database.writing() as db:
            if document_id not in {one.document_id for one in replaced.list_former(db)}:
                raise UnknownDocument(
                    "that version can no longer be brought back.", "A later ingest has let it go; add the file again."
                )
            entry, tags = replaced.take_back(db, document_id)
            statements.put(db, entry, statements.prepare(entry), statements.next_generation(db))
            statements.set_tags(db, document_id, tags)
        return entry.document.name

    def forget_former(self) -> None:
        """Let go of what the last ingest replaced or took out, so that its bytes are gone from the disk's files."""
        if not self.former():
            return
        with self.database.writing() as db:
            earlier = replaced.list_former(db)
            withdraw(db, [one.document_id for one in earlier if not one.successor])
            keep_texts(db, [one.document_id for one in earlier if one.successor])
            removals.note(db, replaced.forget(db))
        removals.finish_or_wait(self)  # it begins an ingest, which needs nothing of it

    def tag(self, document_ids: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give documents tags and take tags from them; upper and lower case are the same tag.

        Documents that are gone, as by another process, are passed over.
        Raises UsageError for a tag that is empty, too long, or more than one line.
        """
        added, taken = [check_tag(tag) for tag in add], [check_tag(tag) for tag in remove]
        with self.database.writing() as db:
            statements.next_generation(db)  # what a filter keeps is remembered by it
            for document_id in document_ids:
                statements.set_tags(db, document_id, added, taken)

    def remove(self, name_or_id: str) -> None:
        """Remove a document with all that belongs to it, so that its bytes are gone from the disk's files.

        Raises UnknownDocument, LibraryLocked, LibraryError where the disk keeps some: the next opening tries again.
        """
        self.remove_ids([self.find(name_or_id)])

    def remove_ids(self, document_ids: Sequence[str], *, quotes: bool = False) -> None:
        """Remove documents by id, in one transaction; ids that are not there are passed over.

        ``quotes`` also takes out what saved chats quote of them, and kept questions about them
        (``index.store.quotes`` tells how much that is).
        """
        names = self.names_of(document_ids).values() if quotes else ()
        with self.database.writing() as db:
            generation = statements.next_generation(db)
            for document_id in document_ids:
                statements.remove_document(db, document_id, generation)
            let_go = self._clear_after(db, document_ids, quotes=quotes)
            removals.note(db, [*document_ids, *let_go], removed=document_ids, questions_about=names)
        removals.finish(self)

    def _clear_after(self, db: sqlite3.Connection, removed: Sequence[str], *, quotes: bool = False) -> list[str]:
        """Take out what chats and replaced versions hold of removed documents; returns the ids of these versions."""
        let_go = replaced.forget(db, removed)
        withdraw(db, [*removed, *let_go], quotes=quotes)
        embeddings.remove_unused_vectors(db, before=utc_time(ago=ABANDONED))
        return let_go

    def scrub(self) -> bool:
        """Let nothing of removed documents linger: words merged away, log cut, derived files without them.

        False where a reader of another process keeps the log from being cut.
        """
        from index.store.vectors import scrub

        with self.database.writing() as db:
            db.execute("INSERT INTO words (words) VALUES ('optimize')")
            db.execute("INSERT INTO abouts (abouts) VALUES ('optimize')")
        scrub(self)
        return self.database.truncate_log()

    def check(self) -> list[Problem]:
        """What contradicts itself in the library, one line each; see ``index.store.check``."""
        from index.store.check import check

        return check(self)

    def repair(self) -> list[Problem]:
        """Mend what can be mended without the original files; returns what is still wrong."""
        from index.store.check import repair

        return repair(self)


def list_libraries(settings: Settings) -> list[str]:
    """The names of the libraries in this home, in order."""
    return sorted(path.parent.name for path in settings.libraries_dir.glob(f"*/{FILE}"))
