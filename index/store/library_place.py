"""A library as a folder: given another name, or deleted with all that is in it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from core.errors import LibraryError, NoDocuments, UsageError
from core.messages import _
from core.settings import LIBRARY_NAME
from index.store.library import FILE, list_libraries

if TYPE_CHECKING:
    from core.settings import Settings


def rename_library(settings: Settings, name: str, new: str) -> None:
    """Give the library another name; nobody may have it open.

    Raises UsageError for a name that cannot be one or is taken, NoDocuments where there is no such library,
    LibraryError where the disk refuses.
    """
    if not re.search(LIBRARY_NAME, new):
        raise UsageError(
            _("'{name}' cannot be the name of a library.", name=new),
            _("Take at most 64 letters, digits, spaces, dots and dashes, a letter or digit first."),
        )
    if new in list_libraries(settings) or (settings.libraries_dir / new).exists():
        raise UsageError(_("there is a library '{name}' already.", name=new), _("Take another name."))
    _check(settings, name)
    try:
        (settings.libraries_dir / name).rename(settings.libraries_dir / new)
    except OSError as error:
        raise LibraryError(
            _("the library '{name}' cannot be renamed: {reason}.", name=name, reason=error.strerror),
            _("Check who may write in its folder."),
        ) from error


def delete_library(settings: Settings, name: str) -> None:
    """Delete the library with its documents, chats and uploads; a person's own files stay where they are.

    Raises NoDocuments where there is no such library, LibraryError where the disk refuses.
    """
    _check(settings, name)
    try:
        shutil.rmtree(settings.libraries_dir / name)
    except OSError as error:
        raise LibraryError(
            _("the library '{name}' cannot be deleted: {reason}.", name=name, reason=error.strerror),
            _("Check who may write in its folder."),
        ) from error


def _check(settings: Settings, name: str) -> None:
    if not (settings.libraries_dir / name / FILE).is_file():
        raise NoDocuments(f"there is no library '{name}'.", "`lectern library list` shows those that there are.")
