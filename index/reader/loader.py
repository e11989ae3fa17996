"""Loading the span reader: its weights, and the bundled MiniLM's word embeddings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelDamaged
from index.reader.span_reader import Calibration, SpanReader
from index.reader.weights import read_weights

if TYPE_CHECKING:
    from torch import Tensor, nn

    from index.embedders.packed import BundledEmbedder
    from index.reader.encoder import BertEncoder

EMBEDDINGS = "embeddings.word_embeddings.weight"


def load_span_reader(
    folder: Path, word_embeddings: nn.Embedding | None = None, *, file: Path | None = None, sha256: str | None = None
) -> SpanReader:
    """The span reader over the bundled MiniLM in ``folder`` (``index.bundled.bundled_folder``).

    ``word_embeddings`` are that MiniLM's, (vocabulary, width), if they are in memory already; the span reader then
    computes in their dtype. Raises ModelMissing or ModelDamaged; callers go on without a span reader and show the line.
    """
    from tokenizers import Tokenizer

    from index.reader.network import SpanNetwork

    parameters, facts = read_weights(file, sha256)
    word_embeddings = word_embeddings or read_embeddings(folder)
    network = SpanNetwork(
        _encoder(folder, word_embeddings, _layers(parameters)),
        query_head="query.weight" in parameters,
        match="match" in parameters,
    )
    problems = network.load_state_dict(parameters, strict=False)
    if problems.unexpected_keys or any("word_embeddings" not in name for name in problems.missing_keys):
        raise ModelDamaged("The span reader's weights are for another network.", "Install Lectern again.")
    network.to(word_embeddings.weight.dtype)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return SpanReader(network, tokenizer, _calibration(facts))


def load_beside(embedder: BundledEmbedder | None, folder: Path, file: Path | None = None) -> SpanReader:
    """`load_span_reader`, with the word embeddings of ``embedder`` where there is that."""
    return load_span_reader(folder, embedder.word_embeddings() if embedder else None, file=file)


def read_embeddings(folder: Path) -> nn.Embedding:
    """The word embeddings of the model in ``folder``, in bfloat16 where the processor multiplies it, else float32."""
    import torch
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as weights:
        table = weights.get_tensor(EMBEDDINGS)
    if torch.cpu._is_avx512_bf16_supported():
        table = table.to(torch.bfloat16)
    return torch.nn.Embedding(len(table), table.shape[1], _weight=table, _freeze=True)


def _encoder(folder: Path, word_embeddings: nn.Embedding, layers: int) -> BertEncoder:
    """MiniLM's first ``layers`` layers, whose weights are not set, over ``word_embeddings``."""
    from index.reader.encoder import BertEncoder

    return BertEncoder(json.loads((folder / "config.json").read_text(encoding="utf-8")), layers, word_embeddings)


def _layers(parameters: Mapping[str, Tensor]) -> int:
    """The number of transformer layers that the parameters are for."""
    prefix = "encoder.encoder.layer."
    return 1 + max(
        (int(name[len(prefix) :].split(".")[0]) for name in parameters if name.startswith(prefix)), default=-1
    )


def _calibration(facts: Mapping[str, Any]) -> Calibration:
    """The calibration stored with the weights; an uninformed one for weights that are being trained."""
    weights = facts.get("calibration")
    if weights is None:
        return Calibration()
    return Calibration(tuple(weights["alone"]), tuple(weights["joined"]))
