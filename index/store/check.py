"""Contradictions in a library: ``check`` finds them, ``repair`` mends them. For ``lectern doctor``."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import LibraryDamaged
from index.store import branches, chunk_vectors, embeddings, originals, removals, statements, vector_files
from index.store.document_queries import DocumentQueries
from index.store.records import tables_fit, to_pages
from index.store.scrub import scrub
from index.store.stored_answers import is_readable
from index.store.stored_facets import facets_fit, read_missing
from index.store.upload_inbox import hand_over
from index.store.vectors import VectorIndex
from index.store.word_index import index_words


@dataclass(frozen=True, slots=True)
class Problem:
    """One contradiction. ``repair`` mends it where it is ``mendable``; else ``index.salvage`` saves the rest."""

    text: str
    mendable: bool = True

    def __str__(self) -> str:
        return self.text


_COUNTED = (
    (
        "SELECT count(*) FROM chunks WHERE embedding NOT IN (SELECT hash FROM embeddings)",
        "chunks have no vector",
        False,
    ),
    (
        "SELECT count(*) FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)",
        "chunks belong to no document",
        True,
    ),
    (
        "SELECT count(*) FROM embeddings WHERE length(vector) <>"
        " 4 * (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'dimension')",
        "vectors have the wrong length",
        False,
    ),
    ("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT rowid FROM words)", "chunks are not in the word index", True),
    ("SELECT count(*) FROM words WHERE rowid NOT IN (SELECT id FROM chunks)", "words belong to no chunk", True),
    (
        "SELECT (SELECT count(*) FROM documents WHERE number NOT IN (SELECT rowid FROM abouts))"
        " + (SELECT count(*) FROM abouts WHERE rowid NOT IN (SELECT number FROM documents))",
        "documents are not in the index of documents, or are there without being in the library",
        True,
    ),
    (
        "SELECT count(*) FROM documents WHERE id NOT IN (SELECT document_id FROM sources)",
        "documents have no source",
        True,
    ),
    (
        "SELECT count(*) FROM sources WHERE document_id NOT IN (SELECT id FROM documents)",
        "sources name a document that is not there",
        True,
    ),
)


def check(library: DocumentQueries) -> list[Problem]:
    """All problems of a library, one line each. Reads everything once and changes nothing."""
    try:
        return _check(library)
    except LibraryDamaged as error:
        return [Problem(error.message, mendable=False)]
    except (sqlite3.Error, ValueError, TypeError) as error:  # a value in a row is of the wrong form
        return [Problem(f"the library file {library.database.path} is damaged: {error}.", mendable=False)]


def _check(library: DocumentQueries) -> list[Problem]:
    with library.database.reading() as db:
        found = list(_sqlite(db))
        if found:
            return found
        for query, text, mendable in _COUNTED:
            if count := db.execute(query).fetchone()[0]:
                found.append(Problem(f"{count} {text}.", mendable))
        found += _texts(db)
        if lost := len(_unreadable_answers(db)):
            found.append(Problem(f"{lost} answers in saved chats cannot be read: repair takes them out."))
    found += [
        Problem(f"the upload '{file.name}' belongs to no document: repair lays it ready to be added again.")
        for file in _stray(library)
    ]
    return found + list(_word_index(library)) + list(_vectors(library))


def repair(library: DocumentQueries) -> list[Problem]:
    """Mend what can be mended without the original files; returns the problems that remain."""
    problems = check(library)
    if not any(problem.mendable for problem in problems):
        return problems
    with library.database.writing() as db:
        generation = statements.next_generation(db)
        db.execute("DELETE FROM sources WHERE document_id NOT IN (SELECT id FROM documents)")
        db.execute("INSERT INTO sources SELECT 'text:' || id, id, name FROM documents"
                   " WHERE id NOT IN (SELECT document_id FROM sources)")  # fmt: skip
        orphans = db.execute("SELECT id FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)").fetchall()
        db.executemany("INSERT INTO removed VALUES (?, ?)", ((row[0], generation) for row in orphans))
        db.executemany("DELETE FROM chunks WHERE id = ?", ((row[0],) for row in orphans))
        db.execute("DELETE FROM words WHERE rowid NOT IN (SELECT id FROM chunks)")
        db.execute(f"DELETE FROM embeddings WHERE {embeddings.UNUSED}")  # noqa: S608
        db.execute("DELETE FROM abouts WHERE rowid NOT IN (SELECT number FROM documents)")
        for number in _unreadable_answers(db):
            (chat,) = db.execute("SELECT conversation_id FROM messages WHERE id = ?", (number,)).fetchone()
            branches.take_out(db, chat, number)
        _drop_unfit_tables(db)
        db.execute("DELETE FROM facets")
        read_missing(db)
        db.execute("INSERT INTO words (words) VALUES ('rebuild')")
        db.execute("INSERT INTO abouts (abouts) VALUES ('rebuild')")
        index_words(db)
    hand_over(library.incoming_dir, _stray(library))
    vector_files.discard(library)  # made anew from the rows
    scrub(library)
    return check(library)


def _sqlite(db: sqlite3.Connection) -> Iterator[Problem]:
    for row in db.execute("PRAGMA integrity_check(10)"):
        if row[0] != "ok":
            yield Problem(f"SQLite finds its file damaged: {row[0]}.", mendable=False)


def _word_index(library: DocumentQueries) -> Iterator[Problem]:
    """Problems that FTS5 finds between its index and the words it was made from."""
    try:
        with library.database.writing() as db:  # a command of FTS5 is written as an insert, and inserts nothing
            db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
            db.execute("INSERT INTO abouts (abouts) VALUES ('integrity-check')")
    except LibraryDamaged:
        yield Problem("the word index is not in line with its words.")


def _texts(db: sqlite3.Connection) -> Iterator[Problem]:
    """Documents whose chunks or tables differ from the text at their offsets, or chunks not numbered 0, 1, 2, ..."""
    documents = (
        "SELECT id, name, text, tables, pages, headings, metadata, warnings, read FROM documents d"
        " LEFT JOIN facets f ON f.number = d.number ORDER BY name"
    )
    for document in db.execute(documents):
        text = document["text"]
        chunks = db.execute(
            "SELECT ordinal, start, end, text FROM chunks WHERE document_id = ? ORDER BY ordinal", (document["id"],)
        ).fetchall()
        exact = all(text[row["start"] : row["end"]] == row["text"] for row in chunks)
        if not exact or [row["ordinal"] for row in chunks] != list(range(len(chunks))):
            yield Problem(f"the chunks of '{document['name']}' do not match its text.", mendable=False)
        if not _describes(document):
            yield Problem(f"the pages or headings of '{document['name']}' cannot be read.", mendable=False)
        if not tables_fit(document["tables"], text):
            yield Problem(f"the tables of '{document['name']}' do not match its text.")
        if not facets_fit(document["read"] or "", text):
            yield Problem(f"what '{document['name']}' says of itself does not match its text.")


def _describes(row: sqlite3.Row) -> bool:
    """Whether what is stored of a document beside its text can be read, and its pages lie within the text."""
    try:
        pages = to_pages(row["pages"])
        [(int(start), int(level), str(text)) for start, level, text in json.loads(row["headings"])]
        dict(json.loads(row["metadata"]))
        tuple(json.loads(row["warnings"]))
    except (ValueError, TypeError):
        return False
    return all(0 <= page.start <= page.end <= len(row["text"]) for page in pages)


def _unreadable_answers(db: sqlite3.Connection) -> list[int]:
    """The numbers of saved messages whose answer cannot be shown again."""
    rows = db.execute("SELECT id, answer FROM messages WHERE answer <> '' ORDER BY id")
    return [int(row["id"]) for row in rows if not is_readable(row["answer"])]


def _drop_unfit_tables(db: sqlite3.Connection) -> None:
    """Take out tables that do not match their document's text: it is found and quoted without them."""
    for document in db.execute("SELECT id, text, tables FROM documents").fetchall():
        if not tables_fit(document["tables"], document["text"]):
            db.execute("UPDATE documents SET tables = '[]' WHERE id = ?", (document["id"],))


def _stray(library: DocumentQueries) -> list[Path]:
    """Originals of documents that are neither in the library, nor replaced, nor being removed."""
    known = {originals.folder_of(library.uploads_dir, record.id) for record in library.documents()}
    known |= {originals.folder_of(library.uploads_dir, version.document_id) for version in library.replaced_versions()}
    known |= {originals.folder_of(library.uploads_dir, key) for key in removals.yet_to_delete(library)}
    folders = sorted(path for path in library.uploads_dir.glob("*") if path.is_dir())
    return [file for folder in folders if folder not in known for file in sorted(folder.iterdir())]


def _vectors(library: DocumentQueries) -> Iterator[Problem]:
    """Differences between the vector index and the library's vectors."""
    if not library.dimension:
        return
    index = VectorIndex(library)
    indexed_ids = index.ids()
    with library.database.reading() as db:
        ids = chunk_vectors.chunk_ids(db)
    if not np.array_equal(np.sort(indexed_ids), np.sort(ids)):
        yield Problem("the vector index does not hold the library's chunks.")
    elif wrong := index.deviations():
        yield Problem(f"{wrong} vectors of the vector index are not the library's.")
