"""Embedders that run elsewhere, by name: "langchain:PROVIDER:NAME", or "server:NAME" of an OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelMissing
from core.server_address import LANGCHAIN, NO_KEY, SERVER, connection, missing_package, require_package
from core.server_errors import server_error
from core.settings import Settings
from index.unit import unit

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

Result = TypeVar("Result")

OPENAI = "openai:"
"""LangChain's provider of OpenAI and of servers that speak as it does."""

BATCH = 64
"""Texts a request; servers limit them, some to 96."""

TIMEOUT_S = 120.0
"""Most seconds that a server may be silent."""


class EmbedderOf:
    """Any LangChain embeddings as a ``core.protocols.Embedder``; its vectors are scaled to length 1.

    Such models do not say how they count tokens; words are counted instead, and the window is set by the caller.
    """

    def __init__(self, embeddings: Embeddings, name: str = "", window: int = 512, place: str = "") -> None:
        """``place`` is where it runs, for errors: an address or a provider; "" where it runs here."""
        self._embeddings = embeddings
        self._name = name or str(getattr(embeddings, "model", "") or type(embeddings).__name__)
        self._place = place
        self._dimension = 0
        self.window = window

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        self._dimension = self._dimension or len(self._told(lambda: self._embeddings.embed_query("dimension")))
        return self._dimension

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (n, dimension). Raises ModelError where the server cannot be used."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit(np.array(self._told(lambda: self._embeddings.embed_documents(list(texts))), dtype=np.float32))

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape (dimension,). Raises ModelError where the server cannot be used."""
        found = self._told(lambda: self._embeddings.embed_query(text))
        vector: NDArray[np.float32] = unit(np.array([found], dtype=np.float32))[0]
        return vector

    def _told(self, embed: Callable[[], Result]) -> Result:
        """What ``embed`` returns; what it raises becomes an error for the person if it ran elsewhere."""
        if not self._place:
            return embed()
        try:
            return embed()
        except Exception as error:  # client libraries raise what they like; server_error tells them apart
            raise server_error(error, self._place, self._name.rpartition(":")[2]) from error


def connect_embedder(settings: Settings) -> EmbedderOf:
    """The embedder that ``settings.embedder`` names; nothing is sent yet.

    Raises ModelMissing where a package is not installed, the provider refuses its configuration, or the server's
    address is missing or wrong.
    """
    from langchain.embeddings import init_embeddings

    options: dict[str, Any] = {}
    if settings.embedder.startswith(SERVER):
        require_package()
        place, key = connection(settings.server_url)
        name = OPENAI + settings.embedder.removeprefix(SERVER)
        options = {"base_url": place, "api_key": key or NO_KEY, "timeout": TIMEOUT_S, "max_retries": 1}
    else:
        name = settings.embedder.removeprefix(LANGCHAIN)
        place = name.partition(":")[0]
    if name.startswith(OPENAI):
        # Else the texts are cut into OpenAI's tokens, whose table is fetched from the net, and sent as numbers.
        options |= {"check_embedding_ctx_length": False, "chunk_size": BATCH}
    try:
        embeddings = init_embeddings(name, **options)
    except ImportError as error:
        raise missing_package(name, error) from error
    except Exception as error:  # providers raise what they like: missing keys, unknown names
        raise ModelMissing(f"'{name}' cannot be used: {error}", "Set what its provider needs.") from error
    return EmbedderOf(embeddings, settings.embedder, place=place)
