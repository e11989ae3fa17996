"""Writing files so that a killed process leaves the old one or the whole new one; files of a JSON object a line."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import UsageError


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

    In one write, so that a process that is killed leaves the whole line or none of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as lines:
        lines.write(as_line(row).encode())


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


def private_folder(path: Path) -> Path:
    """Make the folder, and those above it, for this person alone; returns it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
