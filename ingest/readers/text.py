"""Plain text and source code: one stretch of numbered lines."""

from pathlib import Path

from ingest.clean import clean
from ingest.document_builder import Draft
from ingest.encoding import decode
from ingest.hidden import hidden_signs


def read(path: Path, draft: Draft) -> None:
    """Lines keep their numbers and their indentation."""
    text = decode(path.read_bytes(), draft.name)
    draft.page("lines", clean(text))
    draft.hide(hidden_signs(text))
