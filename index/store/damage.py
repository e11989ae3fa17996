"""How damage of a library's file is recognised, and the command that repairs it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.errors import LibraryDamaged


def how_to_repair(library: str) -> str:
    """The command that saves what can be read of a damaged library."""
    return f"Run: lectern doctor --library '{library}' --repair"


def refuse_emptied(file: Path) -> None:
    """Raises LibraryDamaged where the database file is empty and other files of the library are not.

    SQLite would take it for a new database and delete the write-ahead log, which may hold all data.
    """
    others = (
        file.with_name(f"{file.name}-wal"),
        *file.parent.glob("vectors-*.faiss"),
        *file.parent.glob("uploads/*/*"),
    )
    if file.is_file() and not file.stat().st_size and any(one.is_file() and one.stat().st_size for one in others):
        raise LibraryDamaged(f"the library file {file} is empty.", how_to_repair(file.parent.name))


def is_damage(error: Exception) -> bool:
    """Whether an error of SQLite means a damaged file; also a missing table or column, or an undecodable text."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    known = ("no such table", "no such column", "already exists", "Could not decode")
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG} or any(
        message in str(error) for message in known
    )
