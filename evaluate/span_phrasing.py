"""What a small chat model makes of the reader's sentence and words: the share of the answer's words it holds."""

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
"""Questions that are asked, drawn, the same ones every time."""
TOKENS = 48
"""Most tokens of an answer: a short sentence."""


def voice_prompt(question: str, sentence: Citation, words: str) -> list[Message]:
    """What the program itself would ask: its prompt with the sentence as the only source and the words as a hint."""
    template = load_prompt("direct")
    turn = template.user_message(template.with_hint(question, words), [sentence])
    return [Message("system", template.system), Message("user", turn)]


def sentence_of(text: str, start: int, end: int) -> Citation:
    """The sentences of ``text`` that characters ``start`` to ``end`` stand in, as a source without a name."""
    touched = [(a, b) for a, b in sentence_spans(text) if a < end and b > start] or [(start, end)]
    first, last = touched[0][0], touched[-1][1]
    return Citation("", "", Locator(None, ""), text[first:last], first, last, 0.0)


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
