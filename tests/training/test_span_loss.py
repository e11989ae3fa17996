"""The loss by hand, and the batches and the split that it is computed over."""

import math
import random

import pytest
import torch

from evaluate.span_data import side_by_digest, side_by_rank
from training.span_reader.batches import Row, batched
from training.span_reader.model import span_loss

OUT = -1e4


def test_even_scores_share_the_probability_with_not_here() -> None:
    start = torch.tensor([[OUT, 0.0, 0.0]])
    right = torch.tensor([[[1, 2], [-1, -1]]])
    none = torch.full((1, 2, 2), -1)
    third = 2 * math.log(3)  # two tokens and "not here", for the start and for the end
    assert span_loss(start, start, right, 1).item() == pytest.approx(third)
    assert span_loss(start, start, none, 1).item() == pytest.approx(third)


def test_several_right_places_are_summed() -> None:
    start = torch.tensor([[OUT, 0.0, 0.0]])
    both = torch.tensor([[[1, 1], [2, 2]]])
    assert span_loss(start, start, both, 1).item() == pytest.approx(2 * math.log(3) - math.log(2))


def test_passages_of_a_question_share_one_scale() -> None:
    start = torch.tensor([[OUT, 2.0], [OUT, 0.0]], requires_grad=True)
    spans = torch.tensor([[[-1, -1]], [[1, 1]]])
    together = math.log(math.exp(2) + 1 + 1) * 2
    alone = (2 * math.log(math.exp(2) + 1) + 2 * math.log(2)) / 2
    loss = span_loss(start, start, spans, 2)
    assert loss.item() == pytest.approx(together + alone, rel=1e-5)
    loss.backward()
    assert start.grad is not None
    assert start.grad[0, 1] > 0 > start.grad[1, 1]


def test_batches_hold_every_question_once_within_their_limits() -> None:
    rows = [[Row((1,) * 5, (2,) * random.Random(n).randint(5, 190), (), 0)] * 3 for n in range(100)]
    batches = batched(rows, random.Random(0), 24)
    assert sorted(map(id, (group for batch in batches for group in batch))) == sorted(map(id, rows))
    for batch in batches:
        assert sum(len(group) for group in batch) <= 24
        assert len(batch) == 1 or max(row.length for group in batch for row in group) * 3 * len(batch) <= 3072
    assert batches == batched(rows, random.Random(0), 24)


def test_the_split_is_the_one_that_is_written_down() -> None:
    titles = [f"title {number:02}" for number in range(35)]
    sides = [side_by_rank(title, titles) for title in titles]
    assert [number for number, side in enumerate(sides) if side == "test"] == list(range(0, 35, 3))
    assert [number for number, side in enumerate(sides) if side == "dev"] == [5, 17, 29]
    # md5sum of the titles ends in "e" and in "f": even is for training, odd for testing
    assert side_by_digest("Deadpool 2") in ("train", "dev")
    assert side_by_digest("List of Nobel laureates in Physics") == "test"
