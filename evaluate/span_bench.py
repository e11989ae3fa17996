"""A set of questions with passages to read them on: what the measures of the span reader share."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from evaluate.span_data import Side, SpanPassage, SpanQuestion, load_set
from evaluate.span_retrieval import RetrievalScores, score
from evaluate.span_scores import exact_match, word_f1
from index.reader.span_reader import ReadsSpans, SpanReading

PASSAGES = 4
"""Passages that a question is read on."""
TIMED = 40
"""Questions whose reading is timed, one at a time."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A set with a span reader: passages to retrieve from, and the questions of a split."""

    span_reader: ReadsSpans
    passages: tuple[SpanPassage, ...]
    questions: tuple[SpanQuestion, ...]
    scores: RetrievalScores

    def read(self, row: int, chosen: Sequence[int]) -> SpanReading:
        """The reading of the question number ``row`` on the passages with these numbers."""
        texts = [self.passages[number].text for number in chosen]
        return self.span_reader.read(
            self.questions[row].text, texts, [float(self.scores.cosines[row, n]) for n in chosen]
        )


def load_bench(folder: Path, split: Side, span_reader: ReadsSpans, embedder: Embedder, limit: int = 0) -> Bench:
    """The set in ``folder``; the development side is retrieved from what is not for testing.

    ``limit`` questions are drawn, the same ones every time; 0 takes all. Raises UsageError where the set is missing.
    """
    data = load_set(folder)
    passages = data.passages if split == "test" else data.passages_of("train", "dev")
    questions = data.questions_of(split)
    if limit and len(questions) > limit:
        questions = tuple(random.Random(0).sample(questions, limit))  # noqa: S311
    scores = score([question.text for question in questions], [passage.text for passage in passages], embedder)
    return Bench(span_reader, passages, questions, scores)


def read_all(bench: Bench, choose: Callable[[Bench, int], list[int]]) -> dict[int, SpanReading]:
    """The reading of every question with an answer, on the passages that ``choose`` gives, by the question's row."""
    return {
        row: bench.read(row, choose(bench, row)) for row, question in enumerate(bench.questions) if question.answers
    }


def matches(bench: Bench, readings: Mapping[int, SpanReading]) -> NDArray[np.float64]:
    """Exact match and F1 of the best span of each reading: float64 (readings, 2)."""
    rows = []
    for row, reading in readings.items():
        span, answers = reading.best[1].text if reading.best else "", bench.questions[row].answers
        rows.append((exact_match(span, answers), word_f1(span, answers)))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def passage_found(bench: Bench, readings: Mapping[int, SpanReading]) -> dict[str, float]:
    """Shares 0..1 of the questions whose own passage is among the retrieved ones, and holds the best span."""
    among, chosen = [], []
    for row, reading in readings.items():
        ids = [bench.passages[number].id for number in retrieved_passages(bench, row)]
        among.append(bench.questions[row].passage in ids)
        chosen.append(reading.best is not None and ids[reading.best[0]] == bench.questions[row].passage)
    return {"retrieved": float(np.mean(among)), "chosen": float(np.mean(chosen))}


def gold_passage(bench: Bench, row: int) -> list[int]:
    """The number of the passage that question ``row`` was written on."""
    wanted = bench.questions[row].passage
    return [number for number, passage in enumerate(bench.passages) if passage.id == wanted]


def retrieved_passages(bench: Bench, row: int) -> list[int]:
    """The numbers of the PASSAGES passages that are retrieved for question ``row``."""
    return [int(number) for number in bench.scores.top(row, PASSAGES)]


def milliseconds(bench: Bench) -> float:
    """The median time of reading the four passages of a question, in milliseconds."""
    spent = []
    for row in range(min(TIMED, len(bench.questions))):
        chosen = retrieved_passages(bench, row)
        begun = time.perf_counter()
        bench.read(row, chosen)
        spent.append((time.perf_counter() - begun) * 1000)
    return float(np.median(spent))
