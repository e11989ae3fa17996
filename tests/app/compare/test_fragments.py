"""Moves are found in proportion to what was taken out and put in."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from app.compare.fragments import with_moves
from app.compare.result import Difference, Side
from app.compare.sides import Sides
from app.compare.words import Codes
from core.types import Document, Page

MOST_GROWTH = 6
"""Times as many steps as for a quarter of it: 4 in proportion, 16 by the square."""

TraceFunction = Callable[[FrameType, str, Any], Any]


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


def lines_run(count: int) -> int:
    """How many lines of code run to look for moves where all sentences are others: no clock, which others share."""
    (old, gone), (new, come) = rewritten(count, "old"), rewritten(count, "new")
    differences = [Difference("removed", "must", ("clause",), side, Side()) for side in gone]
    differences += [Difference("added", "must", ("clause",), Side(), side) for side in come]
    lines = 0

    def count_line(_frame: FrameType, event: str, _arg: object) -> TraceFunction:
        nonlocal lines
        lines += event == "line"
        return count_line

    before = sys.gettrace()
    sys.settrace(count_line)
    try:
        found = with_moves(differences, Sides(old, new, [], []), Codes(), [])
    finally:
        sys.settrace(before)
    assert found == differences
    return lines


def test_four_times_as_many_sentences_take_four_times_as_many_steps() -> None:
    assert lines_run(400) < MOST_GROWTH * lines_run(100)
