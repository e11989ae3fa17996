"""Files inside a file: attachments of mail, members of archives, embedded objects, each read by its own reader."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEPTH = 3
"""Files within files within files: deeper ones are named and not read."""

MOST_FILES = 2000
"""Files that one document may hold, at all depths together."""

MOST_BYTES = 256 * 2**20
"""Of these files together."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file inside another; ``place`` is where it is in that: "readings.csv", "message 3 › readings.csv"."""

    place: str
    name: str
    load: Callable[[], bytes]


@contextmanager
def as_file(data: bytes, suffix: str) -> Iterator[Path]:
    """A path at which ``data`` can be read; on Linux it is in memory, so that a kill leaves nothing behind."""
    if sys.platform == "linux":
        descriptor = os.memfd_create("embedded")
        try:
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.write(data)
            yield Path(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(data)
        yield path
