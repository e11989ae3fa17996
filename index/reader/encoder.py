"""BERT as the span reader computes it: transformers' names of parameters, without loading transformers.

Devlin et al. 2019, https://arxiv.org/abs/1810.04805. Training uses transformers' own, which has dropout.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class BertEncoder(nn.Module):
    """The first ``layers`` layers of the BertModel that ``config`` (its config.json) describes, weights not set."""

    def __init__(self, config: Mapping[str, Any], layers: int, word_embeddings: nn.Embedding) -> None:
        super().__init__()
        self.config = SimpleNamespace(**config)
        width, epsilon = int(config["hidden_size"]), float(config["layer_norm_eps"])
        self._heads = int(config["num_attention_heads"])
        self.embeddings = nn.Module()
        self.embeddings.word_embeddings = word_embeddings
        self.embeddings.position_embeddings = nn.Embedding(int(config["max_position_embeddings"]), width)
        self.embeddings.token_type_embeddings = nn.Embedding(int(config["type_vocab_size"]), width)
        self.embeddings.LayerNorm = nn.LayerNorm(width, eps=epsilon)
        wide = int(config["intermediate_size"])
        stack = nn.ModuleList(_layer(width, wide, epsilon) for _ in range(layers))
        self.encoder = nn.ModuleDict({"layer": stack})

    def forward(self, inputs_embeds: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> SimpleNamespace:
        """``last_hidden_state``, (rows, tokens, width), of word embeddings of that shape; masks are (rows, tokens)."""
        embeddings: Any = self.embeddings
        places = torch.arange(inputs_embeds.shape[1], device=inputs_embeds.device)
        states = inputs_embeds + embeddings.token_type_embeddings(token_type_ids)
        states = embeddings.LayerNorm(states + embeddings.position_embeddings(places))
        seen = attention_mask.bool()[:, None, None, :]
        layers: Any = self.encoder["layer"]
        for layer in layers:
            states = self._attended(states, layer["attention"], seen)
            wide = functional.gelu(layer["intermediate"]["dense"](states))
            states = layer["output"]["LayerNorm"](layer["output"]["dense"](wide) + states)
        return SimpleNamespace(last_hidden_state=states)

    def _attended(self, states: Tensor, attention: Any, seen: Tensor) -> Tensor:
        rows, tokens, width = states.shape
        query, key, value = (
            attention["self"][name](states).view(rows, tokens, self._heads, -1).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        mixed = attention["output"]["dense"](found.transpose(1, 2).reshape(rows, tokens, width))
        normed: Tensor = attention["output"]["LayerNorm"](mixed + states)
        return normed


def _layer(width: int, wide: int, epsilon: float) -> nn.ModuleDict:
    attention = {
        "self": nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value")}),
        "output": _added(width, width, epsilon),
    }
    widening = nn.ModuleDict({"dense": nn.Linear(width, wide)})
    parts = {
        "attention": nn.ModuleDict(attention),
        "intermediate": widening,
        "output": _added(wide, width, epsilon),
    }
    return nn.ModuleDict(parts)


def _added(width: int, narrow: int, epsilon: float) -> nn.ModuleDict:
    """A linear layer whose result is added to what came before, and normed."""
    return nn.ModuleDict({"dense": nn.Linear(width, narrow), "LayerNorm": nn.LayerNorm(narrow, eps=epsilon)})
