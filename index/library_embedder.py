"""The embedder of a library, which the library may change while it is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.protocols import Embedder
from index.embed import Multilingual
from index.embedders.local import LocalEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.store.library import Library
    from index.store.library_folder import LibraryFolder


class LibraryEmbedder:
    """A ``core.protocols.Embedder`` that is the library's present one since the last ``follow``.

    Between two calls of ``follow`` it stays the same: the stages of one answer share their vectors.
    """

    def __init__(self, library: LibraryFolder, load: Callable[[str], Embedder]) -> None:
        """``load`` is given the name of the embedder that made the library's vectors, "" before the first; it returns
        the same object for the same name, and may raise ModelError.
        """
        self._library = library
        self._load = load
        self._name = library.embedder_name
        self._embedder = load(self._name)
        self._pause: Callable[[], None] | None = None

    def follow(self) -> None:
        """Become the library's present embedder, where it has changed to another. Raises ModelError."""
        name = self._library.embedder_name
        if name == self._name and (name or self._load(name) is self._embedder):
            return
        self._embedder, self._name = self._load(name), name
        self._give_way()

    def give_way(self, pause: Callable[[], None]) -> None:
        """As ``index.embedders.local.LocalEmbedder.give_way``; also of an embedder that the library changes to."""
        self._pause = pause
        self._give_way()

    def _give_way(self) -> None:
        if self._pause is not None and isinstance(self._embedder, LocalEmbedder):
            self._embedder.give_way(self._pause)

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def window(self) -> int:
        return self._embedder.window

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text``, without the special ones."""
        return self._embedder.count_tokens(text)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (n, dimension), in the order of ``texts``. Raises ModelError."""
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape (dimension,). Raises ModelError."""
        return self._embedder.embed_question(text)

    def familiarity(self, text: str) -> float:
        """How well it knows the language of ``text``, 0..1; 1 where it cannot tell."""
        return self._embedder.familiarity(text) if isinstance(self._embedder, Multilingual) else 1.0


def follow(library: Library, embedder: Embedder) -> None:
    """Have the embedder follow the library, where it can, and hold it against the library's vectors.

    Raises EmbedderMismatch where these are another embedder's, ModelError.
    """
    if isinstance(embedder, LibraryEmbedder):
        embedder.follow()
    library.check_embedder(embedder)
