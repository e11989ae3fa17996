"""Plain text and source code: one stretch of numbered lines."""

from pathlib import Path

from ingest.clean import clean
from ingest.draft import Draft
from ingest.encoding import decode


def read(path: Path, draft: Draft) -> None:
    """Lines keep their numbers and their indentation."""
    draft.page("lines", clean(decode(path.read_bytes(), draft.name)))
