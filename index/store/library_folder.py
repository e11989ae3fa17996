"""A library's folder on the disk: its database, its other files, and what the database says of itself."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    from index.store.database import Database


class LibraryFolder:
    """The folder of one library with its open database.

    All that stands below the library itself (vector index, originals, removals) needs no more than this.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.folder = database.path.parent
        self.name = self.folder.name

    def close(self) -> None:
        """Close the database; the library cannot be used any more."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def uploads_dir(self) -> Path:
        """The folder in which the originals of uploaded documents are kept."""
        return self.folder / "uploads"

    @property
    def incoming_dir(self) -> Path:
        """The folder in which uploaded files wait until their documents are in."""
        return self.folder / "incoming"

    @property
    def open_dir(self) -> Path:
        """The folder in which the state of a chat model is kept that has read whole documents of the library."""
        return self.folder / "open"

    @property
    def generation(self) -> int:
        """A number that every change of the documents raises, by whichever process."""
        return int(self._meta("generation"))

    @cached_property
    def identity(self) -> str:
        """A random id, which tells this library from another one made later in the same folder."""
        return self._meta("identity")

    @property
    def embedder_name(self) -> str:
        """The name of the embedder that made the library's vectors; "" before the first."""
        return self._meta("embedder")

    @property
    def dimension(self) -> int:
        """The length of the library's vectors; 0 before the first."""
        return int(self._meta("dimension") or 0)

    def _meta(self, key: str) -> str:
        with self.database.reading() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""
