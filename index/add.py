"""Documents that are text already -> library, many at a time: no file is read, no process is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from core.settings import Settings
from core.types import Document
from index.context import passage_text
from index.store.embeddings import vector_hash
from index.store.library import Library
from index.store.records import Entry
from ingest.chunk import chunk

AT_ONCE = 64
"""Documents in one transaction: enough chunks for full batches, and a few seconds of work at most between two."""


def add_documents(
    documents: Sequence[Document],
    library: Library,
    embedder: Embedder,
    settings: Settings,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Add documents under the ids that they carry; those that the library has are passed over.

    Returns how many came in. ``progress`` is called with the documents that are done and all there are. A killed
    process loses the documents of one transaction.

    Raises EmbedderMismatch, LibraryLocked, ModelMissing; UsageError for a chunk size that does not fit.
    """
    library.claim(embedder)
    missing = [document for document in documents if not library.has(document.id)]
    there = len(documents) - len(missing)
    done = 0
    for part in _parts(missing):
        entries, texts = _entries(part, embedder, settings.chunk_tokens)
        vectors = library.known_vectors(texts)
        vectors |= _embed({key: text for key, text in texts.items() if key not in vectors}, embedder)
        library.put(entries, vectors)
        done += len(part)
        if progress is not None:
            progress(there + done, len(documents))
    return done


def _parts(documents: Sequence[Document]) -> Iterator[list[Document]]:
    rest = iter(documents)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _entries(documents: Sequence[Document], embedder: Embedder, size: int) -> tuple[list[Entry], dict[bytes, str]]:
    """The documents with their chunks, and what the embedder reads of these, by its hash."""
    entries: list[Entry] = []
    texts: dict[bytes, str] = {}
    for document in documents:
        chunks = chunk(document, embedder, size)
        read = [passage_text(document, part, embedder) for part in chunks]
        hashes = tuple(vector_hash(embedder.name, text) for text in read)
        texts |= dict(zip(hashes, read, strict=True))
        source = f"text:{document.id}"
        entries.append(Entry(document, source, len(document.text.encode()), chunks, hashes))
    return entries, texts


def _embed(texts: dict[bytes, str], embedder: Embedder) -> dict[bytes, NDArray[np.float32]]:
    order = sorted(texts, key=lambda key: len(texts[key]))  # texts of one length fill a batch without padding
    return dict(zip(order, embedder.embed_passages([texts[key] for key in order]), strict=True))
