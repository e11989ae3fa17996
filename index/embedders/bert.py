"""A BERT encoder with mean pooling that computes no padding, over word embeddings that stay in their file.

The tokens of a batch stand one after another, (tokens, width), in all matrix products; attention alone looks at the
texts, those of one length together. Only the rows of the words that occur are read from the table of a vocabulary of
250,000 words. Devlin et al. 2019, https://arxiv.org/abs/1810.04805.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional

from index.embedders.int8 import Int8Linear

WORDS = "embeddings.word_embeddings.weight"
BATCH_TOKENS = 3072
"""Most tokens of a step, but for a single longer text: 16 texts of 190."""


@dataclass(frozen=True, slots=True)
class Norm:
    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Linear:
    weight: Tensor
    bias: Tensor

    def __call__(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.weight, self.bias)


Product = Linear | Int8Linear


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer; ``attend`` makes queries, keys and values at once, (3 width, width)."""

    attend: Product
    attended: Product
    attention_norm: Norm
    widen: Product
    narrow: Product
    norm: Norm


class PackedBert:
    """The encoder in ``folder``: config.json and model.safetensors of a BertModel.

    Raises OSError, KeyError, ValueError and safetensors' own error where these are not as they should be.
    """

    def __init__(
        self, folder: Path, dtype: torch.dtype, pause: Callable[[], None] | None = None, *, int8: bool = False
    ) -> None:
        """``int8`` multiplies in int8 (``index.embedders.int8``), with ``dtype`` float32 for all else."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.heads, self.epsilon = int(config["num_attention_heads"]), float(config["layer_norm_eps"])
        self._pause = pause or (lambda: None)
        open_file: Any = safe_open  # it is not typed
        self._file = open_file(folder / "model.safetensors", "pt")
        self._dtype, self._int8 = dtype, int8
        self.words: Tensor = self._file.get_tensor(WORDS)  # mapped: no row is read before its word occurs
        kinds = self._read("embeddings.token_type_embeddings.weight")
        self.positions = self._read("embeddings.position_embeddings.weight") + kinds[0]
        self.norm = self._norm("embeddings.LayerNorm")
        self.layers = [self._layer(f"encoder.layer.{number}.") for number in range(int(config["num_hidden_layers"]))]

    @torch.inference_mode()
    def encode(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Mean states of texts given as token ids, (n, width), in their order; the longest are computed first."""
        vectors = np.empty((len(texts), self.words.shape[1]), dtype=np.float32)
        for rows in _batches([len(text) for text in texts]):
            vectors[rows] = self._forward([texts[row] for row in rows]).numpy()
        return vectors

    def _forward(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Mean states, (n, width), in float32, of texts of falling length."""
        lengths = [len(text) for text in texts]
        ids = torch.tensor([token for text in texts for token in text])
        places = torch.cat([torch.arange(length) for length in lengths])
        states = self._normed(self.words[ids].to(self._dtype) + self.positions[places], self.norm)
        for layer in self.layers:
            self._pause()
            mixed = layer.attended(self._attention(layer.attend(states), lengths))
            self._pause()
            states = self._normed(states + mixed, layer.attention_norm)
            wide = functional.gelu(layer.widen(states))
            self._pause()
            states = self._normed(states + layer.narrow(wide), layer.norm)
        return torch.cat([group.float().mean(1) for group in _by_length(states, lengths)])

    def _attention(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Each token's mixture of the values of its own text, (tokens, width), from (tokens, 3 width)."""
        mixed = []
        for group in _by_length(states, lengths):
            texts, length, width = group.shape
            query, key, value = group.view(texts, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            found = functional.scaled_dot_product_attention(query, key, value)
            mixed.append(found.transpose(1, 2).reshape(texts * length, width // 3))
        return torch.cat(mixed)

    def _normed(self, states: Tensor, norm: Norm) -> Tensor:
        return functional.layer_norm(states, norm.weight.shape, norm.weight, norm.bias, self.epsilon)

    def _layer(self, prefix: str) -> Layer:
        parts = [self._linear(f"{prefix}attention.self.{name}") for name in ("query", "key", "value")]
        attend = Linear(torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts]))
        return Layer(
            self._product(attend),
            self._product(self._linear(f"{prefix}attention.output.dense")),
            self._norm(f"{prefix}attention.output.LayerNorm"),
            self._product(self._linear(f"{prefix}intermediate.dense")),
            # What comes out of the GELU differs most between tokens: one scale for all loses three times as much.
            self._product(self._linear(f"{prefix}output.dense"), by_token=True),
            self._norm(f"{prefix}output.LayerNorm"),
        )

    def _product(self, linear: Linear, *, by_token: bool = False) -> Product:
        return Int8Linear(linear.weight, linear.bias, by_token=by_token) if self._int8 else linear

    def _linear(self, name: str) -> Linear:
        return Linear(self._read(f"{name}.weight"), self._read(f"{name}.bias"))

    def _norm(self, name: str) -> Norm:
        return Norm(self._read(f"{name}.weight"), self._read(f"{name}.bias"))

    def _read(self, name: str) -> Tensor:
        tensor: Tensor = self._file.get_tensor(name)
        return tensor.to(self._dtype, copy=True)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of the texts of each step, the longest first, at most BATCH_TOKENS tokens together."""
    batch: list[int] = []
    room = BATCH_TOKENS
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if batch and lengths[number] > room:
            yield batch
            batch, room = [], BATCH_TOKENS
        batch.append(number)
        room -= lengths[number]
    if batch:
        yield batch


def _by_length(states: Tensor, lengths: Sequence[int]) -> Iterator[Tensor]:
    """The states of neighbouring texts of one length together, (texts, length, width)."""
    first = 0
    for length, group in groupby(lengths):
        texts = len(list(group))
        yield states[first : first + texts * length].view(texts, length, -1)
        first += texts * length
