"""The ``filter`` of the LangChain vector store: Lectern's Filter, or metadata that must be equal."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from index.search.filters import Filter, resolve

METADATA = "langchain"
"""The key of a document's metadata under which the metadata that LangChain gave is kept, as JSON."""


def filter_chunks(db: sqlite3.Connection, condition: object) -> NDArray[np.int64] | None:
    """The ids of the chunks that a filter keeps, of shape (n,), sorted; None without a filter.

    A mapping keeps the texts that were added with these metadata, which may be none. Raises UsageError for values that
    are neither text, number nor truth value, and what ``index.search.filters.resolve`` raises.
    """
    if condition is None or condition == {}:
        return None
    if isinstance(condition, Filter):
        return resolve(db, condition).chunks
    if not isinstance(condition, Mapping) or not all(
        isinstance(value, str | int | float) for value in condition.values()
    ):
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
        f" WHERE {' AND '.join([same] * len(condition))}",
        [item for key, value in condition.items() for item in (key, value, isinstance(value, bool))],
    )
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))
