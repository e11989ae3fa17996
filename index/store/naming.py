"""What documents are called: by their file's name, and by its folder too where several files have that name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from index.analyzer import index_text
from index.store.document_fields import about
from index.store.sources import EARLIER, UPLOAD, numbered, path_of, shown_place


def name_for(db: sqlite3.Connection, document_id: str, source: str, base: str) -> str:
    """What the document from ``source`` is called, whose file is called ``base``.

    Another one that bears the bare name so far is called by its folder from then on.
    """
    query = "SELECT document_id FROM sources WHERE name = ? AND document_id <> ?"
    others = [str(row[0]) for row in db.execute(query, (base, document_id)).fetchall()]
    if not others or not _is_told_apart(source):
        return base
    for other in others:
        (present,) = db.execute("SELECT name FROM documents WHERE id = ?", (other,)).fetchone()
        if present == base and (place := _place_of(db, other)):
            rename(db, other, _first_free(db, other, place, base))
    return _first_free(db, document_id, source, base)


def rename(db: sqlite3.Connection, document_id: str, name: str) -> None:
    """Call a document by another name, wherever it is found by it."""
    row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row["name"] == name:
        return
    db.execute("UPDATE documents SET name = ? WHERE id = ?", (name, document_id))
    named, _ = about(name, row["title"], json.loads(row["metadata"]), "")
    db.execute("UPDATE abouts SET name = ? WHERE rowid = ?", (named, row["number"]))
    file = index_text(f"{name}\n{row['title']}")
    db.execute(
        "UPDATE words SET file = ? WHERE rowid IN (SELECT id FROM chunks WHERE document_id = ?)", (file, document_id)
    )


def settle_name(db: sqlite3.Connection, document_id: str) -> None:
    """Give a document a name that one of its sources has, where its present one is of a source that it lost."""
    row = db.execute(
        "SELECT source, name FROM sources WHERE document_id = ? ORDER BY source", (document_id,)
    ).fetchone()
    if row and not keeps_name(db, document_id):
        rename(db, document_id, name_for(db, document_id, row["source"], row["name"]))


def keeps_name(db: sqlite3.Connection, document_id: str, without: str = "") -> bool:
    """Whether a document is called as one of its sources is, one of them left out."""
    (present,) = db.execute("SELECT name FROM documents WHERE id = ?", (document_id,)).fetchone()
    rows = db.execute("SELECT source, name FROM sources WHERE document_id = ? AND source <> ?", (document_id, without))
    return any(present in (row["name"], *_by_folder(row["source"])) for row in rows)


def _is_told_apart(source: str) -> bool:
    """Whether documents from there are called apart: files are; texts are called as their caller says."""
    return path_of(source) is not None or source.startswith((UPLOAD, EARLIER))


def _place_of(db: sqlite3.Connection, document_id: str) -> str:
    """The first of a document's sources that is a path, or ""."""
    rows = db.execute("SELECT source FROM sources WHERE document_id = ? ORDER BY source", (document_id,))
    return next((str(row[0]) for row in rows if path_of(row[0]) is not None), "")


def _first_free(db: sqlite3.Connection, document_id: str, source: str, base: str) -> str:
    """The shortest name by folder that no other document has; for what has no folder, by a number."""
    for name in _by_folder(source) if path_of(source) else numbered(base):
        if not db.execute("SELECT 1 FROM documents WHERE name = ? AND id <> ?", (name, document_id)).fetchone():
            return name
    return shown_place(source)


def _by_folder(source: str) -> Iterator[str]:
    """A path's last two parts, last three, ...: 'b/scan.pdf', '2024/b/scan.pdf'."""
    path = path_of(source)
    if path is None:
        return
    parts = shown_place(source).strip("/\\").replace("\\", "/").split("/")
    for count in range(2, len(parts) + 1):
        yield "/".join(parts[-count:])
