"""Several processes of one thread that train one network: on two cores that others use, too, faster than two threads.

The threads of an operation wait for each other after each of thousands a step; processes wait once, for the mean of
the gradients. Beside other programs two processes trained half as fast again as two threads.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, multiprocessing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Crew:
    """This process's place among ``size``; the first, ``rank`` 0, measures and saves."""

    rank: int = 0
    size: int = 1

    def share(self, groups: Sequence[T]) -> tuple[Sequence[T], float]:
        """This process's part of a batch, never empty, and what its mean loss weighs in the whole batch's."""
        own = groups[self.rank :: self.size]
        return (own, len(own) * self.size / len(groups)) if own else (groups[:1], 0.0)

    def average(self, parameters: Sequence[Tensor]) -> None:
        """The gradients become their means over all processes. Raises RuntimeError where another one ended."""
        if self.size == 1:
            return
        gradients = [each.grad for each in parameters if each.grad is not None]
        flat = torch.cat([each.flatten() for each in gradients])
        distributed.all_reduce(flat)
        flat /= self.size
        means = torch.split(flat, [each.numel() for each in gradients])
        for gradient, mean in zip(gradients, means, strict=True):
            gradient.copy_(mean.view_as(gradient))


MEETING = timedelta(minutes=10)
"""Longest wait for another process, at the start and for its gradients: it may have died."""


@contextmanager
def crew_of(size: int, work: Callable[..., Any], *args: Any) -> Iterator[Crew]:
    """Start the others, which call ``work(*args, crew)``; they end with this process, however it ends."""
    if size == 1:
        yield Crew()
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = f"file://{Path(folder) / 'meeting'}"
        context = multiprocessing.get_context("spawn")
        others = [
            context.Process(target=_join, args=(meeting, Crew(rank, size), work, args), daemon=True)
            for rank in range(1, size)
        ]
        for other in others:
            other.start()
        distributed.init_process_group("gloo", init_method=meeting, rank=0, world_size=size, timeout=MEETING)
        try:
            yield Crew(0, size)
        finally:
            for other in others:
                other.join(timeout=10)
                other.terminate()
            distributed.destroy_process_group()


def _join(meeting: str, crew: Crew, work: Callable[..., Any], args: Sequence[Any]) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=meeting, rank=crew.rank, world_size=crew.size)
    work(*args, crew)
