"""A library as a LangChain vector store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance
from numpy.typing import NDArray

from core.errors import UsageError
from core.protocols import Embedder
from core.types import Chunk, Document, Page
from index.langchain.embeddings import LecternEmbeddings
from index.langchain.filters import METADATA, filter_chunks
from index.named_embedder import EmbedderOf
from index.store.embeddings import vector_hash
from index.store.library import Library
from index.store.records import Entry, to_document, to_pages
from index.store.vectors import VectorIndex
from index.unit import unit
from ingest.locate import locate

MEDIA_TYPE = "text/x-langchain"
"""Of documents that came through ``LecternVectorStore``: one chunk each, whatever their length."""


class LecternVectorStore(VectorStore):
    """A library as a LangChain vector store.

    A text that is added becomes a document of one chunk, with the caller's id or one made from its content. A search
    returns added texts unchanged. Of documents that Lectern read itself it returns chunks, with ids "DOCUMENT:ORDINAL"
    and their file, page, locator, start and end as metadata.

    Every search takes ``filter``: metadata that must be equal ({"year": 2023}), or an ``index.search.filters.Filter``.
    """

    def __init__(self, library: Library, embedding: Embeddings | Embedder) -> None:
        """Raises EmbedderMismatch where the library was built with another embedder."""
        if isinstance(embedding, LecternEmbeddings):
            self._embedder: Embedder = embedding.embedder
        else:
            self._embedder = EmbedderOf(embedding) if isinstance(embedding, Embeddings) else embedding
        self._embedding = embedding
        self._library = library
        library.bind_embedder(self._embedder)
        self._index = VectorIndex(library)

    @property
    def embeddings(self) -> Embeddings:
        return self._embedding if isinstance(self._embedding, Embeddings) else LecternEmbeddings(self._embedding)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        library: Library | None = None,
        **kwargs: Any,
    ) -> Self:
        """A store of ``library``, which is required, with ``texts`` added to it."""
        if library is None:
            raise UsageError("from_texts needs a library.", "Give library=Library.open(settings, create=True).")
        store = cls(library, embedding)
        store.add_texts(texts, metadatas, ids=ids, **kwargs)
        return store

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **kwargs: Any,  # noqa: ARG002 - of the base class's signature
    ) -> list[str]:
        """Add texts in one transaction; one whose id is there already replaces it. Returns the ids.

        Raises UsageError for metadata that is not JSON, or lists that differ in length.
        """
        contents = list(texts)
        facts = metadatas or [{} for _ in contents]
        keys = ids or [None] * len(contents)
        if not len(contents) == len(facts) == len(keys):
            raise UsageError("texts, metadatas and ids must be of one length.", "")
        found = {}
        for text, metadata, key in zip(contents, facts, keys, strict=True):
            document = _to_document(text, metadata, key)
            found[document.id] = document
        hashes = {key: vector_hash(self._embedder.name, document.text) for key, document in found.items()}
        vectors = self._library.known_vectors(hashes.values())
        missing = {hashes[key]: found[key].text for key in found if hashes[key] not in vectors}
        vectors |= dict(zip(missing, self._embedder.embed_passages(list(missing.values())), strict=True))
        entries = [self._entry(document, hashes[key]) for key, document in found.items()]
        self._library.put(entries, vectors, self._embedder.name)
        return [_to_document(*each).id for each in zip(contents, facts, keys, strict=True)]

    def _entry(self, document: Document, key: bytes) -> Entry:
        text = document.text
        chunk = Chunk(document.id, 0, 0, len(text), text, (), self._embedder.count_tokens(text))
        return Entry(document, f"langchain:{document.id}", len(text.encode()), (chunk,), (key,))

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:  # noqa: ARG002
        """Delete documents by id, in one transaction; unknown ids are passed over; None deletes all."""
        if ids is None:
            ids = [record.id for record in self._library.documents()]
        self._library.remove_ids(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """The documents, or chunks, of these ids, in their order; unknown ids are left out."""
        found = []
        with self._library.database.reading() as db:
            for key in ids:
                row = db.execute("SELECT * FROM documents WHERE id = ?", (key,)).fetchone()
                if row is not None:
                    found.append(_to_langchain(to_document(row)))
                    continue
                document_id, _, ordinal = key.rpartition(":")
                chunk = db.execute(f"{_CHUNK} WHERE document_id = ? AND ordinal = ?", (document_id, ordinal)).fetchone()
                if chunk is not None:
                    found.append(_chunk_to_langchain(chunk))
        return found

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """Documents with their cosine similarity (higher is better), best first."""
        return self._near(self._embedder.embed_question(query), k, **kwargs)

    def similarity_search_by_vector(self, embedding: list[float], k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        return [document for document, _ in self._near(_unit(embedding), k, **kwargs)]

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[LangChainDocument]:
        vector = self._embedder.embed_question(query).tolist()
        return self.max_marginal_relevance_search_by_vector(vector, k, fetch_k, lambda_mult, **kwargs)

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        **kwargs: Any,
    ) -> list[LangChainDocument]:
        vector = _unit(embedding)
        near = [document for document, _ in self._near(vector, fetch_k, **kwargs)]
        if not near:
            return []
        vectors = list(self._embedder.embed_passages([document.page_content for document in near]))
        return [near[i] for i in maximal_marginal_relevance(vector, vectors, lambda_mult, k)]

    def _select_relevance_score_fn(self) -> Any:
        return lambda cosine: max(0.0, min(1.0, cosine))

    def _near(self, vector: NDArray[np.float32], k: int, **kwargs: Any) -> list[tuple[LangChainDocument, float]]:
        found = []
        with self._library.database.reading() as db:
            for key, cosine in self._index.search(vector, k, filter_chunks(db, kwargs.get("filter"))):
                row = db.execute(f"{_CHUNK} WHERE chunks.id = ?", (key,)).fetchone()
                if row is not None:
                    found.append((_chunk_to_langchain(row), cosine))
        return found


_CHUNK = (
    "SELECT chunks.*, documents.name, documents.media_type, documents.metadata FROM chunks"
    " JOIN documents ON documents.id = chunks.document_id"
)


def _unit(embedding: list[float]) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = unit(np.array([embedding], dtype=np.float32))[0]
    return vector


def _to_document(text: str, metadata: dict[str, Any], key: str | None) -> Document:
    try:
        facts = json.dumps(metadata, ensure_ascii=False, sort_keys=True)
    except TypeError as error:
        raise UsageError(f"metadata must be JSON: {error}.", "Turn other values into text first.") from error
    document_id = key or hashlib.sha256(f"{text}\0{facts}".encode()).hexdigest()
    return Document(
        id=document_id,
        name=str(metadata.get("source") or document_id),
        media_type=MEDIA_TYPE,
        title=str(metadata.get("title") or ""),
        text=text,
        pages=(Page("lines", 1, "", 0, len(text)),),
        metadata={METADATA: facts},
    )


def _to_langchain(document: Document) -> LangChainDocument:
    if document.media_type == MEDIA_TYPE:
        return LangChainDocument(
            id=document.id, page_content=document.text, metadata=json.loads(document.metadata[METADATA])
        )
    return LangChainDocument(
        id=document.id, page_content=document.text, metadata={"file": document.name, **document.metadata}
    )


def _chunk_to_langchain(row: Any) -> LangChainDocument:
    """A row of ``_CHUNK`` as a document: an added text with its metadata, or a chunk with its place as metadata."""
    if row["media_type"] == MEDIA_TYPE:
        facts = json.loads(json.loads(row["metadata"])[METADATA])
        return LangChainDocument(id=row["document_id"], page_content=row["text"], metadata=facts)
    place = locate(to_pages(row["pages"]), row["text"], 0)
    return LangChainDocument(
        id=f"{row['document_id']}:{row['ordinal']}",
        page_content=row["text"],
        metadata={
            "document_id": row["document_id"],
            "file": row["name"],
            "page": place.page,
            "locator": place.label,
            "start": row["start"],
            "end": row["end"],
        },
    )
