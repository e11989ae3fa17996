"""Evidence ranked with the span reader, in numbers that can be checked by hand."""

import math
import re

import pytest

from core.types import Citation, Locator, Passage
from index.reader.span_evidence import rank_with_spans, read_in_context
from index.reader.span_reader import AnswerSpan, SpanReading

HERE = Locator(None, "")
TEXT = "It is old. It was built in 1907."


def passage(start: int) -> Passage:
    return Passage("d", "f", "t", start, start + len(TEXT), TEXT, HERE, (), 1.0, None, None)


def sentence(start: int, end: int, score: float) -> Citation:
    return Citation("d", "f", HERE, TEXT[start - 100 : end - 100], start, end, score)


SENTENCES = (sentence(100, 110, 0.6), sentence(111, 132, 0.5))


def test_likely_words_lift_their_sentence() -> None:
    reading = SpanReading(((AnswerSpan(27, 31, "1907", math.log(4)), AnswerSpan(0, 2, "It", 0.0)),), 0.9)
    ranked = rank_with_spans(SENTENCES, [passage(100)], reading, weight=1.0)
    # of "not here" 1, "1907" 4 and "It" 1
    assert [each.quote for each in ranked] == ["It was built in 1907.", "It is old."]
    assert [each.score for each in ranked] == pytest.approx([(0.5 + 4 / 6) / 2, (0.6 + 1 / 6) / 2])


def test_without_words_the_order_stays() -> None:
    ranked = rank_with_spans(SENTENCES, [passage(100)], SpanReading(((),), 0.0), weight=1.0)
    assert [each.start for each in ranked] == [100, 111]


def test_high_and_low_scores_do_not_overflow() -> None:
    reading = SpanReading(((AnswerSpan(27, 31, "1907", 2000.0), AnswerSpan(0, 2, "It", -2000.0)),), 1.0)
    ranked = rank_with_spans(SENTENCES, [passage(100)], reading, weight=1.0)
    assert [each.score for each in ranked] == pytest.approx([0.75, 0.3])


class PointsAtFigures:
    """A reader that points at every figure of a text."""

    def read(self, _question, texts, _cosines=None):
        found = tuple(
            tuple(AnswerSpan(*each.span(), each[0], 0.0) for each in re.finditer(r"\d+(?:\.\d+)*", text))
            for text in texts
        )
        return SpanReading(found, 0.9)

    def familiarity(self, _text):
        return 1.0


def test_the_number_of_a_clause_answers_nothing() -> None:
    text = "3.1 The rent is 1.140 pounds.\n3.4. Rent that is 10 days late bears interest.\n1.5 million boats lie there."
    piece = Passage("d", "f", "Lease", 0, len(text), text, HERE, (), 1.0, None, None)
    reading = read_in_context("When is the rent due?", [piece], PointsAtFigures())
    assert [text[span.start : span.end] for span in reading.spans[0]] == ["1.140", "10", "1.5"]
