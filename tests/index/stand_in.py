"""An embedder whose vectors a reader can compute by hand, and documents of a line."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.types import Document, Page

TOPICS = ("ferry", "kelp", "pump", "room", "tide", "budget", "seal")


class TopicEmbedder:
    """One dimension a topic, one for none of them; counts white-space words as tokens, and how many texts it read."""

    name = "topics"
    dimension = len(TOPICS) + 1
    window = 256

    def __init__(self) -> None:
        self.read = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read += len(texts)
        rows = [[float(topic in text.lower()) for topic in TOPICS] for text in texts]
        vectors = np.array([[*row, 0.0 if any(row) else 1.0] for row in rows], dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector


def document(name: str, text: str, *pages: Page) -> Document:
    """A text file of that id, all of it one section where no ``pages`` are given."""
    return Document(name, f"{name}.txt", "text/plain", "", text, pages or (Page("section", 1, "", 0, len(text)),))
