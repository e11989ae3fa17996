"""Processes that train together: each batch once, and the mean of their gradients."""

from pathlib import Path

import torch

from training.span_reader.crew import Crew, crew_of


def mean_of_ranks(out: Path, crew: Crew) -> None:
    """Gradients of 1 and 2 in the two processes; what they become is written down."""
    parameter = torch.nn.Parameter(torch.zeros(2, 3))
    parameter.grad = torch.full((2, 3), crew.rank + 1.0)
    crew.average([parameter, torch.nn.Parameter(torch.zeros(1))])
    (out / str(crew.rank)).write_text(str(set(parameter.grad.flatten().tolist())))


def test_gradients_become_their_mean_in_every_process(tmp_path: Path) -> None:
    with crew_of(2, mean_of_ranks, tmp_path) as crew:
        mean_of_ranks(tmp_path, crew)
    assert [(tmp_path / str(rank)).read_text() for rank in (0, 1)] == ["{1.5}", "{1.5}"]


def test_every_question_of_a_batch_is_learnt_once() -> None:
    groups = list("abcde")
    shares = [Crew(rank, 2).share(groups) for rank in (0, 1)]
    assert sorted([*shares[0][0], *shares[1][0]]) == groups
    assert shares[0][1] + shares[1][1] == 2
    # weighted, the mean of two means is the mean of all
    means = [sum(map(ord, share)) / len(share) * weight for share, weight in shares]
    assert sum(means) / 2 == sum(map(ord, groups)) / len(groups)


def test_a_batch_too_small_for_all_counts_once() -> None:
    assert Crew(1, 2).share(["a"]) == (["a"], 0.0)
    assert Crew(0, 2).share(["a"]) == (["a"], 2.0)
