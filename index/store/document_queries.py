"""Queries about a library's documents. Nothing here changes the library."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from pathlib import Path

from core.errors import UnknownDocument
from core.facets import Facets
from core.tables import Table
from core.types import Document
from index.search.filter_values import DAY
from index.store import replaced, statements, stored_facets
from index.store.library_folder import LibraryFolder
from index.store.records import NOTE_COLUMN, Counts, DocumentRecord, to_document, to_record, to_tables
from index.store.replaced import ReplacedVersion
from index.store.sources import is_gone, of_path, path_of


class DocumentQueries(LibraryFolder):
    """The documents of a library, to read. Each method sees one unchanging state of the database."""

    _with_tables: tuple[int, tuple[str, ...], int] | None = None
    """Of a generation: the documents that have tables, and their characters together."""

    def documents(self) -> list[DocumentRecord]:
        """All documents, sorted by name."""
        with self.database.reading() as db:
            sources: dict[str, list[str]] = {}
            for row in db.execute("SELECT document_id, source FROM sources ORDER BY source"):
                sources.setdefault(row["document_id"], []).append(row["source"])
            tags, unread = statements.all_tags(db), statements.unread_pages(db)
            rows = db.execute(
                "SELECT id, name, title, media_type, page_count, characters, size, added_at, warnings,"  # noqa: S608
                f" {DAY} AS day, (SELECT count(*) FROM chunks WHERE document_id = d.id) AS chunk_count"
                " FROM documents d ORDER BY name, id"
            )
            return [
                to_record(row, tuple(sources.get(row["id"], ())), tags.get(row["id"], ()), unread.get(row["id"], ()))
                for row in rows
            ]

    def names(self) -> list[str]:
        """The distinct names of all documents, sorted."""
        with self.database.reading() as db:
            return [str(row[0]) for row in db.execute("SELECT DISTINCT name FROM documents ORDER BY name")]

    def tags(self) -> list[str]:
        """The tags that documents have, sorted. Tags that differ only in case count as one."""
        with self.database.reading() as db:
            rows = db.execute("SELECT min(tag) FROM tags GROUP BY casefold(tag) ORDER BY casefold(tag)")
            return [str(row[0]) for row in rows]

    def has(self, document_id: str) -> bool:
        """Whether a document with this id is in the library."""
        with self.database.reading() as db:
            return bool(db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone())

    def find(self, name_or_id: str) -> str:
        """The id of the document with this id, the beginning of an id (8 characters or more), name or source.

        Raises UnknownDocument where there is none, with similar names in its hint, or more than one.
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

    def metadata_of(self, document_id: str) -> dict[str, str]:
        """What a document says of itself beside its text; {} for an id that is not there."""
        with self.database.reading() as db:
            row = db.execute("SELECT metadata FROM documents WHERE id = ?", (document_id,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def tables(self, document_ids: Iterable[str]) -> dict[str, tuple[Table, ...]]:
        """The tables of these documents by their ids, without their texts; ids that are not there are left out."""
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT id, tables FROM documents WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(document_ids)),),
            ).fetchall()
        return {str(row["id"]): to_tables(row["tables"]) for row in rows}

    def with_tables(self, most: int) -> list[str]:
        """The ids of the documents that have tables, none where they hold more than ``most`` characters together."""
        with self.database.reading() as db:
            generation, known = statements.current_generation(db), self._with_tables
            if known is None or known[0] != generation:  # all texts and tables are passed to tell: done once
                rows = db.execute("SELECT id, characters FROM documents WHERE tables != '[]'").fetchall()
                ids = tuple(str(row["id"]) for row in rows)
                known = self._with_tables = generation, ids, sum(row["characters"] for row in rows)
        return list(known[1]) if known[2] <= most else []

    def facets(self, document_id: str) -> Facets:
        """What a document is, as a person said, else as it says itself; nothing for an id that is not there."""
        with self.database.reading() as db:
            return stored_facets.load(db, [document_id]).get(document_id, Facets())

    def read_facets(self, document_id: str) -> Facets:
        """What a document says of itself, whatever a person said."""
        with self.database.reading() as db:
            return stored_facets.read_of(db, document_id)

    def all_facets(self) -> dict[str, Facets]:
        """What each document is, by its id, in one query that reads no texts."""
        with self.database.reading() as db:
            return stored_facets.load(db)

    def facets_of(self, document_ids: Iterable[str]) -> dict[str, Facets]:
        """What these documents are, by their ids."""
        with self.database.reading() as db:
            return stored_facets.load(db, document_ids)

    def given_facets(self, document_id: str) -> Facets:
        """What a person said a document is; nothing where nobody did."""
        with self.database.reading() as db:
            return stored_facets.given_to(db, document_id)

    def source_document(self, source: str) -> str | None:
        """The id of the document that came from ``source``, or None."""
        with self.database.reading() as db:
            return statements.source_document(db, source)

    def sources_of(self, document_id: str) -> list[str]:
        """The sources of a document (``index.store.sources``), sorted."""
        with self.database.reading() as db:
            return statements.sources_of(db, document_id)

    def files(self) -> dict[str, str]:
        """The ids of the documents that came from files on the disk, by source."""
        with self.database.reading() as db:
            rows = db.execute("SELECT source, document_id FROM sources ORDER BY source").fetchall()
        return {row["source"]: row["document_id"] for row in rows if path_of(row["source"]) is not None}

    def noted(self, notes: Iterable[str]) -> list[str]:
        """The ids of the documents with a page that has one of these notes, in the order in which they came in."""
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT DISTINCT d.number, d.id FROM documents d, json_each(d.pages) AS page"
                " WHERE page.value ->> ? IN (SELECT value FROM json_each(?)) ORDER BY d.number",
                (NOTE_COLUMN, json.dumps(list(notes))),
            ).fetchall()
        return [str(row["id"]) for row in rows]

    def gone_below(self, folders: Iterable[Path]) -> dict[str, str]:
        """The missing files below these folders: those that documents came from and that are no longer on the disk.

        Returns the name of each file's document by the file's source.
        """
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
        """The names of documents by their ids; ids that are not in the library are left out."""
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT id, name FROM documents WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(document_ids)),),
            )
            return {str(row["id"]): str(row["name"]) for row in rows}

    def counts(self) -> Counts:
        """How many documents, pages, characters, chunks, vectors and conversations the library holds."""
        with self.database.reading() as db:
            row = db.execute(
                "SELECT (SELECT count(*) FROM documents), (SELECT ifnull(sum(page_count), 0) FROM documents),"
                " (SELECT ifnull(sum(characters), 0) FROM documents), (SELECT count(*) FROM chunks),"
                " (SELECT count(*) FROM embeddings), (SELECT count(*) FROM conversations)"
            ).fetchone()
        return Counts(*row)

    def replaced_versions(self) -> list[ReplacedVersion]:
        """The versions that the last ingest replaced or took out, by name; each can be brought back."""
        with self.database.reading() as db:
            return replaced.list_replaced(db)
