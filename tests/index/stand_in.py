"""An embedder whose vectors a reader can compute by hand: which of a few words a text holds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
