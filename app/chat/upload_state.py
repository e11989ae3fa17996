"""What the page shows of the jobs of a library: how far they are, and what became of each file that it was given."""

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
    """The progress of the jobs. ``share`` is 0..1; ``seconds_left`` is None while there is no estimate.

    ``waiting``: the ingest pauses while an answer is being written. ``quiet_s``: seconds since its last message, in
    whole tens. ``page`` of ``pages`` is where the reader is in ``file``; 0 where it reads none. ``paused`` and ``left``
    name the files of jobs that are paused, and that broke off: the person decides about them.
    """

    running: bool = False
    stopping: bool = False
    waiting: bool = False
    quiet_s: int = 0
    file: str = ""
    page: int = 0
    pages: int = 0
    files_done: int = 0
    files: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    outcomes: tuple[FileOutcome, ...] = ()
    error: str = ""
    note: str = ""
    paused: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
