"""Adapters between LangChain's ``Embeddings`` and Lectern's ``Embedder``, in both directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from core.protocols import Embedder
from index.embed import unit


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


class EmbedderOf:
    """Any LangChain embeddings as a ``core.protocols.Embedder``; its vectors are scaled to length 1.

    Such embeddings do not say how they count tokens: words are counted instead, and the caller sets the window.
    """

    def __init__(self, embeddings: Embeddings, name: str = "", window: int = 512) -> None:
        self._embeddings = embeddings
        self._name = name or str(getattr(embeddings, "model", "") or type(embeddings).__name__)
        self._dimension = 0
        self.window = window

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        self._dimension = self._dimension or len(self._embeddings.embed_query("dimension"))
        return self._dimension

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit(np.array(self._embeddings.embed_documents(list(texts)), dtype=np.float32))

    def embed_question(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = unit(np.array([self._embeddings.embed_query(text)], dtype=np.float32))[0]
        return vector
