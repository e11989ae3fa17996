"""Documents of an archive: do their parts fit together, and which of their sources mean something on this machine?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from core.errors import PageNotFetched
from core.types import Document
from index.archive.layout import HASH_BYTES, DocumentRow
from index.salvage.document_rows import covering
from index.store.naming import numbered
from index.store.records import tables_fit, tables_json
from index.store.sources import EARLIER, UPLOAD, WEB, path_of
from index.store.stored_facets import facets_fit
from ingest.web.fetch import checked_address

_HASH = re.compile(rf"[0-9a-f]{{{2 * HASH_BYTES}}}")
_MOST_NAME = 1000
"""Characters of a document's name."""


def why_wrong(row: DocumentRow) -> str:
    """What contradicts itself in a document, "" where nothing does."""
    document = row.document
    if row.id != document.id or any(chunk.document_id != row.id for chunk in row.chunks):
        return "a document has two ids"
    if not document.name.strip() or len(document.name) > _MOST_NAME or "\0" in document.name + document.text:
        return "a document's name or text cannot be one"
    if not all(_HASH.fullmatch(key) for key in row.hashes) or len(row.hashes) != len(row.chunks):
        return "chunks have no vectors"
    if not _pages_fit(document):
        return "the pages of a document do not cover its text"
    if any(not 0 <= heading.start <= len(document.text) or heading.level < 1 for heading in document.headings):
        return "headings stand outside of their document"
    if document.text.strip() and covering(document, [(chunk, b"") for chunk in row.chunks]) is None:
        return "chunks differ from their document"
    if not tables_fit(tables_json(document.tables), document.text):
        return "tables differ from their document"
    if row.given and not facets_fit(row.given, document.text):
        return "what a person said of a document cannot be read"
    return ""


def _pages_fit(document: Document) -> bool:
    pages, length = document.pages, len(document.text)
    numbers = [page.number for page in pages] == list(range(1, len(pages) + 1))
    inside = all(0 <= page.start <= page.end <= length and page.first >= 0 for page in pages)
    return numbers and inside and all(before.end <= after.start for before, after in pairwise(pages))


def kept_sources(row: DocumentRow, taken: Collection[str]) -> list[tuple[str, str]]:
    """The sources of a document with their names, one at least. A file that is not on this machine is none."""
    found = [(source, name) for source, name in _meant(row) if source not in taken]
    if found:
        return found
    name = row.document.name.rpartition("/")[2] or row.id
    return [next((EARLIER + one, one) for one in numbered(name) if EARLIER + one not in taken)]


def _meant(row: DocumentRow) -> Iterator[tuple[str, str]]:
    for source, name in row.sources:
        if _means_something(source, row.id):
            yield source, name


def _means_something(source: str, document_id: str) -> bool:
    """Whether a source is a page of the web, an upload, a text, or a file that is on this machine."""
    if source.startswith(WEB):
        return _is_page(source.removeprefix(WEB))
    if source.startswith((UPLOAD, EARLIER)) or source == f"text:{document_id}":
        return True
    path = path_of(source)
    return path is not None and "\0" not in source and path.is_file()


def _is_page(address: str) -> bool:
    try:
        return checked_address(address) == address
    except PageNotFetched:
        return False
