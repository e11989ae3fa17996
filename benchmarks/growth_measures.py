"""What benchmarks/growth.py measures by: time, memory, exact neighbours and recall; and its tables."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from grown import BLOCK, Real, blocks
from numpy.typing import NDArray

T = TypeVar("T")

K = 10
"""Neighbours that recall counts."""

QUERIES = 200
"""Questions asked of each index, one at a time."""

KEPT = 100
"""One chunk in so many is kept by a filter."""


def run(task: Callable[..., T], *arguments: object) -> T:
    """The result of a task in a fresh process, whose memory and caches nothing else has touched."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(task, *arguments).result()


def resident() -> float:
    """This process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def timed(task: Callable[[Any], Any], inputs: Sequence[Any]) -> tuple[list[Any], str]:
    """What the task made of each, and "p50 / p95 (p50 of processor time)" in ms: beside other work only that counts."""
    results, spent, computed = [], [], []
    for one in inputs:
        started, processor = time.perf_counter(), time.process_time()
        results.append(task(one))
        spent.append((time.perf_counter() - started) * 1000)
        computed.append((time.process_time() - processor) * 1000)
    return (
        results,
        f"{np.percentile(spent, 50):.1f} / {np.percentile(spent, 95):.1f} ({np.percentile(computed, 50):.1f})",
    )


def stopwatch(task: Callable[[], object]) -> float:
    """Seconds that a task takes."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Truth:
    """The exact nearest among all, among a random 1 %, and among the 1 % nearest to a few passages: ids, (n, K)."""

    everything: NDArray[np.int64]
    random: NDArray[np.int64]
    topic: NDArray[np.int64]
    random_ids: NDArray[np.int64]
    topic_ids: NDArray[np.int64]


def truth_of(real: Real, size: int, work: Path) -> Truth:
    """The truth for that many vectors; kept in ``work`` for the next run."""
    file = work / f"truth-{size}.npz"
    if not file.exists():
        np.savez(file, **asdict(run(exact, real, size)))
    with np.load(file) as kept:
        return Truth(**kept)


def exact(real: Real, size: int) -> Truth:
    """The truth by one pass over all vectors in float32."""
    queries = real.question_vectors[:: len(real.question_vectors) // QUERIES][:QUERIES]
    random_ids = np.sort(np.random.default_rng(5).choice(size, size // KEPT, replace=False)).astype(np.int64)
    about = np.random.default_rng(6).choice(len(real.vectors), len(real.vectors) // KEPT, replace=False)
    topic: list[NDArray[np.int64]] = []
    best: dict[str, list[NDArray[Any]]] = {}
    for number, (vectors, nearest) in enumerate(blocks(real.vectors, size)):
        ids = np.arange(number * BLOCK, number * BLOCK + len(vectors), dtype=np.int64)
        topic.append(ids[np.isin(nearest, about)])
        scores = queries @ vectors.T
        for name, keep in (("all", ids), ("random", np.intersect1d(ids, random_ids)), ("topic", topic[-1])):
            best[name] = _better(best.get(name), scores[:, keep - number * BLOCK], keep)
    found = {name: pair[1] for name, pair in best.items()}
    return Truth(found["all"], found["random"], found["topic"], random_ids, np.concatenate(topic))


def _better(
    before: list[NDArray[Any]] | None, scores: NDArray[np.float32], ids: NDArray[np.int64]
) -> list[NDArray[Any]]:
    """The K best of those before and these, as scores and ids of shape (n, K)."""
    keys = np.broadcast_to(ids, scores.shape)
    if before is not None:
        scores, keys = np.hstack([before[0], scores]), np.hstack([before[1], keys])
    best = np.argpartition(-scores, min(K, scores.shape[1] - 1), axis=1)[:, :K]
    order = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1), 1)
    return [np.take_along_axis(scores, order, 1), np.take_along_axis(keys, order, 1)]


def recall(found: Sequence[Sequence[int]], truth: NDArray[np.int64]) -> float:
    """The share of the true neighbours found."""
    pairs = zip(found, truth, strict=True)
    return float(np.mean([len(set(row) & set(true.tolist())) / len(true) for row, true in pairs]))


def table(title: str, rows: Sequence[dict[str, str]]) -> None:
    """A Markdown table."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    print(f"\n{title}\n\n| {' | '.join(keys)} |\n|{'---|' * len(keys)}")
    for row in rows:
        print(f"| {' | '.join(row.get(key, '') for key in keys)} |")
    print(flush=True)
