"""Which files are Lectern's own, for a person may add a folder that holds its home."""

import os
from pathlib import Path

from core.settings import Settings
from index.store.library import Library
from index.store.upload_inbox import is_incoming


def is_own(file: Path, library: Library, settings: Settings) -> bool:
    """Whether a file is Lectern's own, and so none to add; uploads on their way into the library are not."""
    if is_incoming(library.incoming_dir, file):
        return False
    return Path(os.path.realpath(file)).is_relative_to(settings.home.resolve())
