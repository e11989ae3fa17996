"""Questions to start with, kept with the library: each was tried on these very documents and answered well.

A question names what stands in its document, so that it goes with it from the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.store.library import Library

_CHOSEN_FOR = "starters_for"


@dataclass(frozen=True, slots=True)
class Starter:
    """A question, and the document that answers it."""

    question: str
    document_id: str


def state_of(library: Library, answerer: str) -> str:
    """What starters are chosen for: these documents, answered by ``answerer``, a model's name or how else."""
    with library.database.reading() as db:
        ids = [str(row[0]) for row in db.execute("SELECT id FROM documents ORDER BY id")]
    return hashlib.sha256("\n".join((answerer, *ids)).encode()).hexdigest()


def kept(library: Library) -> tuple[str, tuple[Starter, ...]]:
    """For which state they were chosen, "" where none were, and the starters in order."""
    with library.database.reading() as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (_CHOSEN_FOR,)).fetchone()
        found = db.execute("SELECT question, document_id FROM starters ORDER BY place").fetchall()
    return str(row[0]) if row else "", tuple(Starter(one["question"], one["document_id"]) for one in found)


def keep(library: Library, state: str, starters: Sequence[Starter]) -> None:
    """Save the starters that were chosen for ``state`` in place of others; one whose document is gone is left out."""
    with library.database.writing() as db:
        db.execute("DELETE FROM starters")
        db.executemany(
            "INSERT OR IGNORE INTO starters SELECT ?, id, ? FROM documents WHERE id = ?",
            [(one.question, place, one.document_id) for place, one in enumerate(starters)],
        )
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CHOSEN_FOR, state))
