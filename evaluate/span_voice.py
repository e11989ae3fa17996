"""What a small chat model makes of the reader's sentence and words: the share of the answer's words it holds."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.protocols import ChatEngine
from core.types import Message, Sampling
from evaluate.span_scores import word_recall
from index.span_reader import Reading
from ingest.sentences import sentence_spans

QUESTIONS = 100
"""Questions that are asked, drawn, the same ones every time."""
TOKENS = 48
"""Most tokens of an answer: a short sentence."""
SYSTEM = "You answer questions in one short sentence. Copy names and numbers exactly."
TASK = "{sentence}\n\nThe words that answer are: {words}\n\nAnswer in one short sentence: {question}"


def voice_prompt(question: str, sentence: str, words: str) -> list[Message]:
    """The sentence that the words stand in, the words as a hint, and the question."""
    return [Message("system", SYSTEM), Message("user", TASK.format(sentence=sentence, words=words, question=question))]


def sentence_of(text: str, start: int, end: int) -> str:
    """The sentences of ``text`` that characters ``start`` to ``end`` stand in."""
    touched = [(a, b) for a, b in sentence_spans(text) if a < end and b > start]
    return text[touched[0][0] : touched[-1][1]] if touched else text[start:end]


def voice_recall(
    asked: Mapping[int, tuple[str, Sequence[str]]],
    readings: Mapping[int, tuple[Reading, Sequence[str]]],
    engine: ChatEngine,
    count: int = QUESTIONS,
) -> NDArray[np.float64]:
    """The share of an answer's words in what ``engine`` writes, and in the reader's words: float64 (questions, 2).

    ``asked`` holds question and accepted answers, ``readings`` the reading with the passages read, by the same number.
    """
    rows = []
    for number in sorted(random.Random(0).sample(sorted(asked), min(count, len(asked)))):  # noqa: S311
        question, answers = asked[number]
        reading, passages = readings[number]
        if reading.best is None:
            rows.append((0.0, 0.0))
            continue
        passage, words = reading.best
        sentence = sentence_of(passages[passage], words.start, words.end)
        written = "".join(engine.generate(voice_prompt(question, sentence, words.text), Sampling(max_tokens=TOKENS)))
        rows.append((word_recall(written, answers), word_recall(words.text, answers)))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)
