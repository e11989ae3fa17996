"""Real passages -> as many chunks as wanted, for measuring growth: vectors, texts, and libraries that hold them.

A vector is a mix of two passages' embeddings, a * x + (1 - a) * y with a from 0.5 to 1, plus Gaussian noise of length
NOISE, normalised: near its first passage, spread between passages as chunks on the same subjects are. A text is
sentences of three passages, shuffled, so that words are as frequent as in real text.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.settings import Settings, load_settings
from core.types import Chunk, Document, Page
from index.analyzer import index_text
from index.embed import load_embedder
from index.page_spans import clip
from index.store import embeddings, statements, stored_facets
from index.store.library import Library
from index.store.records import Entry, pages_json, utc_time
from ingest.facets.read import read_facets
from ingest.sentences import sentence_spans

Vectors = NDArray[np.float32]

BLOCK = 10_000
"""Vectors made at a time, 15 MB of 384 numbers each; each block has a seed of its own."""

NOISE = 0.3
"""Length of the noise beside a mix of length about 0.8: two mixes of one pair keep a cosine of about .9."""

QUESTIONS = 500
"""Of each set; as many as make a 95th percentile steady."""

DOCUMENT = 50
"""Chunks in a document, about 20 pages."""


@dataclass(frozen=True, slots=True)
class Real:
    """Passages and questions of real sets with their embeddings, of shape (n, dimension)."""

    passages: tuple[str, ...]
    vectors: Vectors
    questions: tuple[str, ...]
    question_vectors: Vectors


def load_real(folders: Sequence[Path], work: Path) -> Real:
    """The sets' passages and a sample of their questions; embeddings are kept in ``work`` for the next run."""
    passages: list[str] = []
    questions: list[str] = []
    for folder in folders:
        rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
        passages += [f"{row['title']}\n{row['text']}" for row in rows]
        texts = [json.loads(line)["text"] for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
        questions += random.Random(3).sample(texts, min(QUESTIONS, len(texts)))
    file = work / "real.npz"
    if file.exists():
        with np.load(file) as kept:
            if len(kept["vectors"]) == len(passages) and len(kept["asked"]) == len(questions):
                return Real(tuple(passages), kept["vectors"], tuple(questions), kept["asked"])
    embedder = load_embedder(load_settings())
    vectors = embedder.embed_passages(passages)
    question_vectors = np.stack([embedder.embed_question(question) for question in questions])
    np.savez(file, vectors=vectors, asked=question_vectors)
    return Real(tuple(passages), vectors, tuple(questions), question_vectors)


def blocks(real: Vectors, size: int, start: int = 0) -> Iterator[tuple[Vectors, NDArray[np.int64]]]:
    """Vectors ``start`` to ``size``, BLOCK at a time, each with the number of the passage that it is nearest to."""
    for first in range(start, size, BLOCK):
        rng = np.random.default_rng([7, first])
        n = min(BLOCK, size - first)
        one, other = rng.integers(0, len(real), n), rng.integers(0, len(real), n)
        share = rng.uniform(0.5, 1.0, (n, 1)).astype(np.float32)
        noise = rng.standard_normal((n, real.shape[1]), dtype=np.float32) * (NOISE / np.sqrt(real.shape[1]))
        mixed = share * real[one] + (1 - share) * real[other] + noise
        yield mixed / np.linalg.norm(mixed, axis=1, keepdims=True), one


class Texts:
    """Texts of shuffled sentences, with the words that the library would index of them."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._sentences = [
            [(text, index_text(text, "en")) for start, end in sentence_spans(body) if (text := body[start:end].strip())]
            for passage in passages
            for body in (passage.partition("\n")[2],)
        ]

    def make(self, rng: random.Random) -> tuple[str, str]:
        """A text of about six sentences, and its indexed words."""
        pool = [sentence for passage in rng.sample(self._sentences, 3) for sentence in passage]
        rng.shuffle(pool)
        chosen = pool[:6]
        return " ".join(text for text, _ in chosen), " ".join(words for _, words in chosen)


def make_entry(number: int, texts: Sequence[str], hashes: Sequence[bytes]) -> Entry:
    """A document whose chunks are ``texts``, one paragraph each."""
    text = "\n\n".join(texts)
    name, chunks, start = f"report-{number:06}.txt", [], 0
    document_id = f"{number:064x}"
    for ordinal, body in enumerate(texts):
        end = start + len(body)
        chunks.append(Chunk(document_id, ordinal, start, end, body, (), len(body) // 4))
        start = end + 2
    page = Page("lines", 1, "", 0, len(text))
    document = Document(document_id, name, "text/plain", f"Report {number}", text, (page,))
    return Entry(document, f"text:{document_id}", len(text), tuple(chunks), tuple(hashes))


def rows(entry: Entry, bodies: Sequence[str]) -> list[statements.ChunkRow]:
    """What ``index.store.statements.prepare`` makes of the entry, from bodies whose words are known."""
    document = entry.document
    file = index_text(f"{document.name}\n{document.title}", "en")
    return [
        statements.ChunkRow(file, body, pages_json(clip(document.pages, document.text, chunk.start, chunk.end)), None)
        for chunk, body in zip(entry.chunks, bodies, strict=True)
    ]


def grow(library: Library, real: Real, size: int) -> float:
    """Fill a library up to ``size`` chunks, a block a transaction; goes on where a killed one was. Returns the seconds.

    Not safe against a loss of power.
    """
    started = time.perf_counter()
    texts = Texts(real.passages)
    db = library.database._connect()  # with the functions that the tables ask for, and settings of its own
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")  # KiB: the random keys of the embeddings stay in memory
    (done,) = db.execute("SELECT count(*) FROM chunks").fetchone()
    for vectors, _ in blocks(real.vectors, size, done):
        rng = random.Random(done)
        db.execute("BEGIN IMMEDIATE")
        generation = statements.next_generation(db)
        for first in range(0, len(vectors), DOCUMENT):
            batch = vectors[first : first + DOCUMENT]
            made = [texts.make(rng) for _ in batch]
            hashes = [embeddings.vector_hash("growth", str(done + at)) for at in range(len(batch))]
            entry = make_entry((done // DOCUMENT) + 1, [text for text, _ in made], hashes)
            embeddings.save_vectors(db, dict(zip(hashes, batch, strict=True)), utc_time())
            statements.put(db, entry, rows(entry, [body for _, body in made]), generation)
            stored_facets.save(db, entry.document.id, read_facets(entry.document))
            done += len(batch)
        db.execute("COMMIT")
    db.execute("INSERT INTO words (words) VALUES ('optimize')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return time.perf_counter() - started


def open_grown(work: Path, real: Real, size: int) -> tuple[Settings, float]:
    """Settings of the library of that size in ``work``, made where it is not there; the seconds that took, or 0."""
    settings = Settings(home=work / "home", library=f"grown-{size}")
    done = work / f"grown-{size}.done"
    seconds = 0.0
    if not done.exists():
        with Library.open(settings, create=True) as library:
            library.bind_embedder(load_embedder(settings))
            seconds = grow(library, real, size)
        done.touch()
    return settings, seconds
