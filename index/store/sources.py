"""How the library names where a document came from: a path, 'upload:NAME', 'text:ID' or 'earlier:NAME'."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ingest.folder import shown

UPLOAD = "upload:"
"""A file that came through the browser, by the name that the library gave it."""

EARLIER = "earlier:"
"""An earlier version that a person brought back: no file is behind it."""

_BYTES = "bytes:"
"""A path that is no UTF-8, as its bytes: SQLite keeps no lone surrogates."""


def of_path(path: Path) -> str:
    """The source of a file on the disk: its absolute path without dots, links not followed."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
    try:
        absolute.encode()
    except UnicodeEncodeError:
        return _BYTES + quote_from_bytes(os.fsencode(absolute))
    return absolute


def path_of(source: str) -> Path | None:
    """Where the file lies that ``source`` names; None for what came in otherwise."""
    if source.startswith(_BYTES):
        return Path(os.fsdecode(unquote_to_bytes(source.removeprefix(_BYTES))))
    return Path(source) if PurePath(source).is_absolute() else None


def is_gone(source: str) -> bool:
    """Whether ``source`` names a file that is no longer on the disk; False where that cannot be told."""
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
    """Whether a document's files are all gone from the disk: there are some, and it came in no other way."""
    known = tuple(sources)
    return bool(known) and all(map(is_gone, known))


def shown_place(source: str) -> str:
    """A source in words: the path, or the name of the upload."""
    path = path_of(source)
    return source if path is None else shown(path)


def numbered(name: str) -> Iterator[str]:
    """``name`` and what it is called beside others of that name: 'scan.pdf', 'scan (2).pdf', 'scan (3).pdf', ...

    >>> import itertools
    >>> list(itertools.islice(numbered("scan.pdf"), 2))
    ['scan.pdf', 'scan (2).pdf']
    """
    stem, suffix = _split(name)
    yield name
    number = 2
    while True:
        yield f"{stem} ({number}){suffix}"
        number += 1


def _split(name: str) -> tuple[str, str]:
    path = PurePath(name)
    return (path.stem, path.suffix) if len(path.suffix) <= _LONGEST_SUFFIX else (name, "")


_LONGEST_SUFFIX = 12
"""Characters with the dot: '.markdown' is a suffix, '. appendix to the lease' is part of the name."""
