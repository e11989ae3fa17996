"""How the library behaves as it grows: kinds of FAISS index against each other, then words and both in whole libraries.

    python benchmarks/growth.py SET... --sizes 10000,100000,1000000 --work DIR [--only kinds|library]

SET is a folder in BEIR layout. DIR keeps what is dear to make (embeddings, libraries; about 7 GB for a million chunks),
so that the next run begins where this one measures. Each row is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from grown import BLOCK, DOCUMENT, Real, blocks, entry, load_real, open_grown
from numpy.typing import NDArray

from core.settings import Settings
from index.search.bm25 import FILE_WEIGHT, search_chunks, search_document_fields
from index.search.query import POOL
from index.search.retriever import Retriever
from index.store import embeddings
from index.store.library import Library
from index.store.vectors import VectorIndex

T = TypeVar("T")

K = 10
"""Neighbours that recall counts."""

ASKED = 200
"""Questions asked of each index, one at a time."""

KEPT = 100
"""One chunk in so many is kept by a filter."""

KINDS = ("flat fp32", "flat fp16", "flat sq8", "hnsw fp32", "hnsw sq8", "ivf fp16", "ivf sq8")
HNSW_MOST = 100_000
"""Vectors up to which HNSW is built: beyond, its build takes longer than all else here together."""


def run(task: Callable[..., T], *given: object) -> T:
    """The result of a task in a fresh process, whose memory and caches nothing else has touched."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(task, *given).result()


def resident() -> float:
    """This process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def timed(task: Callable[[Any], Any], given: Sequence[Any]) -> tuple[list[Any], str]:
    """What the task made of each, and "p50 / p95 (p50 of processor time)" in ms: beside other work only that counts."""
    results, spent, computed = [], [], []
    for one in given:
        started, processor = time.perf_counter(), time.process_time()
        results.append(task(one))
        spent.append((time.perf_counter() - started) * 1000)
        computed.append((time.process_time() - processor) * 1000)
    return (
        results,
        f"{np.percentile(spent, 50):.1f} / {np.percentile(spent, 95):.1f} ({np.percentile(computed, 50):.1f})",
    )


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
    asked = real.asked[:: len(real.asked) // ASKED][:ASKED]
    random_ids = np.sort(np.random.default_rng(5).choice(size, size // KEPT, replace=False)).astype(np.int64)
    about = np.random.default_rng(6).choice(len(real.vectors), len(real.vectors) // KEPT, replace=False)
    topic: list[NDArray[np.int64]] = []
    best: dict[str, list[NDArray[Any]]] = {}
    for number, (vectors, nearest) in enumerate(blocks(real.vectors, size)):
        ids = np.arange(number * BLOCK, number * BLOCK + len(vectors), dtype=np.int64)
        topic.append(ids[np.isin(nearest, about)])
        scores = asked @ vectors.T
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
    asked = real.asked[:: len(real.asked) // ASKED][:ASKED]
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

        found, row["p50 / p95 ms"] = timed(search, asked)
        row["recall@10"] = f"{recall(found, truth.everything):.3f}"
        deep, row["k = 200"] = timed(lambda vector: search(vector, 200), asked)
        row["in 20"] = f"{recall([ids[:20] for ids in deep], truth.everything):.3f}"
        every = int(index.nlist) if kind.startswith("ivf") else 0
        for name, ids, true in (
            ("random 1 %", truth.random_ids, truth.random),
            ("topic 1 %", truth.topic_ids, truth.topic),
        ):
            kept = np.zeros(int(index.ntotal) + 7, dtype=np.uint8)
            kept[ids] = 1
            selector = faiss.IDSelectorBitmap(np.packbits(kept, bitorder="little"))
            found, row[f"{name} ms"] = timed(lambda vector: search(vector, K, selector, every), asked)  # noqa: B023
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


def table(title: str, rows: Sequence[dict[str, str]]) -> None:
    """A Markdown table."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    print(f"\n{title}\n\n| {' | '.join(keys)} |\n|{'---|' * len(keys)}")
    for row in rows:
        print(f"| {' | '.join(row.get(key, '') for key in keys)} |")
    print(flush=True)


def compare_kinds(real: Real, size: int, work: Path, kinds: Sequence[str]) -> None:
    started = time.perf_counter()
    truth = truth_of(real, size, work)
    print(f"exact neighbours of {ASKED} questions: {time.perf_counter() - started:.0f} s", flush=True)
    rows = []
    for kind in kinds:
        if kind.startswith("hnsw") and size > HNSW_MOST:
            continue
        lists = 2 ** round(np.log2(np.sqrt(size)))
        probes = tuple(max(1, lists // part) for part in (64, 32, 16, 8)) if kind.startswith("ivf") else (0,)
        file, facts = (work / f"{kind.replace(' ', '-')}-{size}.{end}" for end in ("faiss", "json"))
        if not facts.exists():  # both stay until they were asked, so that a run that was ended goes on here
            facts.write_text(json.dumps(run(build, kind, lists, real, size, file)))
        for row in run(ask, kind, probes, real, truth, file):
            rows.append({"index": f"{kind} {lists}" if probes[0] else kind, **row, **json.loads(facts.read_text())})
            print(rows[-1], flush=True)
        file.unlink()
        facts.unlink()
    table(f"{size:,} vectors", rows)


def measure_library(real: Real, settings: Settings, truth: Truth) -> list[tuple[str, str]]:
    """What a library of that size costs and finds, as (what, measured). Its index is made where it is not there."""
    rows: list[tuple[str, str]] = []
    with Library.open(settings) as library:
        before = next(library.folder.glob("vectors-*.faiss"), None)
        seconds = stopwatch(VectorIndex(library).save)
        if before is None:
            rows.append(("index made and saved", f"{seconds:.1f} s"))
    rows += run(measure_open, real, settings, truth)
    rows += run(measure_search, real, settings)
    return rows + run(measure_change, real, settings)


def stopwatch(task: Callable[[], object]) -> float:
    """Seconds that a task takes."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def measure_open(real: Real, settings: Settings, truth: Truth) -> list[tuple[str, str]]:
    """Opening, memory, and the dense side by itself."""
    import faiss

    asked = real.asked[:: len(real.asked) // ASKED][:ASKED]
    started = time.perf_counter()
    with Library.open(settings) as library:
        index = VectorIndex(library)
        index.search(asked[0], POOL)
        opened = time.perf_counter() - started
        rows = [("vectors, lists", f"{len(index):,}, {index.lists}"), ("opened, first search", f"{opened:.2f} s")]
        filters = (
            ("dense", None, truth.everything),
            ("dense, random 1 %", truth.random_ids + 1, truth.random),
            ("dense, topic 1 %", truth.topic_ids + 1, truth.topic),
        )
        for name, among, true in filters:
            found, spent = timed(lambda vector, kept=among: index.search(vector, POOL, kept), asked)
            rows.append((f"{name}, p50 / p95 ms", spent))
            nearest = [[key - 1 for key, _ in pairs[:K]] for pairs in found]  # chunks are numbered from 1
            rows.append((f"{name}, recall@10", f"{recall(nearest, true):.3f}"))
            rows.append((f"{name}, fewest results", str(min(map(len, found)))))
        rows.append((f"memory without the embedder (FAISS {faiss.__version__})", f"{resident():.0f} MB"))
    return rows


def measure_search(real: Real, settings: Settings) -> list[tuple[str, str]]:
    """Words and fused, by the questions of the sets, and the memory of a process that answers them."""
    from index.embed import load_embedder

    questions = real.questions[:: len(real.questions) // ASKED][:ASKED]
    embedder = load_embedder(settings)
    embedder.embed_question("to load the model")
    with Library.open(settings) as library:
        retriever = Retriever(library, embedder, settings)
        retriever.search(questions[0])

        def words(question: str) -> object:
            with library.database.reading() as db:
                return search_chunks(db, question, POOL, file_weight=FILE_WEIGHT)

        def document_fields(question: str) -> object:
            with library.database.reading() as db:
                return search_document_fields(db, question, POOL)

        return [
            ("words, p50 / p95 ms", timed(words, questions)[1]),
            ("whole documents, p50 / p95 ms", timed(document_fields, questions)[1]),
            ("embedding a question, p50 / p95 ms", timed(embedder.embed_question, questions)[1]),
            ("fused, p50 / p95 ms", timed(retriever.search, questions)[1]),
            ("memory with the embedder", f"{resident():.0f} MB"),
        ]


def measure_change(real: Real, settings: Settings) -> list[tuple[str, str]]:
    """A document added and removed, each with what the next question waits for."""
    (vectors, _), *_ = blocks(real.vectors[::-1], DOCUMENT)
    texts = [real.passages[at] for at in range(DOCUMENT)]
    hashes = [embeddings.vector_hash("growth", f"new {at}") for at in range(DOCUMENT)]
    given = entry(10**9, texts, hashes)
    with Library.open(settings) as library:
        index = VectorIndex(library)
        index.search(real.asked[0], POOL)
        rows = [
            ("document of 50 chunks put", lambda: library.put([given], dict(zip(hashes, vectors, strict=True)))),
            ("the search after it", lambda: index.search(real.asked[0], POOL)),
            ("index saved", VectorIndex(library).save),
            ("the document removed, files rewritten", lambda: library.remove(given.document.id)),
            ("the search after the removal", lambda: index.search(real.asked[0], POOL)),
        ]
        return [(name, f"{stopwatch(task):.3f} s") for name, task in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", choices=("kinds", "library"))
    parser.add_argument("--kinds", default=",".join(KINDS))
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    real = load_real(given.sets, given.work)
    columns: dict[int, list[tuple[str, str]]] = {}
    for size in map(int, given.sizes.split(",")):
        if given.only != "library":
            compare_kinds(real, size, given.work, given.kinds.split(","))
        if given.only != "kinds":
            settings, seconds = open_grown(given.work, real, size)
            truth = truth_of(real, size, given.work)
            columns[size] = measure_library(real, settings, truth)
            print(f"library of {size:,} chunks, made in {seconds:.0f} s", *columns[size], sep="\n", flush=True)
    if columns:
        names = list(dict.fromkeys(name for found in columns.values() for name, _ in found))
        facts = {size: dict(found) for size, found in columns.items()}
        rows = [{"": name, **{f"{size:,} chunks": facts[size].get(name, "") for size in facts}} for name in names]
        table("Libraries", rows)


if __name__ == "__main__":
    main()
