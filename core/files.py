"""Writing files so that a killed process leaves the old one or the whole new one, and other users of the machine cannot
read them; files of a JSON object a line.

Our own programs keep all private that they write (`keep_private`). What other programs do through Lectern's modules is
private too, and their umask stays as it is: folders and files are made with the modes here.
"""

import json
import os
import secrets
import stat
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
    """The rows of a file of lines, in order, and the numbers, from 1, of the lines that could not be read."""

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


OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The rights of a file's group and of all others."""

KEPT = ("libraries", "models", "evaluation", "logs", "settings.toml", "catalogue.toml", "generating.lock")
"""What Lectern's home holds."""

_persons_umask: int | None = None


def keep_private() -> None:
    """Set the umask so that this process and its children make folders and files readable by their user only."""
    global _persons_umask
    _persons_umask = os.umask(OTHERS)


@contextmanager
def for_the_person() -> Iterator[None]:
    """Within the block new files get the person's usual modes: for results that they asked for by name."""
    if _persons_umask is None:
        yield
        return
    before = os.umask(_persons_umask)
    try:
        yield
    finally:
        os.umask(before)


def private_folder(path: Path) -> None:
    """Make a folder and those above it where they do not exist; only its user may read it."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    close_to_others(path)


def private_file(path: Path) -> None:
    """Make an empty file where there is none, to be written by other code; only its user may read it.

    One that is there is not opened: to close it would take SQLite's locks from it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    close_to_others(path)


def close_to_others(path: Path) -> None:
    """Take the rights of group and others from a file or folder; not from what belongs to another user, nor a link."""
    with suppress(OSError):  # it is not there, or the disk cannot be written
        known = path.lstat()
        if known.st_mode & OTHERS and known.st_uid == os.geteuid() and not stat.S_ISLNK(known.st_mode):
            path.chmod(stat.S_IMODE(known.st_mode) & ~OTHERS)


def close_home(home: Path) -> None:
    """Take those rights from Lectern's home and all that Lectern keeps in it, where the home had any.

    Nothing else in it is touched: the home may have been set to a folder that holds more.
    """
    with suppress(OSError):  # there is none yet
        if not home.stat().st_mode & OTHERS:
            return
    for name in KEPT:
        close_to_others(home / name)
        with suppress(OSError):  # what is in it changes meanwhile
            for path in (home / name).rglob("*"):
                close_to_others(path)
    close_to_others(home)


def write_atomically(path: Path, data: bytes, *, private: bool = True) -> None:
    """Write ``data`` to ``path``: to a neighbour first, on disk before it takes the name.

    ``private`` False for what the person asked to be written elsewhere: its mode follows the umask.
    """
    private_folder(path.parent) if private else path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "wb", opener=_private_opener if private else None) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Append ``row`` as a line of JSON to the file, which is made where it does not exist.

    Processes that append at the same time wait for one another. The half line of a killed process stays apart, on its
    own line. Raises LibraryError where the line cannot be written whole; the file is then unchanged.
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
    """The objects of a file of JSON lines, each passed through ``parse``; no rows where the file does not exist.

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
    """Delete the rows for which ``gone`` is true; damaged lines stay as they are. Raises LibraryError."""
    with _writing(path):
        kept = [line for line in _lines(path) if line.strip() and not _is_gone(line, gone)]
        write_atomically(path, b"".join(line + b"\n" for line in kept))


@contextmanager
def _writing(path: Path) -> Iterator[FileIO]:
    """The file, unbuffered, opened to append and locked against other writers. Raises LibraryError."""
    try:
        private_folder(path.parent)
        while True:
            with open(path, "ab", buffering=0, opener=_private_opener) as lines:
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
