"""Measures how much of the accepted answer a small chat model writes from the span reader's sentence and words."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.protocols import ChatEngine
from core.types import Citation, Locator, Message, Sampling
from evaluate.span_scores import word_recall
from index.reader.span_reader import Reading
from ingest.sentences import sentence_spans
from prompts.render import load_prompt

QUESTIONS = 100
"""Questions drawn for it, the same ones every time."""
TOKENS = 48
"""Most tokens of an answer: a short sentence."""


def phrasing_prompt(question: str, sentence: Citation, words: str) -> list[Message]:
    """The program's own prompt, with the sentence as the only source and the words as a hint."""
    template = load_prompt("direct")
    message = template.user_message(template.with_hint(question, words), [sentence])
    return [Message("system", template.system), Message("user", message)]


def sentence_of(text: str, start: int, end: int) -> Citation:
    """The sentences of ``text`` that characters ``start`` to ``end`` stand in, as a source without a name."""
    touched = [(a, b) for a, b in sentence_spans(text) if a < end and b > start] or [(start, end)]
    first, last = touched[0][0], touched[-1][1]
    return Citation("", "", Locator(None, ""), text[first:last], first, last, 0.0)


def phrasing_recall(
    questions: Mapping[int, tuple[str, Sequence[str]]],
    readings: Mapping[int, tuple[Reading, Sequence[str]]],
    engine: ChatEngine,
    count: int = QUESTIONS,
) -> NDArray[np.float64]:
    """The share of an answer's words in what ``engine`` writes, and in the reader's words: float64 (questions, 2).

    By question number, ``questions`` holds the question and its accepted answers, ``readings`` the span reader's
    reading and the passages it read.
    """
    rows = []
    for number in sorted(random.Random(0).sample(sorted(questions), min(count, len(questions)))):  # noqa: S311
        question, answers = questions[number]
        reading, passages = readings[number]
        if reading.best is None:
            rows.append((0.0, 0.0))
            continue
        passage, words = reading.best
        sentence = sentence_of(passages[passage], words.start, words.end)
        written = "".join(engine.generate(phrasing_prompt(question, sentence, words.text), Sampling(max_tokens=TOKENS)))
        rows.append((word_recall(written, answers), word_recall(words.text, answers)))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)
