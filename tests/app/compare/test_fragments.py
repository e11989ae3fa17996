"""Moves are found in proportion to what was taken out and put in."""

import time

from app.compare.fragments import with_moves
from app.compare.result import Difference, Side
from app.compare.sides import Sides
from app.compare.words import Codes
from core.types import Document, Page

MOST_GROWTH = 8
"""Times as long as a quarter of it: 4 in proportion, 16 by the square."""


def rewritten(count: int, which: str) -> tuple[Document, list[Side]]:
    """A document of ``count`` sentences that no other one holds, and these."""
    sentences = [" ".join(f"{which}{number}x{word}" for word in range(10)) for number in range(count)]
    text = "\n".join(sentences)
    document = Document(which, f"{which}.txt", "text/plain", "", text, (Page("lines", 1, "", 0, len(text)),))
    starts = [text.index(sentence) for sentence in sentences]
    sides = [
        Side(start, start + len(said), start, start + len(said), said, 0, len(said))
        for start, said in zip(starts, sentences, strict=True)
    ]
    return document, sides


def seconds(count: int) -> float:
    """The processor time of looking for moves where all sentences are others."""
    (old, gone), (new, come) = rewritten(count, "old"), rewritten(count, "new")
    differences = [Difference("removed", "must", ("clause",), side, Side()) for side in gone]
    differences += [Difference("added", "must", ("clause",), Side(), side) for side in come]
    began = time.thread_time()
    assert with_moves(differences, Sides(old, new, [], []), Codes(), []) == differences
    return time.thread_time() - began


def test_four_times_as_many_sentences_take_about_four_times_as_long() -> None:
    assert seconds(4000) < MOST_GROWTH * seconds(1000)
