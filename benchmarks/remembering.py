"""Models that are asked the same thing often, and answer it once: what benchmarks share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedders.local import LocalEmbedder
from index.reader.span_reader import SpanReader, SpanReading


class RememberingEmbedder:
    """An embedder that embeds each text once; sentences of one article come up with every question about it."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        self._embedder = embedder
        self._passages: dict[str, NDArray[np.float32]] = {}
        self._questions: dict[str, NDArray[np.float32]] = {}
        self.name, self.dimension, self.window = embedder.name, embedder.dimension, embedder.window
        self.count_tokens, self.familiarity = embedder.count_tokens, embedder.familiarity

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if new := [text for text in dict.fromkeys(texts) if text not in self._passages]:
            self._passages |= dict(zip(new, self._embedder.embed_passages(new), strict=True))
        return np.stack([self._passages[text] for text in texts])

    def embed_question(self, text: str) -> NDArray[np.float32]:
        if text not in self._questions:
            self._questions[text] = self._embedder.embed_question(text)
        return self._questions[text]


class RememberingReader(SpanReader):
    """A span reader that reads a question with the same passages once."""

    def __init__(self, span_reader: SpanReader) -> None:
        self.__dict__.update(span_reader.__dict__)
        self._read: dict[tuple[object, ...], SpanReading] = {}

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> SpanReading:
        key = (question, *passages, *(cosines or ()))
        if key not in self._read:
            self._read[key] = super().read(question, passages, cosines)
        return self._read[key]
