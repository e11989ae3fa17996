"""Reads one file into a Document, in this process; ``ingest.child`` does so in a child process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePath
from types import MappingProxyType

from core.digests import sha256_of
from core.errors import DamagedFile, EmptyFile, ReadError
from core.types import Document
from ingest.detect import detect
from ingest.document_builder import DocumentBuilder
from ingest.embedded import DEPTH, MOST_BYTES, MOST_FILES, Embedded, as_file
from ingest.hidden import PLACES_NAMED
from ingest.orders import with_order_warning
from ingest.recognition.reading import Recognition

Recognizing = Callable[[], Recognition]
"""Makes what recognizes the pictures of one file."""


def read_file(
    path: Path,
    name: str | None = None,
    recognition: Recognizing | None = None,
    begun: Callable[[int], None] = lambda _: None,
    left_out: Mapping[int, str] = MappingProxyType({}),
    reads: Callable[[int, int], None] = lambda _page, _pages: None,
) -> Document:
    """Read the file at ``path``, with the files inside it; ``name`` is what to call it, if not by the path's own name.

    ``recognition`` makes what recognizes the text of a file's pictures, None where nothing can.
    ``begun`` is called with the number of each file inside it, from 1, before that is read, and after it with that of
    the file around it, 0 for the one at ``path``. Those whose numbers are in ``left_out`` are not read, for the reason
    there ("took too long to read"). ``reads`` is called before each page of a PDF, with its number and that of all.

    Raises ReadError (UnsupportedFile, EmptyFile, EncryptedFile, DamagedFile) with a message that names the file.
    """
    return _read(path, name or path.name, _Allowance(begun, left_out, reads), recognition)


@dataclass
class _Allowance:
    """What the files inside a file may still take, how many were begun, and which of them is being read."""

    begun: Callable[[int], None]
    left_out: Mapping[int, str]
    reads: Callable[[int, int], None]
    count: int = 0
    number: int = 0
    files: int = MOST_FILES
    size: int = MOST_BYTES
    depth: int = DEPTH


def _read(path: Path, name: str, allowed: _Allowance, recognition: Recognizing | None) -> Document:
    try:
        kind = detect(path, name)
        document_id = sha256_of(path)
    except OSError as error:
        raise ReadError(
            f"{name} cannot be opened: {error.strerror}.", "Check that it exists and may be read."
        ) from error
    builder = DocumentBuilder(name)
    builder.recognition = recognition() if recognition else None
    builder.reads = allowed.reads
    reader = import_module(f"ingest.readers.{kind}")
    try:
        reader.read(path, builder)
    except (ReadError, MemoryError):
        raise
    except Exception as error:
        raise DamagedFile(
            f"{name} is damaged: what is in it is not what its format says.",
            "Get it again from where it came, or open it in its program and save it as PDF.",
        ) from error
    _read_embedded(builder, allowed, recognition)
    document = with_order_warning(builder.finish(document_id))
    if not document.text.strip() and not any(page.note for page in document.pages):
        hint = "If it shows text, it may be pictures of text: recognize (OCR) it first."
        if kind == "html":
            hint = "A browser may fill it by a script: open it there and save or print it as PDF."
        raise EmptyFile(f"{name} holds no text.", hint)
    return document


def _read_embedded(builder: DocumentBuilder, allowed: _Allowance, recognition: Recognizing | None) -> None:
    """Read the files inside the file, and say of each that was not read why."""
    unread: dict[str, list[str]] = {}
    around = allowed.number
    for file in builder.embedded:
        allowed.count += 1
        allowed.number = allowed.count
        allowed.begun(allowed.number)
        try:
            document = _embedded(file, allowed, recognition)
        except ReadError as error:
            why = error.message.removeprefix(file.name).removeprefix(file.place).strip(" .")
            unread.setdefault(why, []).append(file.place)
        else:
            builder.append(document, file.place)
        allowed.number = around
        allowed.begun(around)
    for why, places in unread.items():
        more = f" and {len(places) - PLACES_NAMED:,} more" if len(places) > PLACES_NAMED else ""
        builder.warnings.append(f"Not read: {', '.join(places[:PLACES_NAMED])}{more} ({why}).")


def _embedded(file: Embedded, allowed: _Allowance, recognition: Recognizing | None) -> Document:
    """One file inside another. Raises ReadError, also where no more of them are allowed."""
    if allowed.number in allowed.left_out:
        raise ReadError(f"{file.place} {allowed.left_out[allowed.number]}.")
    if not allowed.depth:
        raise ReadError(f"{file.place} lies in a file within {DEPTH} others.")
    if not allowed.files:
        raise ReadError(f"{file.place} comes after {MOST_FILES:,} files inside this one.")
    try:
        data = file.load()
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # the file around it may be damaged where this one lies
        raise DamagedFile(f"{file.place} is damaged.", "Get the file around it again.") from error
    if len(data) > allowed.size:
        raise ReadError(f"{file.place} comes after {MOST_BYTES / 2**20:.0f} MiB of files inside this one.")
    allowed.files -= 1
    allowed.size -= len(data)
    allowed.depth -= 1
    try:
        with as_file(data, PurePath(file.name).suffix) as path:
            return _read(path, file.name, allowed, recognition)
    finally:
        allowed.depth += 1
