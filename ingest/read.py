"""Reads one file into a Document, in this process; ``ingest.child`` does so in a child process."""

from importlib import import_module
from pathlib import Path

from core.digests import sha256_of
from core.errors import DamagedFile, EmptyFile, ReadError
from core.types import Document
from ingest.detect import detect
from ingest.document_builder import DocumentBuilder
from ingest.orders import with_order_warning


def read_file(path: Path, name: str | None = None) -> Document:
    """Read the file at ``path``; ``name`` is what to call it, if not by the path's own name.

    Raises ReadError (UnsupportedFile, EmptyFile, EncryptedFile, DamagedFile) with a message that names the file.
    """
    name = name or path.name
    try:
        kind = detect(path, name)
        document_id = sha256_of(path)
    except OSError as error:
        raise ReadError(
            f"{name} cannot be opened: {error.strerror}.", "Check that it exists and may be read."
        ) from error
    builder = DocumentBuilder(name)
    reader = import_module(f"ingest.readers.{kind}")
    try:
        reader.read(path, builder)
    except (ReadError, MemoryError):
        raise
    except Exception as error:
        raise DamagedFile(
            f"{name} cannot be read: {type(error).__name__}: {error}.", "Open it in its program and save it again."
        ) from error
    document = with_order_warning(builder.finish(document_id))
    if not document.text.strip() and not any(page.note for page in document.pages):
        raise EmptyFile(
            f"{name} holds no text.", "If it shows text, it may be pictures of text: recognize (OCR) it first."
        )
    return document
