"""Text -> unit vectors, by sentence-transformers; the bundled MiniLM or any other model of theirs.

Tokens are counted by the model's fast tokenizer alone, so that chunking never waits for torch.
"""

from __future__ import annotations

import json
import os
import platform
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelDamaged, ModelMissing
from core.loading import loading, map_library
from core.protocols import Embedder
from core.server_address import LANGCHAIN, SERVER
from core.settings import Settings
from index.bundled import BUNDLED_NAME, bundled_folder
from index.familiarity import familiarity
from index.named_embedder import connect_embedder
from index.unit import unit

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer as FastTokenizer
    from torch import nn

BATCH = 16
"""Texts a step. Of 4, 16 and 32 texts of 170 tokens, 4 and 16 were the fastest on two cores (34, 32 and 28 texts/s of
one core's time), and 16 leaves both cores enough to do."""


@runtime_checkable
class Multilingual(Protocol):
    """An embedder that can tell how well it knows the language of a text."""

    def familiarity(self, text: str) -> float: ...


class SentenceEmbedder:
    """A sentence-transformers model as a ``core.protocols.Embedder``; loads its weights at first use. Thread-safe.

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
        self._folder = folder
        self._prompts = {"query": question_prompt, "document": passage_prompt}
        # Vectors of one library never mix: those made with another prompt are another model's.
        self._name = name if passage_prompt is None else f"{name} with {passage_prompt!r}"
        self._threads = threads
        self._lock = threading.Lock()
        self._pause: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def dimension(self) -> int:
        pooling, config = Path(self._folder, "1_Pooling", "config.json"), Path(self._folder, "config.json")
        if not Path(self._folder, "2_Dense").exists() and pooling.is_file() and config.is_file():
            return int(json.loads(config.read_text())["hidden_size"])
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def window(self) -> int:
        config = Path(self._folder, "sentence_bert_config.json")
        if config.is_file() and (length := json.loads(config.read_text()).get("max_seq_length")):
            return int(length)
        return int(self._model.max_seq_length or 512)

    @cached_property
    def _tokenizer(self) -> FastTokenizer:
        from tokenizers import Tokenizer as FastTokenizer

        file = Path(self._folder, "tokenizer.json")
        if file.is_file():
            tokenizer = FastTokenizer.from_file(str(file))
        else:
            tokenizer = FastTokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
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

    @cached_property
    @loading()
    def _model(self) -> SentenceTransformer:
        dtype = prepare_torch(self._folder, self._threads)
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                self._folder,
                device="cpu",
                local_files_only=True,
                model_kwargs={"dtype": dtype},
            )
        except (OSError, ValueError, KeyError) as error:
            if Path(self._folder).is_dir():
                raise ModelDamaged(
                    f"the embedder in {self._folder} cannot be loaded.", "Fetch its files again."
                ) from error
            raise ModelMissing(
                f"the embedder '{self._folder}' is not on this machine.",
                "Give the folder of a sentence-transformers model, or set LECTERN_EMBEDDER=bundled.",
            ) from error
        if pause := self._pause:
            for module in model.modules():
                module.register_forward_pre_hook(lambda _module, _inputs: pause())
        return model.eval()

    def give_way(self, pause: Callable[[], None]) -> None:
        """Call ``pause`` before every step of the network, a hundred times a batch; it may wait for other work to end.

        To be called before the weights are loaded, by a process that embeds in the background.
        """
        self._pause = pause

    def warm_up(self) -> None:
        """Load the weights ahead of the first question, which takes seconds."""
        with self._lock:
            _ = self._model

    def word_embeddings(self) -> nn.Embedding | None:
        """The model's table of word embeddings, (vocabulary, width), for another network over the same model.

        In the dtype in which the weights are in memory (bfloat16 or float32); to be read, not changed. None where the
        model is no transformer. Loads the weights. Raises ModelMissing, ModelDamaged.
        """
        from torch import nn

        with self._lock:
            transformer = self._model.transformers_model
            table = transformer.get_input_embeddings() if transformer is not None else None
        return table if isinstance(table, nn.Embedding) else None

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
        if (prompt := self._prompts[kind]) is not None:
            return prompt
        prompts = self._model.prompts
        names = ("query",) if kind == "query" else ("document", "passage", "corpus")
        return next((text for name in names if (text := prompts.get(name))), "")

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

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of texts that fit the window; sentence-transformers batches them by length."""
        import torch

        with torch.inference_mode():
            vectors = self._model.encode(
                texts, batch_size=BATCH, prompt="", convert_to_numpy=True, show_progress_bar=False
            )
        return unit(np.asarray(vectors, dtype=np.float32))


def load_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name; its weights are loaded at first use.

    Raises ModelMissing if its files are not on this machine, ModelDamaged if their sha256 is wrong.
    Nothing is ever fetched. One that is named "server:NAME" or "langchain:PROVIDER:NAME" runs elsewhere; what its
    package or address lacks is raised as ModelMissing.
    """
    if settings.embedder.startswith((LANGCHAIN, SERVER)):
        return connect_embedder(settings)
    folder = Path(settings.embedder).expanduser()
    if settings.embedder == "bundled":
        place, name = str(bundled_folder(settings.home)), BUNDLED_NAME
    elif folder.is_dir():
        place, name = str(folder.absolute()), folder.name
    else:
        place = name = settings.embedder
    return SentenceEmbedder(
        place,
        name,
        settings.embedder_threads,
        question_prompt=settings.embedder_question_prompt,
        passage_prompt=settings.embedder_passage_prompt,
    )


def prepare_torch(folder: str, threads: int) -> torch.dtype:
    """Prepare torch to load the model in ``folder`` (or of that name); returns the dtype for its weights.

    Nothing is fetched. ``threads`` 0 leaves torch's own number, the physical cores.
    """
    # Read when torch is loaded: its threads sleep while they wait for each other instead of spinning. As fast on
    # idle cores, and beside other work 33 texts/s instead of 17.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if not Path(folder).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    map_library("torch", "lib/libtorch_cpu.so")
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if threads:
        torch.set_num_threads(threads)
    return torch.bfloat16 if _has_bfloat16() else torch.float32


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself: 1.7 times the speed of float32, cosine at least .9999 to it."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported())
