"""Writing files so that a killed process leaves the old one or the whole new one, and other users of the machine cannot
read them; files of a JSON object a line.

Our own programs keep all private that they write (`keep_private`). What other programs do through Lectern's modules is
private too, and their umask stays as it is: folders and files are made with the modes here.
"""

import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import UsageError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The rights of a file's group and of all others."""

KEPT = ("libraries", "models", "evaluation", "logs", "settings.toml", "generating.lock")
"""What Lectern's home holds."""

_persons_umask: int | None = None


def keep_private() -> None:
    """From here on this process and its children make folders and files for their user alone."""
    global _persons_umask
    _persons_umask = os.umask(OTHERS)


@contextmanager
def for_the_person() -> Iterator[None]:
    """Within it new files get the modes that the person's other files have: results that they asked for by name."""
    if _persons_umask is None:
        yield
        return
    before = os.umask(_persons_umask)
    try:
        yield
    finally:
        os.umask(before)


def private_folder(path: Path) -> None:
    """Make the folder where it does not exist, and those above it; see that it is for its user alone."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    close_to_others(path)


def private_file(path: Path) -> None:
    """Make an empty file where there is none, for others to write to; see that it is for its user alone.

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


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Add a line with ``row`` as JSON to the file, which is made where it does not exist.

    In one write, so that a process that is killed leaves the whole line or none of it.
    """
    private_folder(path.parent)
    with open(path, "ab", buffering=0, opener=_private_opener) as lines:
        lines.write(as_line(row).encode())


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def as_line(row: Mapping[str, Any]) -> str:
    return json.dumps(dict(row), ensure_ascii=False) + "\n"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of lines, none where it does not exist. Raises UsageError for a damaged one."""
    if not path.exists():
        return []
    try:
        # split, not splitlines: a text may hold U+2028 and the like, which end no line of the file.
        lines = path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line]
    except ValueError as error:
        raise UsageError(f"{path} is damaged: {error}.", "Mend or remove the line.") from error
