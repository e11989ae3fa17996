"""The three standard streams of the program, fit for whatever stands at their other ends."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from core.errors import OutputError


def prepare() -> None:
    """Replace the standard streams; call it once, before anything is opened or printed.

    A stream that the program was started without is opened on the null device: else the next file to be opened, a
    library perhaps, would get its number, and with it what C libraries print. Characters that a stream's encoding does
    not have become "?".
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    # Python leaves None for a stream that came closed.
    encodings = [stream.encoding if stream else "utf-8" for stream in (sys.stdin, sys.stdout, sys.stderr)]
    typed, results, messages = io.FileIO(0, closefd=False), io.FileIO(1, "w", closefd=False), _unbuffered(2)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(typed), encodings[0], "replace")
    sys.stdout = _Results(io.BufferedWriter(results), encodings[1], "replace", line_buffering=results.isatty())
    sys.stderr = _Messages(messages, encodings[2], "backslashreplace", write_through=True)


def _unbuffered(number: int) -> BinaryIO:
    """A raw stream: a buffer would keep what could not be written, and try again."""
    return cast(BinaryIO, io.FileIO(number, "w", closefd=False))


class _Results(io.TextIOWrapper):
    """Standard output. Raises OutputError where it cannot be written, BrokenPipeError where a pipe was closed."""

    def write(self, text: str) -> int:
        with _explained():
            return super().write(text)

    def flush(self) -> None:
        with _explained():
            super().flush()


class _Messages(io.TextIOWrapper):
    """Standard error. A message that cannot be written is dropped, so that the results still come."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"the results cannot be written: {error.strerror}.", "Make room, or send them elsewhere."
        ) from error
