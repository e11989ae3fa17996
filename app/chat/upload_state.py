"""What the page shows of uploads: how far their ingest is, and what became of each file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The result of one file's ingest. ``failed``: the library holds nothing of it.

    ``problems`` say what could not be read and why; ``note`` is what else a person should know; ``former`` is the id
    of the document version that it replaced, "" for none.
    """

    name: str
    failed: bool
    pages: int = 0
    chunks: int = 0
    problems: tuple[str, ...] = ()
    note: str = ""
    former: str = ""


@dataclass(frozen=True, slots=True)
class IngestState:
    """The progress of the uploads. ``share`` is 0..1; ``seconds_left`` is None while there is no estimate.

    ``waiting``: the ingest pauses while an answer is being written. ``quiet_s``: seconds since its last message, in
    whole tens. ``left`` names the files that an ingest which broke off left behind: the person decides about them.
    """

    running: bool = False
    stopping: bool = False
    waiting: bool = False
    quiet_s: int = 0
    file: str = ""
    files_done: int = 0
    files: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    outcomes: tuple[FileOutcome, ...] = ()
    error: str = ""
    note: str = ""
    left: tuple[str, ...] = ()
