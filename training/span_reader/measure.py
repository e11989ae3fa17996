"""How good a network in training is, on the development slice: quick figures to choose a checkpoint by."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from evaluate.span_scores import exact_match, word_f1
from index.reader.network import SpanNetwork, span_scores
from training.span_reader.batches import WINDOW, Material, Row
from training.span_reader.model import half_precision, span_loss
from training.span_reader.prepare import Example

LONGEST = 20
"""Most tokens of a span that is looked for."""
PASSAGES = 4
"""Passages a question is read on: its own and the first three retrieved."""
BATCH_ROWS = 24


@dataclass(frozen=True, slots=True)
class Measured:
    """On the question's own passage, and on four in company; ``auc`` is of the null decision on its own."""

    loss: float
    em: float
    f1: float
    company_f1: float
    auc: float

    def line(self) -> str:
        return (
            f"dev loss {self.loss:.3f}, gold EM {self.em:.3f} F1 {self.f1:.3f}, "
            f"of {PASSAGES} F1 {self.company_f1:.3f}, null AUC {self.auc:.3f}"
        )


@torch.inference_mode()
def measure(network: SpanNetwork, material: Material, examples: Sequence[Example]) -> Measured:
    """Figures of ``network`` on ``examples``: EM and F1 (0..1) of those with an answer, AUC (0..1) over all."""
    draw = random.Random(0)  # noqa: S311
    keys = [(example, key) for example in examples for key in _passages(example)]
    rows = [
        material.row(
            example.question,
            material.passages[key],
            example.spans if key == example.passage else (),
            draw,
            crops=(WINDOW,),
        )
        for example, key in keys
    ]
    found = _read(network, material, rows)
    gold_em, gold_f1, company, margins, losses = [], [], [], [], []
    position = 0
    for example in examples:
        count = len(_passages(example))
        reads = found[position : position + count]
        own = [_words(material, keys[position + number][1], read) for number, read in enumerate(reads)]
        losses.append(reads[0].loss)
        margins.append((reads[0].score, bool(example.spans)))
        if example.spans:
            best = max(range(count), key=lambda number: reads[number].score)
            gold_em.append(exact_match(own[0], example.answers))
            gold_f1.append(word_f1(own[0], example.answers))
            company.append(word_f1(own[best], example.answers))
        position += count
    return Measured(_mean(losses), _mean(gold_em), _mean(gold_f1), _mean(company), _auc(margins))


def _passages(example: Example) -> list[str]:
    return [example.passage, *(example.negatives[: PASSAGES - 1] if example.spans else ())]


@dataclass(frozen=True, slots=True)
class _Read:
    score: float
    first: int
    last: int
    loss: float


def _read(network: SpanNetwork, material: Material, rows: list[Row]) -> list[_Read]:
    network.eval()
    order = sorted(range(len(rows)), key=lambda number: rows[number].length)
    results: list[_Read | None] = [None] * len(rows)
    device = next(network.parameters()).device
    for first in range(0, len(order), BATCH_ROWS):
        chosen = order[first : first + BATCH_ROWS]
        batch = material.batch([rows[number] for number in chosen], 1)
        ids, segments, mask = (tensor.to(device) for tensor in (batch.ids, batch.segments, batch.mask))
        with half_precision(device):
            start, end = (scores.cpu() for scores in network(ids, segments, mask))
        pairs = span_scores(start, end, LONGEST)
        scores, flat = pairs.flatten(1).max(dim=1)
        firsts, lasts = flat // pairs.shape[2], flat % pairs.shape[2]
        for place, number in enumerate(chosen):
            loss = span_loss(start[place : place + 1], end[place : place + 1], batch.spans[place : place + 1], 1)
            offset = len(rows[number].question) + 2 - rows[number].cut
            a, b = int(firsts[place]) - offset, int(lasts[place]) - offset
            results[number] = _Read(float(scores[place]), a, b, float(loss))
    network.train()
    return [result for result in results if result is not None]


def _words(material: Material, key: str, read: _Read) -> str:
    text = material.passages[key]
    offsets = material.text(text).offsets
    if not 0 <= read.first <= read.last < len(offsets):
        return ""
    return text[offsets[read.first][0] : offsets[read.last][1]]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _auc(scored: Sequence[tuple[float, bool]]) -> float:
    """The share of pairs (answerable, not) that the score puts in order."""
    right = [score for score, truth in scored if truth]
    wrong = sorted(score for score, truth in scored if not truth)
    if not right or not wrong:
        return 0.0
    order = torch.searchsorted(torch.tensor(wrong), torch.tensor(right))
    return float(order.double().mean()) / len(wrong)
