"""The ``filter`` of LangChain's faces: a Filter of ours, or metadata that must be equal, as other stores take it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from index.search.filters import Filter, resolve

METADATA = "langchain"
"""The key under which a document keeps the metadata, as JSON, that it was added with."""


def chunks_kept(db: sqlite3.Connection, given: object) -> NDArray[np.int64] | None:
    """The ids of the chunks that a filter keeps, of shape (n,), sorted; None for no filter.

    A mapping keeps the texts that were added with these metadata, or nothing. Raises UsageError for values that are
    neither text, number nor truth value, and what ``index.search.filters.resolve`` raises.
    """
    if given is None or given == {}:
        return None
    if isinstance(given, Filter):
        return resolve(db, given).chunks
    if not isinstance(given, Mapping) or not all(isinstance(value, str | int | float) for value in given.values()):
        raise UsageError(
            "a filter is a mapping of metadata to text, numbers or truth values.",
            "For documents, folders, tags, types, dates and pages give an index.search.filters.Filter.",
        )
    same = (
        f"EXISTS (SELECT 1 FROM json_each(json_extract(documents.metadata, '$.{METADATA}'))"  # noqa: S608
        " WHERE key = ? AND atom IS ? AND (type IN ('true', 'false')) = ?)"
    )
    rows = db.execute(
        "SELECT chunks.id FROM chunks JOIN documents ON documents.id = chunks.document_id"  # noqa: S608
        f" WHERE {' AND '.join([same] * len(given))}",
        [part for key, value in given.items() for part in (key, value, isinstance(value, bool))],
    )
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))
