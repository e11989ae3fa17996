"""The state of a model that has read a prompt's beginning, kept on disk: written whole or not at all, checked by sum.

The files and their first lines are described in `core.state_files`.
"""

import ctypes
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from core.files import private_folder
from core.messages import _
from core.state_files import SUFFIX, header_of, state_files, unfinished_files, unfinished_path

State = ctypes.Array[ctypes.c_uint8]

DISK_BYTES = 2 << 30
"""Most bytes of the files in one library's folder: some 70,000 tokens of a model with 1.5 billion parameters. The one
used longest ago goes first."""

LEFT_FREE = 1 << 30
"""Bytes that are left free on the disk."""

PIECE = 8 << 20
"""Bytes written between two looks at whether somebody asks: some hundredths of a second, also on a slow disk."""


ABANDONED_S = 600.0
"""Seconds without a byte written after which a file that is not whole is a killed process's."""


class DiskFull(OSError):
    """There is no room for the state on the disk, or within DISK_BYTES."""


def state_path(folder: Path, known: Sequence[object]) -> Path:
    """The file for a state that depends on all that is ``known``: model, window, tokens and so on."""
    digest = hashlib.blake2b(json.dumps(list(known)).encode(), digest_size=16).hexdigest()
    return folder / f"{digest}{SUFFIX}"


def write_state(path: Path, state: State, size: int, documents: Sequence[str], stopped: Callable[[], bool]) -> bool:
    """Write the first ``size`` bytes of ``state``, which hold ``documents`` (ids); False where ``stopped`` came before.

    A killed process leaves no file of that name, and the next writing removes what it left. Raises OSError.
    """
    private_folder(path.parent)
    _clear(path.parent)
    _make_room(path.parent, size)
    pieces = [memoryview(state)[at : min(at + PIECE, size)] for at in range(0, size, PIECE)]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        if stopped():
            return False
    header = {"documents": list(documents), "bytes": size, "sha256": digest.hexdigest()}
    temporary = unfinished_path(path)
    try:
        with open(temporary, "wb", buffering=0, opener=_private_opener) as file:
            for piece in (memoryview(json.dumps(header).encode() + b"\n"), *pieces):
                while piece:
                    piece = piece[file.write(piece) :]
                os.fsync(file.fileno())  # so that none of the writing is left to the end, which cannot be broken off
                if stopped():
                    return False
        temporary.replace(path)
        if stopped():  # a document may have been deleted meanwhile, and its states with it
            path.unlink(missing_ok=True)
            return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def read_state(path: Path) -> State | None:
    """The state in a file, which counts as used now; None where there is none, or it is damaged, which removes it."""
    try:
        header = header_of(path)
        with path.open("rb") as file:
            file.readline()
            said = header.get("bytes")
            size = said if isinstance(said, int) else 0
            whole = size > 0 and os.fstat(file.fileno()).st_size == file.tell() + size
            state = (ctypes.c_uint8 * size)() if whole else None
            read = state is not None and file.readinto(state) == size
            if state is not None and read and hashlib.sha256(state).hexdigest() == header.get("sha256"):
                os.utime(path)
                return state
        path.unlink(missing_ok=True)
    except (OSError, MemoryError, ValueError):  # then the text is read again
        pass
    return None


def _make_room(folder: Path, size: int) -> None:
    """Delete the files used longest ago until ``size`` more bytes are within the bound. Raises OSError."""
    known = sorted(((path.stat().st_mtime_ns, path.stat().st_size, path) for path in state_files(folder)), reverse=True)
    while known and size + sum(each for _, each, _ in known) > DISK_BYTES:
        known.pop()[2].unlink(missing_ok=True)
    if size > DISK_BYTES:
        raise DiskFull(
            _(
                "it takes {size:,} MiB, and {most:,} MiB is the most that is kept",
                size=size >> 20,
                most=DISK_BYTES >> 20,
            )
        )
    if shutil.disk_usage(folder).free < size + LEFT_FREE:
        raise DiskFull(_("the disk is nearly full"))


def _clear(folder: Path) -> None:
    """Remove what killed processes left half written."""
    for path in unfinished_files(folder):
        with suppress(OSError):  # another process has just done so, or is done with it
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
