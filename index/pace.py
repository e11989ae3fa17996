"""How far an ingest is, and how long it will take: by the sizes of its files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class _Present:
    """The files that are taken in together: the number of the first, how many, and the share of them that is done."""

    first: int = 0
    count: int = 0
    share: float = 0.0


class Pace:
    """``seconds`` since it began, and ``seconds_left``."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """``sizes`` of the files in their order, in bytes."""
        self._ends = [0, *accumulate(sizes)]
        self._present = _Present()
        self._started = time.monotonic()

    def takes(self, first: int, count: int) -> None:
        """The files from number ``first`` on are taken in together, and all before them are done."""
        self._present = _Present(first, count)

    def share(self, share: float) -> None:
        """Of the present files this share, 0..1, is done."""
        self._present = _Present(self._present.first, self._present.count, share)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def seconds_left(self) -> float | None:
        """None where nothing is done yet."""
        now = self._present
        before, end = self._ends[now.first], self._ends[min(now.first + now.count, len(self._ends) - 1)]
        done = before + now.share * (end - before)
        return self.seconds * (self._ends[-1] - done) / done if done else None
