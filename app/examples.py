"""Texts of several kinds as examples, embedded once, by which the embedder tells of what kind another text is."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray

from core.protocols import Embedder

Kind = TypeVar("Kind", bound=str)


class ExampleBank(Generic[Kind]):
    """The examples of a YAML file that maps each kind to its texts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kinds: tuple[Kind, ...] = ()
        # By the embedder's name, not the embedder itself: a library's changes under its users, and all libraries of a
        # process have the same. Embedding them takes seconds.
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def embedded(self, embedder: Embedder) -> tuple[tuple[Kind, ...], NDArray[np.float32]]:
        """The kind of each of the n examples, those of a kind together, and their vectors of shape (n, dimension)."""
        name = embedder.name
        if name not in self._vectors:
            groups: dict[Kind, list[str]] = yaml.safe_load(self._path.read_text("utf-8"))
            self._kinds = tuple(kind for kind, texts in groups.items() for _ in texts)
            self._vectors[name] = embedder.embed_passages([text for texts in groups.values() for text in texts])
        return self._kinds, self._vectors[name]
