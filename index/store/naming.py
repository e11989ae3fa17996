"""Names of documents: the file's name, with folders in front of it where several files have that name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import PurePath

from index.analyzer import index_text
from index.language import language_of
from index.store.document_fields import about
from index.store.sources import EARLIER, UPLOAD, WEB, path_of, shown_place

_LONGEST_SUFFIX = 12
"""Characters of a suffix with its dot: '.markdown' is a suffix, '. appendix to the lease' is part of the name."""


def name_for(db: sqlite3.Connection, document_id: str, source: str, base: str) -> str:
    """The name for the document from ``source``, whose file is called ``base``.

    Another document that has the bare file name is renamed by its folder.
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
    """Change a document's name, also in the word indexes."""
    row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row["name"] == name:
        return
    db.execute("UPDATE documents SET name = ? WHERE id = ?", (name, document_id))
    language = language_of(row["text"])
    named, _ = about(name, row["title"], json.loads(row["metadata"]), "", language)
    db.execute("UPDATE abouts SET name = ? WHERE rowid = ?", (named, row["number"]))
    file = index_text(f"{name}\n{row['title']}", language)
    db.execute(
        "UPDATE words SET file = ? WHERE rowid IN (SELECT id FROM chunks WHERE document_id = ?)", (file, document_id)
    )


def settle_name(db: sqlite3.Connection, document_id: str) -> None:
    """Rename a document after one of its sources where its name came from a source that it lost."""
    row = db.execute(
        "SELECT source, name FROM sources WHERE document_id = ? ORDER BY source", (document_id,)
    ).fetchone()
    if row and not keeps_name(db, document_id):
        rename(db, document_id, name_for(db, document_id, row["source"], row["name"]))


def keeps_name(db: sqlite3.Connection, document_id: str, without: str = "") -> bool:
    """Whether a document's name comes from one of its sources, the source ``without`` left out."""
    (present,) = db.execute("SELECT name FROM documents WHERE id = ?", (document_id,)).fetchone()
    rows = db.execute("SELECT source, name FROM sources WHERE document_id = ? AND source <> ?", (document_id, without))
    return any(present in (row["name"], *_by_folder(row["source"])) for row in rows)


def _is_told_apart(source: str) -> bool:
    """Whether documents from ``source`` get distinct names: files do; texts keep the name that their caller gave."""
    return path_of(source) is not None or source.startswith((UPLOAD, EARLIER, WEB))


def _place_of(db: sqlite3.Connection, document_id: str) -> str:
    """The first of a document's sources that is a path; "" where none is."""
    rows = db.execute("SELECT source FROM sources WHERE document_id = ? ORDER BY source", (document_id,))
    return next((str(row[0]) for row in rows if path_of(row[0]) is not None), "")


def _first_free(db: sqlite3.Connection, document_id: str, source: str, base: str) -> str:
    """The shortest name by folder that no other document has; without a folder, by a number."""
    for name in _by_folder(source) if path_of(source) else numbered(base):
        if not db.execute("SELECT 1 FROM documents WHERE name = ? AND id <> ?", (name, document_id)).fetchone():
            return name
    return shown_place(source)


def _by_folder(source: str) -> Iterator[str]:
    """Ever longer ends of a path: 'b/scan.pdf', '2024/b/scan.pdf', ..."""
    path = path_of(source)
    if path is None:
        return
    steps = shown_place(source).strip("/\\").replace("\\", "/").split("/")
    for count in range(2, len(steps) + 1):
        yield "/".join(steps[-count:])


def numbered(name: str) -> Iterator[str]:
    """``name``, then numbered names without end: 'scan.pdf', 'scan (2).pdf', 'scan (3).pdf', ...

    >>> import itertools
    >>> list(itertools.islice(numbered("scan.pdf"), 2))
    ['scan.pdf', 'scan (2).pdf']
    """
    stem, suffix = _split(name)
    yield name
    number = 2
    while True:
        yield f"{stem} ({number}){suffix}"
        number += 1


def _split(name: str) -> tuple[str, str]:
    path = PurePath(name)
    return (path.stem, path.suffix) if len(path.suffix) <= _LONGEST_SUFFIX else (name, "")
