"""Writing files so that a killed process leaves the old one or the whole new one; files of a JSON object a line."""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Generic, TypeVar

from core.errors import LibraryError

try:
    import fcntl
except ImportError:  # no flock on Windows: one writer at a time there is up to the person
    fcntl = None  # type: ignore[assignment]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """What a file of lines holds, in order, and the numbers, from 1, of the lines that could not be read."""

    path: Path
    rows: tuple[T, ...]
    damaged: tuple[int, ...] = ()

    @property
    def problem(self) -> str:
        """A line for a person; "" where all could be read."""
        if not self.damaged:
            return ""
        numbers = ", ".join(map(str, self.damaged))
        which = f"line {numbers} is" if len(self.damaged) == 1 else f"lines {numbers} are"
        return f"{self.path}: {which} damaged and left out; all others are read."


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: to a neighbour first, on disk before it takes the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Add a line with ``row`` as JSON to the file, which is made where it does not exist.

    Processes that append at once wait for one another. What a killed one left of its line stays a line of its own.
    Raises LibraryError where the line cannot be written whole; the file is then as it was.
    """
    with _writing(path) as lines:
        size = lines.seek(0, os.SEEK_END)
        data = json.dumps(dict(row), ensure_ascii=False).encode() + b"\n"
        if not _ends_whole(path, size):
            data = b"\n" + data
        try:
            while data:
                data = data[lines.write(data) :]
            os.fsync(lines.fileno())
        except OSError:
            with suppress(OSError):
                lines.truncate(size)
            raise


def read_rows(path: Path, parse: Callable[[dict[str, Any]], T]) -> Rows[T]:
    """What ``parse`` makes of the objects of a file of lines, none where it does not exist.

    A line that is no JSON, or of which ``parse`` raises KeyError, TypeError or ValueError, is damaged: it costs itself.
    """
    rows, damaged = [], []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            rows.append(parse(json.loads(line)))
        except (KeyError, TypeError, ValueError):
            damaged.append(number)
    return Rows(path, tuple(rows), tuple(damaged))


def drop_rows(path: Path, gone: Callable[[dict[str, Any]], bool]) -> None:
    """Take the lines out of which ``gone`` is true; damaged ones stay as they are. Raises LibraryError."""
    with _writing(path):
        kept = [line for line in _lines(path) if line.strip() and not _is_gone(line, gone)]
        write_atomically(path, b"".join(line + b"\n" for line in kept))


@contextmanager
def _writing(path: Path) -> Iterator[FileIO]:
    """The file, unbuffered, open to append and held against other writers. Raises LibraryError where the disk fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            with path.open("ab", buffering=0) as lines:
                if fcntl is not None:
                    fcntl.flock(lines, fcntl.LOCK_EX)
                # Another writer may have put a new file in the place of the one that was waited for.
                if path.exists() and os.path.samestat(os.fstat(lines.fileno()), path.stat()):
                    yield lines
                    return
    except OSError as error:
        reason = error.strerror or str(error)
        raise LibraryError(
            f"{path} could not be written: {reason}.", "Nothing of it was changed; make room, and try again."
        ) from error


def _ends_whole(path: Path, size: int) -> bool:
    if not size:
        return True
    with path.open("rb") as lines:
        lines.seek(size - 1)
        return lines.read(1) == b"\n"


def _lines(path: Path) -> list[bytes]:
    # Split at \n alone: a text may hold U+2028 and the like, which end no line of the file.
    return path.read_bytes().split(b"\n") if path.exists() else []


def _is_gone(line: bytes, gone: Callable[[dict[str, Any]], bool]) -> bool:
    try:
        return gone(json.loads(line))
    except (KeyError, TypeError, ValueError):
        return False
