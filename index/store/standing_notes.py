"""What a person says once for a library: notes that the model reads with every question, and the answers' language."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.messages import _

if TYPE_CHECKING:
    from index.store.library import Library

_KEY = "standing_notes"

MOST_CHARACTERS = 600
"""Of the notes: they are read with every question, and take of the room for sources."""


@dataclass(frozen=True, slots=True)
class StandingNotes:
    """``text`` as the person wrote it; ``language`` by its name in English, "" for the question's own."""

    text: str = ""
    language: str = ""


def read_notes(library: Library) -> StandingNotes:
    """The notes of a library; empty where there are none."""
    with library.database.reading() as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return StandingNotes(**json.loads(row[0])) if row else StandingNotes()


def write_notes(library: Library, notes: StandingNotes) -> None:
    """Save the notes in place of others. Raises UsageError where they are too long."""
    if len(notes.text) > MOST_CHARACTERS:
        raise UsageError(
            _(
                "the notes have {count} characters; {most} are read with every question at most.",
                count=f"{len(notes.text):,}",
                most=MOST_CHARACTERS,
            ),
            _("Shorten them."),
        )
    with library.database.writing() as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(asdict(notes), ensure_ascii=False)))
