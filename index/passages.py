"""Documents -> chunks with their vectors. The chunks of several small files are embedded together, in full batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import EmbedderMismatch
from core.memory import give_back
from core.protocols import Embedder
from core.types import Chunk, Document
from index.context import passage_text
from index.library_embedder import follow
from index.store.embeddings import vector_hash
from index.store.library import Library
from ingest.chunk import chunk
from ingest.ruler import Ruler

BATCH = 32
"""Chunks embedded and saved at a time: about one second of work, which a kill may lose and an answer may wait for."""

Vectors = Mapping[bytes, NDArray[np.float32]]
"""Vectors of shape (dimension,) by their hash (``index.store.embeddings.vector_hash``)."""


@dataclass(frozen=True, slots=True)
class Passages:
    """The chunks of a document with the hash of each, and the ``vectors`` of ``embedder`` for these."""

    embedder: str
    chunks: tuple[Chunk, ...]
    hashes: tuple[bytes, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class _Cut:
    """The chunks of a document, the hash of each, and by it the text that ``embedder`` reads."""

    embedder: str
    chunks: tuple[Chunk, ...]
    hashes: tuple[bytes, ...]
    texts: Mapping[bytes, str]


class PassageEmbedding:
    """Cuts documents and embeds what the library does not have yet; for one thread.

    ``embedded`` chunks took ``seconds`` so far.
    """

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        chunk_tokens: int,
        pause: Callable[[], None],
        told: Callable[[float], None],
    ) -> None:
        """``pause`` is called before each batch and may raise Cancelled; ``told`` after it, with the share (0..1) of
        the chunks that is embedded."""
        self.embedded, self.seconds = 0, 0.0
        self._library, self._embedder = library, embedder
        self._chunk_tokens = chunk_tokens
        self._pause, self._told = pause, told
        self._ruler: tuple[str, Ruler] | None = None
        self._ahead: dict[tuple[str, str], Passages] = {}

    def ahead(self, documents: Iterable[Document]) -> None:
        """Embed these documents together; they are what is asked for next. Raises as ``__call__``.

        Of documents of the same content the first is: the others are not stored.
        """
        documents = list({document.id: document for document in reversed(list(documents))}.values())
        try:
            passages = self._embedded(documents)
        except EmbedderMismatch:
            self.follow()
            passages = self._embedded(documents)
        named = [(document.id, document.name) for document in documents]
        self._ahead = dict(zip(named, passages, strict=True))

    def __call__(self, document: Document) -> Passages:
        """The document's passages; each batch of vectors is in the library before the next one is computed.

        Raises EmbedderMismatch where the library has changed its embedder, ModelError, and what ``pause`` raises.
        """
        known = self._ahead.pop((document.id, document.name), None)
        if known is not None and known.embedder == self._embedder.name:
            return known
        return self._embedded([document])[0]

    def follow(self) -> None:
        """Take the embedder that the library has changed to. Raises EmbedderMismatch where there is none to follow."""
        follow(self._library, self._embedder)

    def _embedded(self, documents: Iterable[Document]) -> list[Passages]:
        cuts = [self._cut(document) for document in documents]
        vectors = self._vectors({key: text for cut in cuts for key, text in cut.texts.items()})
        return [
            Passages(cut.embedder, cut.chunks, cut.hashes, {key: vectors[key] for key in cut.hashes}) for cut in cuts
        ]

    def _cut(self, document: Document) -> _Cut:
        name = self._embedder.name
        if self._ruler is None or self._ruler[0] != name:
            self._ruler = name, Ruler(self._embedder)
        chunks = chunk(document, self._embedder, self._chunk_tokens, self._ruler[1])
        texts = [passage_text(document, piece, self._embedder) for piece in chunks]
        hashes = tuple(vector_hash(name, text) for text in texts)
        return _Cut(name, chunks, hashes, dict(zip(hashes, texts, strict=True)))

    def _vectors(self, texts: Mapping[bytes, str]) -> Vectors:
        name = self._embedder.name
        vectors = self._library.known_vectors(texts)
        order = [key for key in texts if key not in vectors]
        order.sort(key=lambda key: len(texts[key]))  # texts of one length fill a batch without padding
        for first in range(0, len(order), BATCH):
            self._pause()
            batch = order[first : first + BATCH]
            started = time.monotonic()
            found = dict(zip(batch, self._embedder.embed_passages([texts[key] for key in batch]), strict=True))
            self.seconds += time.monotonic() - started
            self.embedded += len(batch)
            self._library.keep_vectors(found, name)
            vectors.update(found)
            give_back()
            self._told((first + len(batch)) / len(order))
        return vectors
