"""What embedders that run on this machine share: tokens, windows, prompts; how the vectors are computed is theirs."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.familiarity import familiarity
from index.unit import unit

if TYPE_CHECKING:
    from tokenizers import Tokenizer as FastTokenizer


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """All on which an embedder's vectors depend, so that another process can load the same; ``kind`` is its class."""

    kind: str
    folder: str
    name: str
    threads: int
    question_prompt: str | None
    passage_prompt: str | None


class LocalEmbedder(ABC):
    """A ``core.protocols.Embedder`` over a model's folder; loads its weights at first use. Thread-safe.

    A text longer than the window is read in windows whose vectors are averaged by length: nothing of it is cut off.
    """

    def __init__(
        self,
        folder: str,
        name: str,
        threads: int = 0,
        *,
        question_prompt: str | None = None,
        passage_prompt: str | None = None,
    ) -> None:
        """``question_prompt`` and ``passage_prompt`` are put before the texts; None takes the model's own prompts."""
        self.spec = EmbedderSpec(type(self).__name__, folder, name, threads, question_prompt, passage_prompt)
        self._folder = folder
        self._set_prompts = {"query": question_prompt, "document": passage_prompt}
        # Vectors of one library never mix: those made with another prompt are another model's.
        self._name = name if passage_prompt is None else f"{name} with {passage_prompt!r}"
        self._threads = threads
        self._lock = threading.Lock()
        self._pause: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def folder(self) -> str:
        """The model's folder, or its name on the hub."""
        return self._folder

    @property
    @abstractmethod
    def is_described(self) -> bool:
        """Whether files alone tell its tokens, window and dimension: then only vectors need the weights."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """The length of the vectors."""

    @property
    @abstractmethod
    def window(self) -> int:
        """The most tokens that are read at once, special ones included."""

    @property
    @abstractmethod
    def _prompts(self) -> Mapping[str, str]:
        """The model's own prompts, by names as sentence-transformers uses them."""

    @abstractmethod
    def _load(self) -> None:
        """Load the weights, where they are not yet."""

    @abstractmethod
    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of texts that fit the window, (n, dimension), in their order."""

    def _backend_tokenizer(self) -> FastTokenizer:
        """The tokenizer where the folder has no tokenizer.json."""
        raise FileNotFoundError(f"{self._folder} has no tokenizer.json")

    @cached_property
    def _tokenizer(self) -> FastTokenizer:
        from tokenizers import Tokenizer as FastTokenizer

        file = Path(self._folder, "tokenizer.json")
        tokenizer = FastTokenizer.from_file(str(file)) if file.is_file() else self._backend_tokenizer()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _special_tokens(self) -> int:
        return len(self._tokenizer.encode("").ids)

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text``, without the special ones."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each token of ``text`` stands, in characters, end exclusive; without the special ones."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets)

    def familiarity(self, text: str) -> float:
        """How well the vocabulary knows the language of ``text``, 0..1 (``index.familiarity``)."""
        return familiarity(self._tokenizer, text)

    def give_way(self, pause: Callable[[], None]) -> None:
        """Call ``pause`` before every step of the network, dozens of times a batch; it may wait for other work to end.

        To be called before the weights are loaded, by a process that embeds in the background.
        """
        self._pause = pause

    def warm_up(self) -> None:
        """Load the weights ahead of the first question, which takes seconds."""
        with self._lock:
            self._load()

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (n, dimension), in the order of ``texts``. Raises ModelMissing, ModelDamaged."""
        return self._embed(texts, "document")

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape (dimension,). Raises ModelMissing, ModelDamaged."""
        vector: NDArray[np.float32] = self._embed([text], "query")[0]
        return vector

    def _embed(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        with self._lock:
            prompt = self._prompt(kind)
            pieces, owners, weights = self._windows(texts, prompt)
            found = self._encode([prompt + piece for piece in pieces])
        np.add.at(vectors, owners, found * weights[:, None])
        return unit(vectors)

    def _prompt(self, kind: str) -> str:
        """The model's prompt before a question or a passage ("query: ", "passage: "); "" for most models."""
        if (prompt := self._set_prompts[kind]) is not None:
            return prompt
        names = ("query",) if kind == "query" else ("document", "passage", "corpus")
        return next((text for name in names if (text := self._prompts.get(name))), "")

    def _windows(self, texts: Sequence[str], prompt: str) -> tuple[list[str], NDArray[np.intp], NDArray[np.float32]]:
        """The texts cut into pieces that fit the window, the number of each piece's text, and its length in tokens."""
        room = max(1, self.window - self._special_tokens - (self.count_tokens(prompt) if prompt else 0))
        pieces: list[str] = []
        owners: list[int] = []
        weights: list[int] = []
        for number, text in enumerate(texts):
            offsets = self.token_offsets(text)
            for first in range(0, len(offsets), room) or (0,):
                last = offsets[first : first + room]
                pieces.append(text[last[0][0] : last[-1][1]] if len(offsets) > room else text)
                owners.append(number)
                weights.append(max(1, len(last)))
        return pieces, np.array(owners, dtype=np.intp), np.array(weights, dtype=np.float32)
