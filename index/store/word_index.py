"""The rows of the word indexes, made from documents and chunks as they are stored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from core.tables import Table
from index.analyzer import STEMMED, index_text
from index.language import READ_CHARACTERS, language_of
from index.store.document_fields import about
from index.store.records import to_tables
from index.table_names import table_context


def chunk_words(
    headings: Sequence[str], text: str, tables: Sequence[Table], start: int, end: int, language: str
) -> str:
    """The terms of a chunk, characters ``start`` to ``end`` of its document: of its headings, of the names of its rows'
    columns among the document's ``tables``, and of its ``text``."""
    return index_text("\n".join((*headings, *table_context(tables, start, end), text)), language)


def index_words(db: sqlite3.Connection) -> None:
    """Add the chunks and documents that are missing in the word indexes."""
    missing = db.execute(
        "SELECT number, tables FROM documents WHERE number NOT IN (SELECT rowid FROM abouts)"
        " OR id IN (SELECT document_id FROM chunks WHERE id NOT IN (SELECT rowid FROM words))"
    ).fetchall()
    for number, tables in missing:
        _index_document(db, number, to_tables(tables))


def add_second_forms(db: sqlite3.Connection) -> None:
    """Index anew the documents whose language has second forms; those of all others are what they were.

    A step of the migration, from when documents had no tables.
    """
    beginnings = db.execute("SELECT number, substr(text, 1, ?) FROM documents", (READ_CHARACTERS,))
    numbers = [number for number, beginning in beginnings if language_of(beginning) in STEMMED]
    for number in numbers:
        db.execute(
            "DELETE FROM words WHERE rowid IN"
            " (SELECT chunks.id FROM chunks JOIN documents ON documents.id = document_id WHERE number = ?)",
            (number,),
        )
        db.execute("DELETE FROM abouts WHERE rowid = ?", (number,))
        _index_document(db, number)


def _index_document(db: sqlite3.Connection, number: int, tables: Sequence[Table] = ()) -> None:
    """Add a document's chunks, and itself, where they are missing."""
    document_id, name, title, metadata, text = db.execute(
        "SELECT id, name, title, metadata, text FROM documents WHERE number = ?", (number,)
    ).fetchone()
    language = language_of(text)
    if not db.execute("SELECT 1 FROM abouts WHERE rowid = ?", (number,)).fetchone():
        fields = about(name, title, json.loads(metadata), text, language)
        db.execute("INSERT INTO abouts (rowid, name, lead) VALUES (?, ?, ?)", (number, *fields))
    file = index_text(f"{name}\n{title}", language)
    chunks = db.execute(
        "SELECT id, headings, text, start, end FROM chunks"
        " WHERE document_id = ? AND id NOT IN (SELECT rowid FROM words_docsize)",
        (document_id,),
    ).fetchall()
    for key, headings, body, start, end in chunks:
        words = chunk_words(json.loads(headings), body, tables, start, end, language)
        db.execute("INSERT INTO words (rowid, file, body) VALUES (?, ?, ?)", (key, file, words))
