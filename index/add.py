"""Documents that are already text -> library, many in one transaction, without reading files."""

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
    """Add documents under their own ids; those that are in the library already are skipped.

    Returns the number of added documents. ``progress`` is called with the number of documents that are done, and of
    all. A killed process loses the documents of one transaction.

    Raises EmbedderMismatch, LibraryLocked, ModelMissing; UsageError for a chunk size that does not fit.
    """
    library.bind_embedder(embedder)
    missing = [document for document in documents if not library.has(document.id)]
    there = len(documents) - len(missing)
    done = 0
    for batch in _batches(missing):
        entries, texts = _entries(batch, embedder, settings.chunk_tokens)
        vectors = library.known_vectors(texts)
        vectors |= _embed({key: text for key, text in texts.items() if key not in vectors}, embedder)
        library.put(entries, vectors, embedder.name)
        done += len(batch)
        if progress is not None:
            progress(there + done, len(documents))
    return done


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    rest = iter(documents)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def _entries(documents: Sequence[Document], embedder: Embedder, size: int) -> tuple[list[Entry], dict[bytes, str]]:
    """The documents with their chunks, and the texts that the embedder reads, by their hashes."""
    entries: list[Entry] = []
    texts: dict[bytes, str] = {}
    for document in documents:
        chunks = chunk(document, embedder, size)
        read = [passage_text(document, piece, embedder) for piece in chunks]
        hashes = tuple(vector_hash(embedder.name, text) for text in read)
        texts |= dict(zip(hashes, read, strict=True))
        source = f"text:{document.id}"
        entries.append(Entry(document, source, len(document.text.encode()), chunks, hashes))
    return entries, texts


def _embed(texts: dict[bytes, str], embedder: Embedder) -> dict[bytes, NDArray[np.float32]]:
    order = sorted(texts, key=lambda key: len(texts[key]))  # texts of one length fill a batch without padding
    return dict(zip(order, embedder.embed_passages([texts[key] for key in order]), strict=True))
