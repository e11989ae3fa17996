"""What the multilingual embedder loses and gains by multiplying in int8: cosines, hit@5 by the vectors alone, seconds.

    python benchmarks/embedder_precision.py DIR [DIR ...] [--questions 300]

DIR is a set in BEIR's layout (../shared/data/xquad-en); its first questions are asked against all its passages. The
seconds are those of one thread's own processor time, so that other work on the machine counts little.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from core.settings import load_settings
from index.embed import load_embedder
from index.embedders import int8
from index.embedders.packed import PackedEmbedder

Vectors = NDArray[np.float32]


def read(folder: Path, questions: int) -> tuple[dict[str, str], dict[str, str], dict[str, set[str]]]:
    """The passages and the first questions by id, and the ids of each question's right passages."""
    right: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, passage, *_ = line.split("\t")
        right.setdefault(question, set()).add(passage)
    passages, asked = (
        {row["_id"]: row["text"] for row in map(json.loads, (folder / name).read_text("utf-8").splitlines())}
        for name in ("corpus.jsonl", "queries.jsonl")
    )
    kept = [key for key in asked if key in right][:questions]
    return passages, {key: asked[key] for key in kept}, right


def embed(passages: list[str], questions: list[str], *, by_int8: bool) -> tuple[Vectors, Vectors, float]:
    """The vectors of both, and the seconds that the passages took."""
    int8.is_fast = lambda: by_int8
    embedder = load_embedder(load_settings(embedder="multilingual", embedder_threads=1))
    assert isinstance(embedder, PackedEmbedder)
    embedder.warm_up()
    begun = time.thread_time()
    found = embedder.embed_passages(passages)
    seconds = time.thread_time() - begun
    return found, np.stack([embedder.embed_question(question) for question in questions]), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    torch.set_num_threads(1)
    table = Table("set", "passages", "way", "seconds", "cosine: mean", "lowest", "hit@5")
    for folder in given.folders:
        passages, questions, right = read(folder, given.questions)
        exact: Vectors | None = None
        for by_int8 in (False, True):
            found, asked, seconds = embed(list(passages.values()), list(questions.values()), by_int8=by_int8)
            best = np.argsort(-(asked @ found.T), axis=1)[:, :5]
            keys = list(passages)
            hits = [bool(right[key] & {keys[at] for at in row}) for key, row in zip(questions, best, strict=True)]
            exact = found if exact is None else exact
            cosines = (found * exact).sum(axis=1)
            facts = (f"{seconds:.1f}", f"{cosines.mean():.4f}", f"{cosines.min():.4f}", f"{np.mean(hits):.3f}")
            table.add_row(folder.name, str(len(passages)), "int8" if by_int8 else "float32", *facts)
    Console().print(table)


if __name__ == "__main__":
    main()
