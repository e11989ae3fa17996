"""The three standard streams of the program, fit for whatever stands at their other ends."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from core.errors import OutputError


def prepare() -> None:
    """To be called once, before anything is opened or printed.

    A stream that came closed leads nowhere, and its number is taken: else the next file to be opened, a library
    perhaps, would get what C libraries print. Signs that a stream's encoding does not know become "?".
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    # Python leaves None for a stream that came closed.
    encodings = [stream.encoding if stream else "utf-8" for stream in (sys.stdin, sys.stdout, sys.stderr)]
    given, results, messages = io.FileIO(0, closefd=False), io.FileIO(1, "w", closefd=False), _unbuffered(2)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(given), encodings[0], "replace")
    sys.stdout = _Results(io.BufferedWriter(results), encodings[1], "replace", line_buffering=results.isatty())
    sys.stderr = _Messages(messages, encodings[2], "backslashreplace", write_through=True)


def _unbuffered(number: int) -> BinaryIO:
    """What could not be written must not wait to be written again."""
    return cast(BinaryIO, io.FileIO(number, "w", closefd=False))


class _Results(io.TextIOWrapper):
    """Standard output: where it cannot be written, the person is told so; that a pipe's reader left is no error."""

    def write(self, text: str) -> int:
        with _explained():
            return super().write(text)

    def flush(self) -> None:
        with _explained():
            super().flush()


class _Messages(io.TextIOWrapper):
    """Standard error: a message that cannot be written is dropped, and costs nobody the results."""

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
