"""A set's documents as a library of its own, made once by the real line and kept between runs.

    HOME/evaluation/libraries/<set>-<hash>/

The hash is that of the documents, of the settings that shape a library, and of the program that makes one. A library
that was being made when its process ended is gone on with.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ReadError
from core.protocols import Embedder
from core.settings import Settings
from evaluate.runs import program_digest, write_json
from evaluate.sets import EvalSet, SetContents, Span

if TYPE_CHECKING:
    from index.store.library import Library

DONE = "set.json"
"""The file that marks a library as complete."""
SHAPING = ("embedder", "embedder_passage_prompt", "chunk_tokens")
"""Settings that decide what a library holds."""
ONLY_READ = (
    "index/search/",
    "index/reader/",
    "index/langchain/",
    "index/store/chats.py",
    "index/store/stored_answers.py",
)
"""Folders and modules that change nothing in a library's file; a new module counts until it is named here."""

Advance = Callable[[int, int], None]
"""Called with how much is done and how much there is in all: documents, or files."""


def open_set_library(
    data: SetContents,
    inside: Settings,
    embedder: Embedder,
    advance: Advance,
    unreadable: Callable[[str], None] | None = None,
) -> Library:
    """The library of a set, made now where it is not there yet; ``inside`` are its ``library_settings``.

    ``unreadable`` is told of each file that cannot be read, and the library holds the rest; such files are tried again
    the next time. Without it ReadError is raised: numbers over the rest would not be those of the set.
    """
    from index.store.library import Library

    library = Library.open(inside, create=True)
    try:
        if not (library.folder / DONE).exists():
            unread = _fill(library, data, inside, embedder, advance)
            for message in unread:
                (unreadable or _refuse(data))(message)
            if not unread:
                write_json(library.folder / DONE, {"set": data.name, "digest": data.digest, "folder": str(data.folder)})
    except BaseException:
        library.close()
        raise
    return library


def library_settings(data: SetContents, settings: Settings) -> Settings:
    """``settings``, but for the library of this set."""
    from index.embed import settings_for_library

    settings = settings_for_library(settings)
    shape = {name: getattr(settings, name) for name in SHAPING}
    made_by = program_digest(("core", "ingest", "index"), leave_out=ONLY_READ)
    content = json.dumps([data.kind, data.digest, shape, made_by], sort_keys=True)
    name = f"{_plain(data.name)}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    # Made anew, not copied: a copy would keep the paths that were worked out from the other home.
    return Settings(**{**settings.model_dump(), "home": settings.home / "evaluation", "library": name})


def chunk_spans(library: Library, data: EvalSet) -> list[Span]:
    """Every chunk of a set's library."""
    with library.database.reading() as db:
        rows = db.execute(
            "SELECT document_id, name, start, end FROM chunks JOIN documents ON documents.id = document_id"
            " ORDER BY document_id, start"
        ).fetchall()
    return [(data.key(row["document_id"], row["name"]), int(row["start"]), int(row["end"])) for row in rows]


def clear(home: Path) -> int:
    """Delete all libraries of sets and all runs; the bytes that this set free. The persons' own libraries stay."""
    folder = home / "evaluation"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size


def _fill(library: Library, data: SetContents, settings: Settings, embedder: Embedder, advance: Advance) -> list[str]:
    """Take all in; a line for each file that could not be read."""
    from index.add import add_documents
    from index.build import ingest

    if data.documents:
        add_documents(data.documents, library, embedder, settings, progress=advance)
        return []
    report = ingest(data.paths, library, embedder, settings, progress=lambda at: advance(at.files_done, at.files_total))
    return [failed.message for failed in report.failed]


def _refuse(data: SetContents) -> Callable[[str], None]:
    """What raises ReadError for a file of the set."""

    def refuse(message: str) -> None:
        raise ReadError(f"The set {data.name}: {message}", "Mend the file, or take it out of the set.")

    return refuse


def _plain(name: str) -> str:
    """A set's name as the beginning of a library's: letters, digits and hyphens, at most 40 of them."""
    return "".join(sign if sign.isalnum() or sign == "_" else "-" for sign in name)[:40].lstrip("-") or "set"
