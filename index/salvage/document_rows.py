"""Rows of a damaged library that belong to one document: do they hold together?"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from core.types import Chunk, Document, Heading
from index.salvage.damaged_rows import Values
from index.store.records import tables_fit, to_pages, to_tables

ChunksWithHashes = tuple[tuple[Chunk, ...], tuple[bytes, ...]]
"""The chunks of a document, and the hash of each one's vector."""


def document_of(values: Values) -> Document | None:
    """The document of a row of ``documents``; None where its values contradict each other. Tables that are damaged are
    left out."""
    row: dict[str, Any] = values
    try:
        pages = to_pages(row["pages"])
        headings = tuple(Heading(start, level, text) for start, level, text in json.loads(row["headings"]))
        metadata = dict(json.loads(row["metadata"]))
        warnings = tuple(map(str, json.loads(row["warnings"])))
    except (ValueError, TypeError):
        return None
    text: str = row["text"]
    if len(text) != row["characters"] or len(pages) != row["page_count"]:
        return None
    tables = to_tables(row["tables"]) if tables_fit(row["tables"], text) else ()
    names = row["id"], row["name"], row["media_type"], row["title"]
    return Document(*names, text, pages, headings, metadata, warnings, tables)


def covering(document: Document, chunks: list[tuple[Chunk, bytes]]) -> ChunksWithHashes | None:
    """The chunks with their hashes; None where one is missing or differs from the document's text."""
    ordered = [chunk for chunk, _ in chunks]
    if not ordered or [chunk.ordinal for chunk in ordered] != list(range(len(ordered))):
        return None
    text = document.text
    ends = [0, *(place for chunk in ordered for place in (chunk.start, chunk.end)), len(text)]
    if any(text[first:last].strip() for first, last in list(pairwise(ends))[::2]):
        return None
    if any(contradicts(document, chunk) for chunk in ordered):
        return None
    return tuple(ordered), tuple(key for _, key in chunks)


def contradicts(document: Document, chunk: Chunk) -> bool:
    """Whether a chunk's text differs from the document's text at its offsets."""
    return document.text[chunk.start : chunk.end] != chunk.text
