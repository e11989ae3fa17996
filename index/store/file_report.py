"""What an ingest says of one file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["added", "replaced", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """The outcome for one file.

    ``state`` is "replaced" where the file had other content before, and "unchanged" where its content was already in
    the library. ``replaced_version`` is the id of the document that it replaced, "" where none can be brought back.
    ``unreadable`` are the pages without text, as (page number, reason); ``message`` is the error of a failed file.
    ``note`` says what else a person should know: the document's name in the library, or its name before.
    """

    path: Path
    name: str
    state: State
    document_id: str = ""
    pages: int = 0
    characters: int = 0
    chunks: int = 0
    tables: int = 0
    unreadable: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    message: str = ""
    note: str = ""
    replaced_version: str = ""
