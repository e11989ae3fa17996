"""Files that documents came from and that are no longer on the disk."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import UsageError
from index.store.library import Library
from ingest.folder import find_files, shown

IF_EMPTIED = (
    "Connect its drive and try again. To take its documents out, remove them by name: lectern docs remove NAME."
)
"""What to do where all files of a folder are missing, which more often means a missing drive than deleted files."""


def emptied(folders: Sequence[Path], library: Library) -> Path | None:
    """The first of these folders that has documents in the library and no file left; None where there is none."""
    for folder in folders:
        if library.gone_below([folder]) and all(found.problem for found in find_files([folder])):
            return folder
    return None


def refuse_emptied(folders: Sequence[Path], library: Library) -> None:
    """Raises UsageError where one of these folders has documents in the library and no file left."""
    if folder := emptied(folders, library):
        raise UsageError(f"no files are left in {shown(folder)}: nothing was taken out.", IF_EMPTIED)


def take_out_gone(folders: Sequence[Path], library: Library) -> list[str]:
    """Take out what came from these folders and is no longer there; returns the documents' names.

    They can be brought back until the next ingest. Raises UsageError where a folder has no file left.
    """
    refuse_emptied(folders, library)
    gone = library.gone_below(folders)
    library.drop_sources(gone)
    return list(gone.values())
