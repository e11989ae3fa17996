"""What a library of a size costs and finds, for benchmarks/growth.py."""

from __future__ import annotations

import time

from grown import DOCUMENT, Real, blocks, make_entry
from growth_measures import QUERIES, K, Truth, recall, resident, run, stopwatch, timed

from core.settings import Settings
from index.search.bm25 import FILE_WEIGHT, search_chunks, search_document_fields
from index.search.query import POOL
from index.search.retriever import Retriever
from index.store import embeddings
from index.store.library import Library
from index.store.vectors import VectorIndex


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


def measure_open(real: Real, settings: Settings, truth: Truth) -> list[tuple[str, str]]:
    """Opening, memory, and the dense side by itself."""
    import faiss

    queries = real.question_vectors[:: len(real.question_vectors) // QUERIES][:QUERIES]
    started = time.perf_counter()
    with Library.open(settings) as library:
        index = VectorIndex(library)
        index.search(queries[0], POOL)
        opened = time.perf_counter() - started
        rows = [("vectors, lists", f"{len(index):,}, {index.lists}"), ("opened, first search", f"{opened:.2f} s")]
        filters = (
            ("dense", None, truth.everything),
            ("dense, random 1 %", truth.random_ids + 1, truth.random),
            ("dense, topic 1 %", truth.topic_ids + 1, truth.topic),
        )
        for name, among, true in filters:
            found, spent = timed(lambda vector, kept=among: index.search(vector, POOL, kept), queries)
            rows.append((f"{name}, p50 / p95 ms", spent))
            nearest = [[key - 1 for key, _ in pairs[:K]] for pairs in found]  # chunks are numbered from 1
            rows.append((f"{name}, recall@10", f"{recall(nearest, true):.3f}"))
            rows.append((f"{name}, fewest results", str(min(map(len, found)))))
        rows.append((f"memory without the embedder (FAISS {faiss.__version__})", f"{resident():.0f} MB"))
    return rows


def measure_search(real: Real, settings: Settings) -> list[tuple[str, str]]:
    """Words and fused, by the questions of the sets, and the memory of a process that answers them."""
    from index.embed import load_embedder

    questions = real.questions[:: len(real.questions) // QUERIES][:QUERIES]
    embedder = load_embedder(settings)
    embedder.embed_question("to load the model")
    with Library.open(settings) as library:
        retriever = Retriever(library, embedder, settings)
        retriever.search(questions[0])

        def words(question: str) -> object:
            with library.database.reading() as db:
                return search_chunks(db, question, POOL, file_weight=FILE_WEIGHT)

        def abouts(question: str) -> object:
            with library.database.reading() as db:
                return search_document_fields(db, question, POOL)

        return [
            ("words, p50 / p95 ms", timed(words, questions)[1]),
            ("whole documents, p50 / p95 ms", timed(abouts, questions)[1]),
            ("embedding a question, p50 / p95 ms", timed(embedder.embed_question, questions)[1]),
            ("fused, p50 / p95 ms", timed(retriever.search, questions)[1]),
            ("memory with the embedder", f"{resident():.0f} MB"),
        ]


def measure_change(real: Real, settings: Settings) -> list[tuple[str, str]]:
    """A document added and removed, each with what the next question waits for."""
    (vectors, _), *_ = blocks(real.vectors[::-1], DOCUMENT)
    texts = [real.passages[at] for at in range(DOCUMENT)]
    hashes = [embeddings.vector_hash("growth", f"new {at}") for at in range(DOCUMENT)]
    entry = make_entry(10**9, texts, hashes)
    with Library.open(settings) as library:
        index = VectorIndex(library)
        index.search(real.question_vectors[0], POOL)
        rows = [
            ("document of 50 chunks put", lambda: library.put([entry], dict(zip(hashes, vectors, strict=True)))),
            ("the search after it", lambda: index.search(real.question_vectors[0], POOL)),
            ("index saved", VectorIndex(library).save),
            ("the document removed, files rewritten", lambda: library.remove(entry.document.id)),
            ("the search after the removal", lambda: index.search(real.question_vectors[0], POOL)),
        ]
        return [(name, f"{stopwatch(task):.3f} s") for name, task in rows]
