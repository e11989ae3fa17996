"""Adapts Lectern's ``Embedder`` to LangChain's ``Embeddings``; `index.named_embedder` has the other direction."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from core.protocols import Embedder


class LecternEmbeddings(Embeddings):
    """Lectern's embedder for LangChain."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors as lists of ``embedder.dimension`` floats, in order."""
        vectors: list[list[float]] = self.embedder.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """A unit vector as a list of ``embedder.dimension`` floats."""
        vector: list[float] = self.embedder.embed_question(text).tolist()
        return vector
