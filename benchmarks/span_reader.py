"""How fast the span reader reads four passages, by number format: ``python benchmarks/span_reader.py``.

With --data DIR also how well each format reads: F1 on the gold passages of squad2-dev's development slice.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from core.settings import load_settings
from evaluate.span_data import load_set
from evaluate.span_scores import word_f1
from index.bundled import bundled_folder
from index.span_loader import load_span_reader, read_embeddings
from index.span_reader import SpanReader

PASSAGES, TOKENS = 4, 200
QUESTION = "When was the first lighthouse of the island rebuilt after the storm?"
SENTENCE = "The keeper wrote in March that the tower had lost its lamp and that repairs would take until summer. "


def readers(folder: Path) -> dict[str, Callable[[], SpanReader]]:
    """Every format by name; each is loaded when it is its turn."""

    def float32() -> SpanReader:
        table = read_embeddings(folder)
        return load_span_reader(folder, table.float())

    def bfloat16() -> SpanReader:
        table = read_embeddings(folder)
        return load_span_reader(folder, table.bfloat16())

    def int8() -> SpanReader:
        reader = float32()
        encoder = reader.network.encoder
        reader.network.encoder = torch.ao.quantization.quantize_dynamic(encoder, {torch.nn.Linear}, torch.qint8)
        return reader

    return {"torch float32": float32, "torch bfloat16": bfloat16, "torch int8, dynamic": int8}


def timed(reader: SpanReader, runs: int) -> list[float]:
    """Milliseconds of each of ``runs`` readings of PASSAGES passages of TOKENS tokens, after two to warm up."""
    passage = SENTENCE * 20
    offsets = reader._tokens(passage)[1]
    passages = [passage[: offsets[TOKENS - 1][1]]] * PASSAGES
    spent = []
    for number in range(runs + 2):
        begun = time.perf_counter()
        reader.read(QUESTION, passages)
        if number >= 2:
            spent.append((time.perf_counter() - begun) * 1000)
    return spent


def f1(reader: SpanReader, data: Path, limit: int) -> float:
    """Mean F1 of the best words in the gold passages of the development slice's first ``limit`` questions."""
    questions = [each for each in load_set(data / "squad2-dev").questions_of("dev") if each.answers][:limit]
    texts = {passage.id: passage.text for passage in load_set(data / "squad2-dev").passages}
    scores = []
    for question in questions:
        best = reader.read(question.text, [texts[question.passage]]).best
        scores.append(word_f1(best[1].text if best else "", question.answers))
    return statistics.fmean(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="readings timed (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--data", type=Path, help="folder that holds squad2-dev")
    parser.add_argument("--limit", type=int, default=200, help="questions read with --data (default: %(default)s)")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    table = Table("format", "p50 ms", "p95 ms", "F1", title=f"{PASSAGES} passages of {TOKENS} tokens")
    with tempfile.TemporaryDirectory() as home:
        folder = bundled_folder(load_settings(home=Path(home)).home)
        for name, load in readers(folder).items():
            reader = load()
            spent = timed(reader, given.runs)
            quality = f"{f1(reader, given.data, given.limit):.3f}" if given.data else "-"
            table.add_row(name, f"{np.median(spent):.0f}", f"{np.quantile(spent, 0.95):.0f}", quality)
    Console().print(table)


if __name__ == "__main__":
    main()
