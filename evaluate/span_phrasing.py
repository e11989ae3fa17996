"""How well a small chat model phrases an answer from the span reader's span and its sentence (word recall)."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.protocols import ChatEngine
from core.types import Citation, Locator, Message, Sampling
from evaluate.span_scores import word_recall
from index.reader.span_reader import SpanReading
from ingest.sentences import sentence_spans
from prompts.render import load_prompt

QUESTIONS = 100
"""Questions that are drawn, the same ones every time."""
TOKENS = 48
"""Most tokens of an answer: a short sentence."""


def phrasing_prompt(question: str, sentence: Citation, words: str) -> list[Message]:
    """The messages of the program's own prompt, with the sentence as the only source and the span's words as a hint."""
    template = load_prompt("direct")
    message = template.user_message(template.with_hint(question, words), [sentence])
    return [Message("system", template.system), Message("user", message)]


def sentence_of(text: str, start: int, end: int) -> Citation:
    """The sentences of ``text`` that ``text[start:end]`` is in, as a source without a name."""
    touched = [(a, b) for a, b in sentence_spans(text) if a < end and b > start] or [(start, end)]
    first, last = touched[0][0], touched[-1][1]
    return Citation("", "", Locator(None, ""), text[first:last], first, last, 0.0)


def phrasing_recall(
    questions: Mapping[int, tuple[str, Sequence[str]]],
    readings: Mapping[int, tuple[SpanReading, Sequence[str]]],
    engine: ChatEngine,
    count: int = QUESTIONS,
) -> NDArray[np.float64]:
    """Word recall of what ``engine`` writes, and of the best span itself: float64 (questions, 2).

    ``questions`` holds each question with its accepted answers, ``readings`` its reading with the passages that were
    read, by the same number.
    """
    rows = []
    for number in sorted(random.Random(0).sample(sorted(questions), min(count, len(questions)))):  # noqa: S311
        question, answers = questions[number]
        reading, passages = readings[number]
        if reading.best is None:
            rows.append((0.0, 0.0))
            continue
        passage, span = reading.best
        sentence = sentence_of(passages[passage], span.start, span.end)
        written = "".join(engine.generate(phrasing_prompt(question, sentence, span.text), Sampling(max_tokens=TOKENS)))
        rows.append((word_recall(written, answers), word_recall(span.text, answers)))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)
