"""Files with the state of a chat model that has read documents: which documents they hold, and their removal.

A file is one line of JSON, {"documents": [ids], "bytes": n, "sha256": hex}, and ``bytes`` bytes of state. It is made
and read by `generate.state_file`; a library deletes it with any of its documents.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

SUFFIX = ".state"

LONGEST_HEADER = 1 << 16
"""Bytes of a header: an id has 64 characters, and a window holds few documents."""


def header_of(path: Path) -> dict[str, Any]:
    """The first line of a file of state; {} where it is none, or is damaged. Raises OSError."""
    with path.open("rb") as file:
        line = file.readline(LONGEST_HEADER)
    with suppress(ValueError):
        header = json.loads(line)
        if isinstance(header, dict) and isinstance(header.get("documents"), list):
            return header
    return {}


def drop_states(folder: Path, is_gone: Callable[[str], bool]) -> None:
    """Delete the files in ``folder`` that hold a document for whose id ``is_gone`` is true, also unfinished ones.

    Raises OSError where the disk refuses.
    """
    for path in (*state_files(folder), *unfinished_files(folder)):
        with suppress(FileNotFoundError):  # another process has deleted or finished it
            if any(map(is_gone, header_of(path).get("documents", []))):
                path.unlink()


def state_files(folder: Path) -> Iterator[Path]:
    """The files of state in ``folder``, in no order; none where there is no such folder."""
    return folder.glob(f"*{SUFFIX}")


def unfinished_path(path: Path) -> Path:
    """Where this process writes what is to become the file at ``path``."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def unfinished_files(folder: Path) -> Iterator[Path]:
    """The files in ``folder`` that processes are writing, or left when they were killed."""
    return folder.glob(f".*{SUFFIX}.*.tmp")
