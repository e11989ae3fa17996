"""What an ingest tells of itself: how far it is, and what became of every file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["added", "replaced", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. ``unreadable`` holds pages without text, as (page number, why); ``message`` an error.

    "replaced": the file had other content before; ``former`` is the id of that document where it can be brought back,
    "" where it is still there because another file has its content. "unchanged": its content is in the library already.
    ``note`` says what else a person should know: what it is called here, what it was called before.
    """

    path: Path
    name: str
    state: State
    document_id: str = ""
    pages: int = 0
    characters: int = 0
    chunks: int = 0
    unreadable: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    message: str = ""
    note: str = ""
    former: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every file, in order; those that a cancelled ingest did not come to are left out.

    ``gone`` names the files that came from the ingested folders before and are no longer there; ``pruned`` is whether
    they were taken out.
    """

    files: tuple[FileReport, ...]
    seconds: float
    embedded: int
    cancelled: bool = False
    gone: tuple[str, ...] = ()
    pruned: bool = False

    @property
    def failed(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.state == "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is. ``chunks_per_second`` counts embedded ones; ``seconds_left`` is None while unknown."""

    files_done: int
    files_total: int
    pages: int
    chunks: int
    chunks_per_second: float
    seconds_left: float | None
    file: str
