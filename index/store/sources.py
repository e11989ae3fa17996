"""The sources of documents, as strings: a path, 'upload:NAME', 'web:ADDRESS', 'text:ID' or 'earlier:NAME'."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ingest.folder import shown
from ingest.web.page import WebPage

UPLOAD = "upload:"
"""Begins the source of a file uploaded in the browser; the name that the library gave it follows."""

EARLIER = "earlier:"
"""Begins the source of an earlier version that a person brought back; there is no file."""

WEB = "web:"
"""Begins the source of a page of the web; its address follows."""

_BYTES = "bytes:"
"""Begins a path that is not UTF-8, as quoted bytes: SQLite stores no lone surrogates."""


def of_path(path: Path) -> str:
    """The source of a file on the disk: its absolute path without dots, links not followed."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
    try:
        absolute.encode()
    except UnicodeEncodeError:
        return _BYTES + quote_from_bytes(os.fsencode(absolute))
    return absolute


def path_of(source: str) -> Path | None:
    """The path of a source that is a file on the disk; None for other sources."""
    if source.startswith(_BYTES):
        return Path(os.fsdecode(unquote_to_bytes(source.removeprefix(_BYTES))))
    return Path(source) if PurePath(source).is_absolute() else None


def name_of(source: str) -> str:
    """The name of the file, page or text that a source is of."""
    if source.startswith(WEB):
        return WebPage(source.removeprefix(WEB)).name
    path = path_of(source)
    return source.partition(":")[2] if path is None else shown(Path(path.name))


def is_gone(source: str) -> bool:
    """Whether ``source`` is a file that is no longer on the disk; False where that cannot be determined."""
    path = path_of(source)
    if path is None:
        return False
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # a folder that may not be read, a drive that does not answer
        return False
    return False


def all_gone(sources: Iterable[str]) -> bool:
    """Whether all of a document's sources are files that are gone from the disk; False for no sources."""
    known = tuple(sources)
    return bool(known) and all(map(is_gone, known))


def shown_place(source: str) -> str:
    """A source as it is shown to a person: a path, an address, or another source unchanged."""
    if source.startswith(WEB):
        return source.removeprefix(WEB)
    path = path_of(source)
    return source if path is None else shown(path)
