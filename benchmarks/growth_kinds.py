"""Kinds of FAISS index against each other, on the same vectors, for benchmarks/growth.py."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from grown import Real, blocks
from growth_measures import QUERIES, K, Truth, recall, resident, run, table, timed, truth_of
from numpy.typing import NDArray

KINDS = ("flat fp32", "flat fp16", "flat sq8", "hnsw fp32", "hnsw sq8", "ivf fp16", "ivf sq8")

HNSW_MOST = 100_000
"""Vectors up to which HNSW is built: beyond, its build takes longer than all else here together."""


def make(kind: str, lists: int, dimension: int) -> Any:
    """An empty index of that kind."""
    import faiss

    where, codes = kind.split()
    quantizer = {"fp16": faiss.ScalarQuantizer.QT_fp16, "sq8": faiss.ScalarQuantizer.QT_8bit}.get(codes)
    ip = faiss.METRIC_INNER_PRODUCT
    if where == "ivf":
        return faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dimension), dimension, lists, quantizer, ip)
    if where == "hnsw":
        inner = (
            faiss.IndexHNSWFlat(dimension, 32, ip)
            if quantizer is None
            else faiss.IndexHNSWSQ(dimension, quantizer, 32, ip)
        )
        inner.hnsw.efSearch = 128
        return faiss.IndexIDMap2(inner)
    inner = faiss.IndexFlatIP(dimension) if quantizer is None else faiss.IndexScalarQuantizer(dimension, quantizer, ip)
    return faiss.IndexIDMap2(inner)


def build(kind: str, lists: int, real: Real, size: int, file: Path) -> dict[str, str]:
    """Build an index and write it; returns seconds and peak memory."""
    import resource

    import faiss

    before = resident()
    started = time.perf_counter()
    index = make(kind, lists, real.vectors.shape[1])
    if not index.is_trained:
        sample = blocks(real.vectors, min(size, max(64 * lists, 20_000)))  # blocks differ by chance alone
        index.train(np.concatenate([vectors for vectors, _ in sample]))
    trained = time.perf_counter() - started
    first = 0
    for vectors, _ in blocks(real.vectors, size):
        index.add_with_ids(vectors, np.arange(first, first + len(vectors), dtype=np.int64))
        first += len(vectors)
    built = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3 - before
    faiss.write_index(index, str(file))
    return {"build s": f"{built:.0f} ({trained:.0f} training)", "peak MB": f"{peak:.0f}"}


def ask(kind: str, probes: Sequence[int], real: Real, truth: Truth, file: Path) -> list[dict[str, str]]:
    """Rows of the table for one index on disk: one for each number of lists probed."""
    import faiss

    faiss.omp_set_num_threads(1)
    before = resident()
    started = time.perf_counter()
    index = faiss.read_index(str(file))
    opened, memory = time.perf_counter() - started, resident() - before
    queries = real.question_vectors[:: len(real.question_vectors) // QUERIES][:QUERIES]
    rows = []
    for probe in probes:
        row = {"probes": str(probe or ""), "open s": f"{opened:.2f}", "MB": f"{memory:.0f}"}

        def search(
            vector: NDArray[np.float32], k: int = K, sel: Any = None, n: int = probe, ef: int = 128
        ) -> list[int]:
            parameters: Any = None
            if kind.startswith("ivf"):
                parameters = faiss.SearchParametersIVF(sel=sel, nprobe=n)
            elif kind.startswith("hnsw"):
                parameters = faiss.SearchParametersHNSW(sel=sel, efSearch=ef)
            elif sel is not None:
                parameters = faiss.SearchParameters(sel=sel)
            return list(index.search(vector[None, :], k, params=parameters)[1][0].tolist())

        found, row["p50 / p95 ms"] = timed(search, queries)
        row["recall@10"] = f"{recall(found, truth.everything):.3f}"
        deep, row["k = 200"] = timed(lambda vector: search(vector, 200), queries)
        row["in 20"] = f"{recall([ids[:20] for ids in deep], truth.everything):.3f}"
        every = int(index.nlist) if kind.startswith("ivf") else 0
        for name, ids, true in (
            ("random 1 %", truth.random_ids, truth.random),
            ("topic 1 %", truth.topic_ids, truth.topic),
        ):
            kept = np.zeros(int(index.ntotal) + 7, dtype=np.uint8)
            kept[ids] = 1
            selector = faiss.IDSelectorBitmap(np.packbits(kept, bitorder="little"))
            found, row[f"{name} ms"] = timed(lambda vector: search(vector, K, selector, every), queries)  # noqa: B023
            row[f"{name} recall"] = f"{recall(found, true):.3f}"
        rows.append(row)
    rows[-1] |= _change(index, real, kind)
    return rows


def _change(index: Any, real: Real, kind: str) -> dict[str, str]:
    """Seconds to add 1,000 vectors and to remove 1,000."""
    import faiss

    n = int(index.ntotal)
    (vectors, _), *_ = blocks(real.vectors, 1000)
    started = time.perf_counter()
    index.add_with_ids(vectors, np.arange(n, n + 1000, dtype=np.int64))
    added = time.perf_counter() - started
    if kind.startswith("hnsw"):
        return {"+1,000 s": f"{added:.2f}", "-1,000 s": "cannot"}
    started = time.perf_counter()
    index.remove_ids(faiss.IDSelectorBatch(np.arange(0, n, n // 1000, dtype=np.int64)[:1000]))
    return {"+1,000 s": f"{added:.2f}", "-1,000 s": f"{time.perf_counter() - started:.2f}"}


def compare_kinds(real: Real, size: int, work: Path, kinds: Sequence[str]) -> None:
    started = time.perf_counter()
    truth = truth_of(real, size, work)
    print(f"exact neighbours of {QUERIES} questions: {time.perf_counter() - started:.0f} s", flush=True)
    rows = []
    for kind in kinds:
        if kind.startswith("hnsw") and size > HNSW_MOST:
            continue
        lists = 2 ** round(np.log2(np.sqrt(size)))
        probes = tuple(max(1, lists // share) for share in (64, 32, 16, 8)) if kind.startswith("ivf") else (0,)
        file, facts = (work / f"{kind.replace(' ', '-')}-{size}.{end}" for end in ("faiss", "json"))
        if not facts.exists():  # both stay until they were asked, so that a run that was ended goes on here
            facts.write_text(json.dumps(run(build, kind, lists, real, size, file)))
        for row in run(ask, kind, probes, real, truth, file):
            rows.append({"index": f"{kind} {lists}" if probes[0] else kind, **row, **json.loads(facts.read_text())})
            print(rows[-1], flush=True)
        file.unlink()
        facts.unlink()
    table(f"{size:,} vectors", rows)
