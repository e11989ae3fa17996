"""Plain text and source code: one stretch of numbered lines."""

from pathlib import Path

from ingest.clean import clean
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs


def read(path: Path, builder: DocumentBuilder) -> None:
    """Lines keep their numbers and their indentation."""
    text = decode(path.read_bytes(), builder.name)
    builder.page("lines", clean(text))
    builder.hide(hidden_signs(text))
